package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Checkpoint;
import io.rowbell.spi.FailPoint;
import io.rowbell.testkit.FaultReport;
import io.rowbell.testkit.LedgerWorkload;
import io.rowbell.testkit.LedgerWorkload.Shape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
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

  /** Of a transaction that no heap holds: these rows take three times the heap. */
  private static final int HUGE = FaultOptions.LONG ? 1_000_000 : 120_000;

  private static final String HEAP = FaultOptions.LONG ? "-Xmx256m" : "-Xmx56m";
  private static final Duration LATER = Duration.ofMinutes(10);

  @TempDir private Path directory;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F16 a transaction of 1,000,000 rows, killed in the middle")
  void f16KilledInsideAHugeTransaction(JournalKind journal) throws Exception {
    CaseSettings settings = CaseSettings.USUAL.source("max-batch-changes: 8192");
    try (FaultCase fault = FaultCase.begin("F16", journal, directory, settings)) {
      if (FaultOptions.LONG) {
        fault.caughtUpWithin(LATER);
      }
      fault
          .workload(fault.load().writers(1).shapes(Shape.COPY).copyRows(HUGE).transactions(1))
          .awaitEnd(LATER);
      long rows = killInTheMiddle(fault, 0, FailPoint.ROW.option("halt@" + HUGE / 2));
      if (FaultOptions.LONG) {
        rows = killInTheMiddle(fault, rows, FailPoint.APPENDED.option("halt@4"));
      }
      long done = rows;
      long began = System.nanoTime();
      try (EngineProcess engine = fault.engine(HEAP, Footprint.OPTION)) {
        Awaitility.await()
            .atMost(LATER)
            .until(() -> !engine.running() || rowsDone(fault).filter(now -> now == done).isEmpty());
        engine.requireRunning();
        engine.moved();
        Duration recovery = Duration.ofNanos(System.nanoTime() - began);
        Duration took = fault.awaitProgress(engine, LATER);
        long heap = Footprint.heapInUse(engine.process().output());
        FaultReport.figures(
            "F16 %s: %d of %d rows were done; recovery %d ms, the rest %d ms; heap in use %d MiB of %s, resident %d MiB"
                .formatted(
                    journal.label(),
                    done,
                    HUGE,
                    recovery.toMillis(),
                    took.toMillis(),
                    heap,
                    HEAP,
                    Footprint.resident(engine.process().pid())));
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }

  /**
   * Lets an engine be killed inside the transaction.
   *
   * @param before how many of its rows are in the journal
   * @return how many are then: more, and never all
   */
  private static long killInTheMiddle(FaultCase fault, long before, String killed)
      throws Exception {
    try (EngineProcess engine = fault.engine(HEAP, killed)) {
      assertThat(engine.process().awaitExit(LATER)).as(engine.output()).isEqualTo(FailPoint.HALTED);
    }
    fault.injected();
    long rows = rowsDone(fault).orElse(0L);
    assertThat(rows).isBetween(before + 1, HUGE - 1L);
    assertThat(fault.journal().events()).as("as many as the checkpoint says").hasSize((int) rows);
    return rows;
  }

  /** How many rows of an open transaction are in the journal; empty if it is not inside one. */
  private static Optional<Long> rowsDone(FaultCase fault) throws Exception {
    return fault.journal().checkpoint().filter(done -> done.openXid() != 0).map(Checkpoint::rows);
  }

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
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F18 long transactions that overlap, and restarts")
  void f18RestartedAmongOverlappingTransactions(JournalKind journal) throws Exception {
    try (FaultCase fault = FaultCase.begin("F18", journal, directory, CaseSettings.IMPATIENT)) {
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
          engine.awaitReady();
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
        engine.awaitReady();
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
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }
}
