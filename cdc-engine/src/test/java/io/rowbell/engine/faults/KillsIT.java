package io.rowbell.engine.faults;

import io.rowbell.spi.FailPoint;
import io.rowbell.testkit.LedgerWorkload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The engine is killed at each place of the commit protocol, and anywhere. */
@Timeout(300)
class KillsIT {
  @TempDir private Path directory;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F01 killed after sending, before the commit")
  void f01KilledBeforeTheCommit(JournalKind journal) throws Exception {
    FailPoint inside =
        journal == JournalKind.SQLITE ? FailPoint.SQLITE_WRITTEN : FailPoint.KAFKA_SENT;
    killedAt("F01", journal, List.of(inside, inside));
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F02 killed after the commit, before the mark")
  void f02KilledAfterTheCommit(JournalKind journal) throws Exception {
    FailPoint committed =
        journal == JournalKind.SQLITE ? FailPoint.APPENDED : FailPoint.KAFKA_COMMITTED;
    killedAt("F02", journal, List.of(committed, FailPoint.APPENDED));
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F03 killed after the mark, before feedback to the slot")
  void f03KilledBeforeFeedback(JournalKind journal) throws Exception {
    killedAt("F03", journal, List.of(FailPoint.MARKED, FailPoint.CONFIRMING));
  }

  private void killedAt(String number, JournalKind journal, List<FailPoint> points)
      throws Exception {
    try (FaultCase fault = FaultCase.begin(number, journal, directory)) {
      Random random = new Random(fault.seed());
      fault.workload(LedgerWorkload.on(fault.ledger()).pause(Duration.ofMillis(20)));
      for (FailPoint point : points) {
        fault.halt(point, 1 + random.nextInt(5));
      }
      try (EngineProcess engine = fault.engine()) {
        fault.recovered(engine.awaitReady());
        fault.verify(engine);
      }
    }
  }
}
