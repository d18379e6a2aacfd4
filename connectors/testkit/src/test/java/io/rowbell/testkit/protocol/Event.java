package io.rowbell.testkit.protocol;

/**
 * An event and what it was made of: same change, same id.
 *
 * @param of what made it: a row; a commit, for a rule that waits for it; the end of a wait
 * @param xid with {@code lsn} and {@code index} the id of the change
 * @param number what the rule's memory made of it
 */
record Event(Cause of, char xid, int lsn, int index, int number) {
  enum Cause {
    ROW,
    COMMIT,
    TIMER
  }

  @Override
  public String toString() {
    return of + " " + xid + "@" + lsn + "." + index + " #" + number;
  }
}
