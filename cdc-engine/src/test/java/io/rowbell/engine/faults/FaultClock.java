package io.rowbell.engine.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * When the faults of a case began and ended: what is promised after them (G6) counts from there. As
 * long as no engine was started there is one, too. Times are {@link System#nanoTime}. Safe to use
 * from several threads.
 */
final class FaultClock {
  private final List<Long> ends = new ArrayList<>();
  private int faults;
  private boolean sound;
  private boolean lasts;

  /** A fault begins, or was there; it is over with the next start of an engine. */
  synchronized void injected() {
    faults++;
    sound = false;
  }

  /** A fault begins that starts of engines do not end, only {@link #healed}. */
  synchronized void begun() {
    injected();
    lasts = true;
  }

  /** An engine is started. */
  synchronized void started() {
    if (!lasts) {
      healed();
    }
  }

  /** The last fault ends at this moment. */
  synchronized void healed() {
    lasts = false;
    sound = true;
    ends.add(System.nanoTime());
  }

  /** How many there were. */
  synchronized int faults() {
    return faults;
  }

  /** When the last fault ended; empty while there is one. */
  synchronized OptionalLong soundSince() {
    return sound ? OptionalLong.of(ends.get(ends.size() - 1)) : OptionalLong.empty();
  }

  /**
   * Since when something may have recovered.
   *
   * @param started when the process was started
   * @param recovered when it was ready
   */
  synchronized long recoveringSince(long started, long recovered) {
    return ends.stream()
        .filter(end -> end >= started && end <= recovered)
        .mapToLong(Long::longValue)
        .max()
        .orElse(started);
  }
}
