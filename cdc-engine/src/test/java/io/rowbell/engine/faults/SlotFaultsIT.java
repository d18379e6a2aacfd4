package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.ExitCode;
import io.rowbell.testkit.PostgresServer;
import io.rowbell.testkit.TcpProxy;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The slot is dropped, given up by the server, or has nothing to read for long. */
class SlotFaultsIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int TRANSACTIONS = 10;

  /** Long enough for readiness to be asked about it. */
  private static final Duration STALL = Duration.ofSeconds(15);

  private static final long SEGMENT = 16L << 20;

  /** What others write while a marker is on its way. */
  private static final long ONE_INTERVAL = 1L << 20;

  @TempDir private Path directory;

  private static void loadAndRest(FaultCase fault) throws Exception {
    fault.workload(fault.load().transactions(TRANSACTIONS)).awaitEnd(SOON);
    try (EngineProcess engine = fault.engine()) {
      engine.awaitReady();
      fault.rest(engine);
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F23 the slot is dropped while nobody follows it, and made anew")
  void f23SlotDroppedAndMadeAnew(JournalKind journal) throws Exception {
    try (FaultCase fault = FaultCase.begin("F23", journal, directory)) {
      loadAndRest(fault);
      String slot = "'" + fault.database() + "'";
      sql(fault, "SELECT pg_drop_replication_slot(" + slot + ")");
      fault.refused(ExitCode.POSITION_MISMATCH, "E243", slot);
      sql(fault, "SELECT pg_create_logical_replication_slot(" + slot + ", 'pgoutput')");
      fault.refused(ExitCode.POSITION_MISMATCH, "E241", slot);
      fault.verifyJournal();
    }
  }

  private static void sql(FaultCase fault, String sql) throws SQLException {
    fault.postgres().execute(fault.database(), sql);
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F24 the server gives the slot up while the engine is behind, and while it is down")
  void f24TheLogIsGivenUp(JournalKind journal) throws Exception {
    try (FaultCase fault = FaultCase.begin("F24", journal, directory, "stall-timeout: 60s")) {
      loadAndRest(fault);
      fault.ledger().keep();
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        fault.proxy().blackhole(TcpProxy.Kind.REPLICATION);
        if (FaultOptions.LONG) {
          fault.awaitStill(STALL);
        }
        sql(fault, "ALTER SYSTEM SET max_slot_wal_keep_size = '16MB'");
        sql(fault, "SELECT pg_reload_conf()");
        for (int i = 0; i < 4; i++) {
          foreignLog(fault.postgres(), "postgres");
        }
        sql(fault, "CHECKPOINT");
        Duration named = engine.awaitEnd(ExitCode.POSITION_MISMATCH, "E207", fault.database());
        assertThat(named).isLessThan(Promised.NAMED);
        fault.recovered(named);
        fault.injected();
      } finally {
        fault.proxy().heal();
        sql(fault, "ALTER SYSTEM RESET max_slot_wal_keep_size");
        sql(fault, "SELECT pg_reload_conf()");
      }
      fault.refused(ExitCode.POSITION_MISMATCH, "E207", "max_slot_wal_keep_size");
      fault.verifyJournal();
    }
  }

  /** A segment of the log that is nothing to the pipeline: of a table that is not published. */
  private static void foreignLog(PostgresServer postgres, String database) throws SQLException {
    postgres.execute(
        database,
        """
        CREATE TABLE IF NOT EXISTS foreign_log (id bigserial, filler text);
        INSERT INTO foreign_log (filler)
          SELECT repeat(md5(n::text), 30) FROM generate_series(1, 500) n;
        SELECT pg_switch_wal()
        """);
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F26 published tables are idle while others fill the log")
  void f26IdleTables(JournalKind journal) throws Exception {
    try (FaultCase fault = FaultCase.begin("F26", journal, directory)) {
      try (EngineProcess engine = fault.engine()) {
        engine.awaitReady();
        for (int segment = 0; segment < FaultOptions.faults(5, 13); segment++) {
          foreignLog(fault.postgres(), segment % 2 == 0 ? fault.database() : "postgres");
          // The server writes this every 15 s by itself: from it on a slot can let go of the log.
          sql(fault, "SELECT pg_log_standby_snapshot()");
          fault.passed();
          long began = System.nanoTime();
          Awaitility.await()
              .alias("the log kept for the slot in segment " + segment)
              .atMost(Promised.NAMED)
              .pollInterval(Duration.ofMillis(50))
              .until(() -> fault.slot().retained() < 2 * SEGMENT + ONE_INTERVAL);
          fault.recovered(Duration.ofNanos(System.nanoTime() - began));
        }
        fault.workload(fault.load().transactions(TRANSACTIONS)).awaitEnd(SOON);
        fault.verify(engine);
      }
    }
  }
}
