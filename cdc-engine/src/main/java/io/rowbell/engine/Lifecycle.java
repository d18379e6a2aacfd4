package io.rowbell.engine;

import java.time.InstantSource;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an engine is doing, and how it goes from one to the next: see {@link EngineState}. */
final class Lifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

  private final String pipeline;
  private final InstantSource clock;
  private volatile Status status;

  Lifecycle(String pipeline, InstantSource clock) {
    this.pipeline = pipeline;
    this.clock = clock;
    this.status = new Status(EngineState.STARTING, clock.instant(), null);
  }

  Status status() {
    return status;
  }

  /** What is final stays, and what is stopping only ends. */
  synchronized void moveTo(EngineState state, @Nullable String reason) {
    Status before = status;
    boolean tooLate = before.state() == EngineState.STOPPING && !state.isFinal();
    boolean news = before.state() != state || !Objects.equals(before.reason(), reason);
    if (before.state().isFinal() || tooLate || !news) {
      return;
    }
    status = new Status(state, clock.instant(), reason);
    if (state == EngineState.WAITING) {
      LOG.warn("pipeline {}: waiting: {}", pipeline, reason);
    } else {
      LOG.info("pipeline {}: {}", pipeline, state.name().toLowerCase(Locale.ROOT));
    }
  }
}
