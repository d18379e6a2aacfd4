package io.rowbell.testkit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The bound of a wait. */
final class Deadline {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final long end;

  private Deadline(long end) {
    this.end = end;
  }

  static Deadline in(Duration timeout) {
    return new Deadline(System.nanoTime() + timeout.toNanos());
  }

  boolean passed() {
    return remainingNanos() <= 0;
  }

  long remainingNanos() {
    return end - System.nanoTime();
  }

  /** Gives the processor away between two looks at a server that cannot wake us. */
  void pause() {
    LockSupport.parkNanos(PAUSE_NANOS);
    if (Thread.currentThread().isInterrupted()) {
      throw new IllegalStateException("interrupted while waiting");
    }
  }
}
