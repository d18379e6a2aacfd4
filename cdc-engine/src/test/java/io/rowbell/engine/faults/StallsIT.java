package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.testkit.LedgerWorkload;
import io.rowbell.testkit.TcpProxy;
import io.rowbell.testkit.TcpProxy.Direction;
import io.rowbell.testkit.TcpProxy.Kind;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing ends and nothing moves: it is found out, and goes on by itself. */
@Timeout(300)
class StallsIT {
  /** A stall of 10 s turns readiness off (G7); the rest is for looking. */
  private static final Duration UNREADY = Duration.ofSeconds(12);

  /** How soon a dead connection is found. */
  private static final Duration FOUND = Duration.ofSeconds(30);

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

  private static Stream<JournalKind> journals() {
    return FaultOptions.LONG ? Stream.of(JournalKind.values()) : Stream.of(JournalKind.SQLITE);
  }

  private static Stream<Arguments> faults() {
    return journals()
        .flatMap(journal -> Stream.of(Fault.values()).map(fault -> Arguments.of(fault, journal)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("faults")
  @DisplayName("F11 a connection swallows what it is given")
  void f11Blackhole(Fault network, JournalKind journal) throws Exception {
    // Short, so that the build does not wait; one fault meets what is set by default, 20 s.
    boolean byDefault = FaultOptions.LONG || network == Fault.REPLICATION_BLACKHOLED;
    try (FaultCase fault =
        FaultCase.begin(
            "F11" + network.name().charAt(0),
            journal,
            directory,
            byDefault ? "max-batch-changes: 500" : "stall-timeout: 12s")) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        for (int i = 0; i < FaultOptions.faults(1, 20); i++) {
          load.awaitCommits(10);
          long began = System.nanoTime();
          network.inject(fault.proxy());
          fault.injected();
          assertThat(engine.awaitUnready(UNREADY)).isGreaterThan(Duration.ofSeconds(5));
          String unused = engine.process().awaitLine("for a stream:", left(began));
          fault.proxy().heal();
          fault.recovered(awaitReady(engine));
        }
        fault.verify(engine);
      }
    }
  }

  private static Duration left(long began) {
    return FOUND.minusNanos(System.nanoTime() - began);
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

  @ParameterizedTest(name = "{0}")
  @MethodSource("journals")
  @DisplayName("F06 stopped for longer than the server waits for an answer")
  void f06StoppedPastTheServersPatience(JournalKind journal) throws Exception {
    try (FaultCase fault = FaultCase.begin("F06", journal, directory)) {
      LedgerWorkload load = fault.workload(fault.gentleLoad());
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        for (int i = 0; i < FaultOptions.faults(1, 20); i++) {
          load.awaitCommits(10);
          engine.process().suspend();
          try {
            awaitNoStream(fault);
            fault.injected();
          } finally {
            engine.process().resume();
          }
          fault.recovered(awaitReady(engine));
        }
        fault.verify(engine);
      }
    }
  }

  /** Waits until the server has ended the stream. */
  private static void awaitNoStream(FaultCase fault) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> !streams(fault));
  }

  private static boolean streams(FaultCase fault) throws SQLException {
    return !fault
        .postgres()
        .query(
            fault.database(),
            "SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = '%s'"
                .formatted(fault.database()))
        .isEmpty();
  }
}
