package io.rowbell.engine;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an engine is doing, since when and why.
 *
 * @param state what it is doing
 * @param since since when
 * @param reason why, in words; null for RUNNING and STOPPED
 */
public record Status(EngineState state, Instant since, @Nullable String reason) {
  public Status {
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(since, "since");
  }
}
