package io.rowbell.engine;

import io.rowbell.spi.Source.SourceStatus;
import java.time.Duration;

/**
 * Whether a pipeline moves: not a flag, but the age of a marker's round trip. A marker is written
 * through SQL and must be seen back in the change stream.
 *
 * @param ready whether changes arrive
 * @param reason why not; says {@code moving} if they do
 */
record Readiness(boolean ready, String reason) {
  /** A silent stall of this length turns readiness off. */
  static final Duration STALL = Duration.ofSeconds(10);

  static Readiness of(Status status, SourceStatus source, long nanos) {
    if (status.state() != EngineState.RUNNING) {
      String reason = status.reason() == null ? "" : ": " + status.reason();
      return new Readiness(
          false, status.state().name().toLowerCase(java.util.Locale.ROOT) + reason);
    }
    if (!source.connected()) {
      return new Readiness(false, "the change stream is not open yet");
    }
    if (source.lastMarker() == 0) {
      return new Readiness(false, "no marker has come back through the change stream yet");
    }
    Duration age = Duration.ofNanos(nanos - source.lastMarker());
    return age.compareTo(STALL) > 0
        ? new Readiness(
            false,
            "no marker has come back through the change stream for " + age.toSeconds() + " s")
        : new Readiness(true, "moving");
  }
}
