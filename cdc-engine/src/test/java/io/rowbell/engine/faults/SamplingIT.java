package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.spi.JournalException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What is passed over while one looks on, and what is not. */
class SamplingIT {
  private static List<String> failures(Sampling.Look look) {
    AtomicInteger looks = new AtomicInteger();
    Sampling sampling =
        Sampling.start(
            "a-look",
            FaultServers.postgres(),
            "postgres",
            Duration.ofMillis(10),
            connection -> {
              looks.incrementAndGet();
              look.take(connection);
            });
    try (sampling) {
      Awaitility.await().until(() -> looks.get() > 3);
    }
    return sampling.failures();
  }

  @Test
  void onlyWhatServersAndJournalsMayDoIsPassedOver() {
    assertThat(
            failures(
                connection -> {
                  throw new SQLException("it is down");
                }))
        .isEmpty();
    assertThat(
            failures(
                connection -> {
                  throw new JournalException(JournalException.Kind.UNAVAILABLE, "it is down", null);
                }))
        .isEmpty();
    assertThat(
            failures(
                connection -> {
                  throw new IllegalStateException("the look is wrong");
                }))
        .hasSize(1)
        .allMatch(failure -> failure.contains("a-look-postgres failed"))
        .allMatch(failure -> failure.contains("the look is wrong"));
    assertThat(
            failures(
                connection -> {
                  throw new AssertionError("so is this one");
                }))
        .hasSize(1);
  }
}
