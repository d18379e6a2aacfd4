package io.rowbell.testkit.protocol;

/**
 * D: all that was committed before a position is in the journal, and so many rows of the
 * transaction that commits next, if that was too large for one batch.
 *
 * @param xid that transaction; a space if none
 */
record Checkpoint(int position, char xid, int rows) {
  static final Checkpoint START = at(0);

  static Checkpoint at(int position) {
    return new Checkpoint(position, ' ', 0);
  }

  boolean isInside() {
    return rows > 0;
  }

  @Override
  public String toString() {
    return isInside() ? position + "+" + rows + " of " + xid : Integer.toString(position);
  }
}
