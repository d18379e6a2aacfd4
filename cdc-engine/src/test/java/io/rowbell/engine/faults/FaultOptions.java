package io.rowbell.engine.faults;

/**
 * How much is done: the short form belongs to every build; {@code -Drowbell.faults=long} takes
 * hours, and {@code -Drowbell.faults.kills=300} says how many faults each case injects.
 */
final class FaultOptions {
  static final boolean LONG = "long".equals(System.getProperty("rowbell.faults"));

  private FaultOptions() {}

  /** How many faults a case injects. */
  static int faults(int inShort, int inLong) {
    return Integer.getInteger("rowbell.faults.kills", LONG ? inLong : inShort);
  }
}
