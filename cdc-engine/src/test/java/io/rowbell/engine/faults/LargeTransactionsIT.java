package io.rowbell.engine.faults;

import io.rowbell.spi.FailPoint;
import io.rowbell.testkit.LedgerWorkload;
import io.rowbell.testkit.LedgerWorkload.Shape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Transactions that share positions, overlap, and are rolled back in part. With Debezium's own
 * offsets the first two lose rows: {@code DebeziumOffsetsIT} of connectors/postgres shows it.
 */
class LargeTransactionsIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int COPIED = 10_000;

  @TempDir private Path directory;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F17 a COPY of 10,000 rows, killed at a random row")
  void f17KilledInsideACopy(JournalKind journal) throws Exception {
    try (FaultCase fault = FaultCase.begin("F17", journal, directory)) {
      int kills = FaultOptions.faults(3, 30);
      fault
          .workload(
              fault.load().writers(1).shapes(Shape.COPY).copyRows(COPIED).transactions(kills + 1))
          .awaitEnd(SOON);
      Random random = new Random(fault.seed());
      for (int kill = 0; kill < kills; kill++) {
        fault.halt(FailPoint.ROW, 1 + random.nextInt(COPIED));
      }
      try (EngineProcess engine = fault.engine()) {
        fault.recovered(engine.awaitReady());
        fault.verify(engine);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F18 long transactions that overlap, and restarts")
  void f18RestartedAmongOverlappingTransactions(JournalKind journal) throws Exception {
    try (FaultCase fault = FaultCase.begin("F18", journal, directory)) {
      LedgerWorkload load =
          fault.workload(
              fault
                  .load()
                  .writers(5)
                  .pause(Duration.ofMillis(50))
                  .copyRows(40)
                  .shapes(Shape.LONG, Shape.LONG, Shape.TRANSFER, Shape.MULTI_ROW, Shape.COPY));
      Random random = new Random(fault.seed());
      for (int i = 0; i < FaultOptions.faults(4, 100); i++) {
        try (EngineProcess engine = fault.engine()) {
          fault.recovered(engine.awaitReady());
          load.awaitCommits(5);
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(400)));
          engine.requireRunning();
          if (i % 2 == 0) {
            engine.process().terminate();
            int unused = engine.process().awaitExit(SOON);
          }
        }
        fault.injected();
      }
      try (EngineProcess engine = fault.engine()) {
        fault.recovered(engine.awaitReady());
        fault.verify(engine);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F19 savepoints, aborted sub-transactions, prepared transactions")
  void f19WhatWasRolledBackIsNeverTold(JournalKind journal) throws Exception {
    try (FaultCase fault = FaultCase.begin("F19", journal, directory)) {
      fault.workload(
          fault
              .load()
              .pause(Duration.ofMillis(50))
              .shapes(
                  Shape.SAVEPOINTS,
                  Shape.SAVEPOINTS,
                  Shape.TRANSFER,
                  Shape.ROLLED_BACK,
                  Shape.PREPARED,
                  Shape.PREPARED_ROLLED_BACK));
      Random random = new Random(fault.seed());
      for (int i = 0; i < FaultOptions.faults(2, 50); i++) {
        fault.halt(
            List.of(FailPoint.APPENDED, FailPoint.BEFORE_APPEND).get(i % 2), 1 + random.nextInt(5));
      }
      try (EngineProcess engine = fault.engine()) {
        fault.recovered(engine.awaitReady());
        fault.verify(engine);
      }
    }
  }
}
