package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Position;
import io.rowbell.testkit.LedgerWorkload;
import io.rowbell.testkit.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A subscriber takes nothing for so long that the journal reaches its limit: nothing more is read
 * from the database, that is told in every way there is, and it goes on by itself.
 */
class FullJournalIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int LIMIT = 1 << 20;

  @TempDir private Path directory;

  @Test
  @DisplayName("a subscriber that stands still fills the journal; it is resumed, or skips")
  void aSubscriberStandsStill() throws Exception {
    try (FaultCase fault =
            FaultCase.begin(
                "FULL",
                JournalKind.SQLITE,
                directory,
                CaseSettings.USUAL
                    .sqlite("max-size: 1MiB")
                    .sections(
                        "subscribers: [{name: audit, handler: %s}]"
                            .formatted(KeepingHandler.class.getName())));
        EngineProcess engine = fault.engine()) {
      engine.awaitReady();
      fault.caughtUpWithin(SOON);
      fault.rowbell("subscribers", "pause", "audit");
      LedgerWorkload load = fault.workload(fault.load().pause(Duration.ofMillis(20)).copyRows(500));
      awaitFull(fault, engine);
      Position confirmed = fault.slot().confirmed();
      load.awaitCommits(50);
      engine.awaitGrowth(
          "rowbell_source_retained_wal_bytes",
          "rowbell_source_lag_bytes",
          "rowbell_source_lag_seconds");
      assertThat(fault.slot().confirmed()).as("nothing is read").isEqualTo(confirmed);
      assertThat(fault.journal().durable()).contains(confirmed);

      fault.healed();
      fault.rowbell("subscribers", "resume", "audit");
      load.finish();
      fault.recovered(fault.awaitProgress(engine, SOON));
      long expected = fault.ledger().expectedEvents();
      Awaitility.await()
          .atMost(SOON)
          .until(() -> KeepingHandler.delivered(directory).size() >= expected);
      Verdict.of(fault.ledger(), KeepingHandler.delivered(directory))
          .requireClean(fault.about(engine));

      fault.rowbell("subscribers", "pause", "audit");
      fault
          .postgres()
          .execute(
              fault.database(),
              "INSERT INTO ledger SELECT n, 1, 1, 'large' FROM generate_series(1, 10000) n");
      awaitFull(fault, engine);
      fault.healed();
      Awaitility.await()
          .atMost(SOON)
          .until(
              () -> {
                fault.rowbell("subscribers", "skip", "audit", "--to", "latest", "--yes");
                return engine.ready();
              });
      Duration unused = fault.awaitProgress(engine, SOON);
    }
  }

  private void awaitFull(FaultCase fault, EngineProcess engine) throws Exception {
    Awaitility.await()
        .atMost(SOON)
        .until(() -> engine.get("/ready").contains("journal.db is full"));
    fault.injected();
    assertThat(engine.ready()).isFalse();
    assertThat(engine.get("/ready"))
        .contains("'audit'", "rowbell subscribers resume audit", "rowbell subscribers skip audit");
    Scrape metrics = Scrape.of(engine.get("/metrics"));
    assertThat(metrics.value("rowbell_ready")).isZero();
    assertThat(metrics.value("rowbell_journal_limit_bytes")).isEqualTo(LIMIT);
    assertThat(metrics.value("rowbell_journal_bytes")).isGreaterThan(LIMIT * 0.8);
    assertThat(metrics.value("rowbell_subscriber_lag_events")).isPositive();
    assertThat(engine.output()).contains("waiting: ", "is full: it has reached its max-size");
    assertThat(Files.size(fault.journalFile())).isLessThanOrEqualTo(LIMIT);
  }
}
