package io.rowbell.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How a subscriber's deliveries go. Written by its thread, read by any. */
final class Health {
  /**
   * @param failingSince since when deliveries wait to be tried again; null if none does
   * @param lastErrorAt when one failed last; null if none has
   * @param lastError why
   */
  record State(
      @Nullable Instant failingSince, @Nullable Instant lastErrorAt, @Nullable String lastError) {}

  private volatile State state = new State(null, null, null);

  private volatile boolean paused;
  private volatile @Nullable Instant oldest;

  /** Whether somebody has paused it. */
  boolean isPaused() {
    return paused;
  }

  /** When the first of the events was committed that were read and are not done; null if none. */
  @Nullable Instant oldest() {
    return oldest;
  }

  void oldest(@Nullable Instant committed) {
    oldest = committed;
  }

  void paused(boolean now) {
    paused = now;
  }

  State state() {
    return state;
  }

  void failed(Instant now, String why) {
    Instant since = state.failingSince();
    state = new State(since == null ? now : since, now, why);
  }

  void well() {
    if (state.failingSince() != null) {
      state = new State(null, state.lastErrorAt(), state.lastError());
    }
  }
}
