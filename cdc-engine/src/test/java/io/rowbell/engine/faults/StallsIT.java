package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.testkit.LedgerWorkload;
import io.rowbell.testkit.TcpProxy;
import io.rowbell.testkit.TcpProxy.Direction;
import io.rowbell.testkit.TcpProxy.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nothing ends and nothing moves: it is found out, and goes on by itself. Most of it is waiting, so
 * that each test has an engine with each journal at the same time.
 */
@Timeout(300)
class StallsIT {
  /** A stall of 10 s turns readiness off (G7); the rest is for looking. */
  private static final Duration UNREADY = Duration.ofSeconds(12);

  /** Longer than readiness may outlast a stall, whenever that is looked at. */
  private static final Duration STALL = Movement.STILL.plusMillis(500);

  private static final Duration HEALED = Duration.ofSeconds(30);

  @TempDir private Path directory;

  /** What the network does to the connections. */
  private enum Fault {
    REPLICATION_BLACKHOLED,
    SQL_BLACKHOLED,
    /** The server hears the engine, and is not heard. */
    HALF_OPEN;

    void inject(TcpProxy proxy) {
      switch (this) {
        case REPLICATION_BLACKHOLED -> proxy.blackhole(Kind.REPLICATION);
        case SQL_BLACKHOLED -> proxy.blackhole(Kind.SQL);
        case HALF_OPEN -> proxy.halfOpen(Direction.TO_CLIENT);
      }
    }
  }

  /** A case with one of the journals. */
  private interface Case {
    void run(JournalKind journal, Path home) throws Exception;
  }

  private void withEachJournal(Case body) throws Exception {
    JournalKind[] journals = JournalKind.values();
    List<Callable<Void>> cases = new ArrayList<>();
    for (JournalKind journal : journals) {
      Path home = Files.createDirectories(directory.resolve(journal.label()));
      cases.add(
          () -> {
            body.run(journal, home);
            return null;
          });
    }
    AssertionError failed = null;
    ExecutorService threads = Executors.newFixedThreadPool(journals.length);
    try {
      List<Future<Void>> results = threads.invokeAll(cases);
      for (int i = 0; i < journals.length; i++) {
        try {
          results.get(i).get();
        } catch (ExecutionException e) {
          AssertionError failure = new AssertionError(journals[i] + ": " + e.getCause(), e);
          if (failed == null) {
            failed = failure;
          } else {
            failed.addSuppressed(failure);
          }
        }
      }
    } finally {
      threads.shutdownNow();
    }
    if (failed != null) {
      throw failed;
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F11 a connection swallows what it is given")
  void f11Blackhole(Fault network) throws Exception {
    withEachJournal((journal, home) -> blackhole(network, journal, home));
  }

  private static void blackhole(Fault network, JournalKind journal, Path home) throws Exception {
    // Short, so that the build does not wait; one fault meets what is set by default, 20 s.
    boolean byDefault = FaultOptions.LONG || network == Fault.REPLICATION_BLACKHOLED;
    try (FaultCase fault =
        FaultCase.begin(
            "F11" + network.name().charAt(0),
            journal,
            home,
            byDefault ? "max-batch-changes: 500" : "stall-timeout: 12s")) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        for (int i = 0; i < FaultOptions.faults(1, 20); i++) {
          load.awaitCommits(10);
          long began = System.nanoTime();
          fault.begun();
          network.inject(fault.proxy());
          fault.look();
          assertThat(engine.awaitUnready(UNREADY)).isGreaterThan(Duration.ofSeconds(5));
          String unused = engine.process().awaitLine("for a stream:", left(began));
          fault.proxy().heal();
          fault.healed();
          fault.recovered(awaitReady(engine));
        }
        fault.verify(engine);
      }
    }
  }

  private static Duration left(long began) {
    return Promised.FOUND.minusNanos(System.nanoTime() - began);
  }

  private static Duration awaitReady(EngineProcess engine) {
    long began = System.nanoTime();
    Awaitility.await()
        .atMost(HEALED)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> engine.ready() || !engine.running());
    engine.requireRunning();
    return Duration.ofNanos(System.nanoTime() - began);
  }

  @Test
  @DisplayName("F06 stopped for longer than the server waits for an answer")
  void f06StoppedPastTheServersPatience() throws Exception {
    withEachJournal(StallsIT::stopped);
  }

  private static void stopped(JournalKind journal, Path home) throws Exception {
    try (FaultCase fault = FaultCase.begin("F06", journal, home)) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        for (int i = 0; i < FaultOptions.faults(1, 20); i++) {
          load.awaitCommits(10);
          fault.begun();
          engine.process().suspend();
          try {
            fault.awaitNoStream();
            fault.awaitStill(STALL);
            fault.look();
          } finally {
            engine.process().resume();
          }
          fault.healed();
          fault.recovered(awaitReady(engine));
        }
        fault.verify(engine);
      }
    }
  }
}
