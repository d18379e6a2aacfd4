package io.rowbell.postgres;

import java.time.Duration;

/** How many rows of one table are read at a time, and when it is its turn. Used by one thread. */
final class BackfillPace {
  static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final int FIRST_ROWS = 100;

  private final int mostRows;
  private int rows;
  private Duration pause = FIRST_PAUSE;
  private long dueAt = Long.MIN_VALUE;

  BackfillPace(int mostRows) {
    this.mostRows = mostRows;
    this.rows = Math.min(FIRST_ROWS, mostRows);
  }

  /**
   * Whether it is its turn.
   *
   * @param now in nanoseconds from any origin, the same for all calls
   */
  boolean isDue(long now) {
    return dueAt == Long.MIN_VALUE || now - dueAt >= 0;
  }

  /** How many rows the next chunk is to have. */
  int rows() {
    return rows;
  }

  /** A chunk was read; the next one may be larger, unless this one was large enough. */
  void read(boolean large) {
    rows = large ? Math.max(1, rows / 2) : Math.min(rows * 2, mostRows);
    pause = FIRST_PAUSE;
    dueAt = Long.MIN_VALUE;
  }

  /**
   * A chunk could not be read: each time the table waits twice as long.
   *
   * @param tookTooLong whether fewer rows may help
   */
  void heldUp(long now, boolean tookTooLong) {
    if (tookTooLong) {
      rows = Math.max(1, rows / 2);
    }
    dueAt = now + pause.toNanos();
    Duration longer = pause.multipliedBy(2);
    pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
  }
}
