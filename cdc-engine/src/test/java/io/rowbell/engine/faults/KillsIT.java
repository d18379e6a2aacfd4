package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.spi.FailPoint;
import io.rowbell.testkit.FaultSchedule;
import io.rowbell.testkit.LedgerWorkload;
import io.rowbell.testkit.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The engine is killed at each place of the commit protocol, and anywhere. */
class KillsIT {
  /** How long an orderly end may take: the engine's own grace and a little. */
  private static final Duration GRACE = Duration.ofSeconds(25);

  private static final int COMMITS_BETWEEN = 30;
  private static final int WITHIN_MILLIS = 700;

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
    // Who looks at the journal waits until the cluster has given up what a dead writer left open.
    try (FaultCase fault = FaultCase.begin(number, journal, directory, CaseSettings.IMPATIENT)) {
      Random random = new Random(fault.seed());
      fault.workload(fault.gentleLoad());
      for (int i = 0; i < FaultOptions.faults(points.size(), 100); i++) {
        fault.halt(points.get(i % points.size()), 1 + random.nextInt(5));
      }
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F04 killed at random, again and again")
  void f04KilledAtRandom(JournalKind journal) throws Exception {
    FaultSchedule schedule =
        FaultSchedule.chosen()
            .orElseGet(
                () ->
                    FaultSchedule.random(
                        FaultOptions.SEED,
                        FaultOptions.faults(3, 100),
                        COMMITS_BETWEEN,
                        List.of("kill", "kill-when-ready")));
    Verdict verdict = killedAtRandom("F04", journal, schedule);
    if (FaultOptions.SHRINK && !verdict.violations().isEmpty()) {
      int[] trials = {0};
      schedule =
          schedule.shrink(
              less -> !killedAtRandom("F04x" + ++trials[0], journal, less).violations().isEmpty());
    }
    verdict.requireClean("-D" + FaultSchedule.PROPERTY + "=" + schedule);
  }

  private Verdict killedAtRandom(String number, JournalKind journal, FaultSchedule schedule)
      throws Exception {
    Path home = Files.createDirectories(directory.resolve(number));
    Random random = new Random(schedule.seed());
    try (FaultCase fault = FaultCase.begin(number, journal, home, CaseSettings.IMPATIENT)) {
      LedgerWorkload load = fault.workload(fault.gentleLoad().seed(schedule.seed()));
      AtomicReference<EngineProcess> engine = new AtomicReference<>(fault.engine());
      try {
        schedule.run(
            load,
            Map.of(
                "kill",
                () -> killAndStart(fault, engine, random),
                "kill-when-ready",
                () -> {
                  now(engine).awaitReady();
                  killAndStart(fault, engine, random);
                }));
        now(engine).awaitReady();
        Verdict verdict = fault.verdict(now(engine));
        assertThat(fault.slowestRecovery()).isLessThan(Promised.onThisMachine(Promised.RECOVERED));
        return verdict;
      } finally {
        now(engine).close();
      }
    }
  }

  private static EngineProcess now(AtomicReference<EngineProcess> engine) {
    return Objects.requireNonNull(engine.get());
  }

  private static void killAndStart(
      FaultCase fault, AtomicReference<EngineProcess> engine, Random random) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(WITHIN_MILLIS)));
    now(engine).requireRunning();
    now(engine).close();
    fault.injected();
    engine.set(fault.engine());
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F05 asked to end under load")
  void f05AskedToEnd(JournalKind journal) throws Exception {
    try (FaultCase fault = FaultCase.begin("F05", journal, directory)) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      for (int i = 0; i < FaultOptions.faults(1, 50); i++) {
        try (EngineProcess engine = fault.engine()) {
          engine.awaitReady();
          load.awaitCommits(COMMITS_BETWEEN);
          engine.process().terminate();
          assertThat(engine.process().awaitExit(GRACE)).as(engine.output()).isZero();
          fault.injected();
        }
        // What is durable was confirmed: the server has nothing to send again.
        assertThat(fault.journal().durable()).contains(fault.slot().confirmed());
      }
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.verify(engine);
      }
    }
  }
}
