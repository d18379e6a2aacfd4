package io.rowbell.engine;

import io.rowbell.engine.config.EngineConfig;
import io.rowbell.engine.config.StandbyConfig;
import io.rowbell.spi.Finding;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Whether one that stands by would take an instance that waits for its journal for one that hangs.
 */
final class StandbyPatience {
  private StandbyPatience() {}

  /** What is to be said of it; empty if it is patient enough, or nobody stands by. */
  static Optional<Finding> find(EngineConfig config) {
    StandbyConfig standby = config.standby();
    Duration append = config.journal().longestAppend().orElse(Duration.ZERO);
    if (standby == null || standby.takeOverAfter().compareTo(append) > 0) {
      return Optional.empty();
    }
    String journal = config.journal().factory().name();
    return Optional.of(
        new Finding(
            Finding.Severity.WARNING,
            "W209",
            "standby.take-over-after",
            "it is %d s, and journal.%s.timeout %d s: one that stands by takes over while the other waits for an append"
                .formatted(standby.takeOverAfter().toSeconds(), journal, append.toSeconds()),
            "make it longer, unless that is wanted",
            List.of()));
  }
}
