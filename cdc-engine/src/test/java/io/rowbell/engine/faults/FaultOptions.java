package io.rowbell.engine.faults;

/**
 * How much is done: the short form belongs to every build; {@code -Drowbell.faults=long} takes
 * hours, {@code -Drowbell.faults.kills=300} says how many faults each case injects, and {@code
 * -Drowbell.faults.shrink=true} runs a schedule that fails again and again, to make it shorter.
 */
final class FaultOptions {
  static final boolean LONG = "long".equals(System.getProperty("rowbell.faults"));

  /** Whether a schedule that fails is made shorter: each trial is a run of its own. */
  static final boolean SHRINK = Boolean.getBoolean("rowbell.faults.shrink");

  /**
   * What all choices follow from; {@code -Drowbell.faults.seed=} chooses it. The short form makes
   * the same choices in each build, so that one which fails does so of what was changed; the long
   * form is there to find what nobody has met yet, and begins with other ones each time.
   */
  static final long SEED =
      Long.getLong("rowbell.faults.seed", LONG ? System.nanoTime() % 1_000_000 : 532_398);

  private FaultOptions() {}

  /** How many faults a case injects. */
  static int faults(int inShort, int inLong) {
    return Integer.getInteger("rowbell.faults.kills", LONG ? inLong : inShort);
  }
}
