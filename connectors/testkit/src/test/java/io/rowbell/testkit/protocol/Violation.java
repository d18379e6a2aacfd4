package io.rowbell.testkit.protocol;

/**
 * Something that does not hold, and how it came to that.
 *
 * @param what in words
 */
record Violation(String what, Schedule schedule) {
  @Override
  public String toString() {
    return what + "\n" + schedule;
  }
}
