package io.rowbell.engine.faults;

import io.rowbell.testkit.LedgerWorkload;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** PostgreSQL ends the engine's sessions, or ends itself; the engine stays. */
class ServerKillsIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int COMMITS_BETWEEN = 15;

  @TempDir private Path directory;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F09 pg_terminate_backend in a loop")
  void f09SessionsAreTerminated(JournalKind journal) throws Exception {
    try (FaultCase fault = FaultCase.begin("F09", journal, directory)) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        for (int i = 0; i < FaultOptions.faults(5, 200); i++) {
          load.awaitCommits(COMMITS_BETWEEN);
          String before = Backends.stream(fault);
          if (i % 2 == 0) {
            Backends.terminateStream(fault);
          } else {
            Backends.terminateWriter(fault);
          }
          fault.passed();
          fault.recovered(awaitStream(fault, engine, before));
        }
        fault.verify(engine);
      }
    }
  }

  /** Waits until another process streams than before. */
  private static Duration awaitStream(
      FaultCase fault, EngineProcess engine, @Nullable String before) {
    long began = System.nanoTime();
    Awaitility.await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              String now = Backends.stream(fault);
              return !engine.running() || (now != null && !now.equals(before));
            });
    engine.requireRunning();
    return Duration.ofNanos(System.nanoTime() - began);
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F10 the postmaster is killed, or stopped without a checkpoint")
  void f10TheServerIsKilled(JournalKind journal) throws Exception {
    try (FaultCase fault = FaultCase.begin("F10", journal, directory)) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        for (int i = 0; i < FaultOptions.faults(2, 100); i++) {
          load.awaitCommits(COMMITS_BETWEEN);
          String before = Backends.stream(fault);
          if (i % 2 == 0) {
            fault.postgres().kill();
          } else {
            fault.postgres().stopImmediately();
          }
          fault.postgres().restart();
          fault.passed();
          fault.recovered(awaitStream(fault, engine, before));
        }
        fault.verify(engine);
      }
    }
  }
}
