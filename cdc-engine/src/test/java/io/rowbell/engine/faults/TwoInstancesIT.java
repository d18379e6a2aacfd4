package io.rowbell.engine.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.ExitCode;
import io.rowbell.spi.FailPoint;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two processes of one pipeline. The first is stopped inside the journal's transaction and goes on
 * after the second has begun to work, or has tried to.
 */
class TwoInstancesIT {
  private static final Duration FENCED = Promised.GONE.plus(Promised.BUSY_MACHINE);

  @TempDir private Path directory;

  @Test
  @DisplayName("F08 one stands by, takes over from one that is stopped, and that one goes on")
  void f08OneStandsBy() throws Exception {
    CaseSettings settings = CaseSettings.USUAL.sections("standby: {take-over-after: 3s}");
    try (FaultCase fault = FaultCase.begin("F08a", JournalKind.KAFKA, directory, settings);
        EngineProcess first = fault.engine(FailPoint.KAFKA_SENT.option("suspend@5"))) {
      first.awaitReady();
      try (EngineProcess second = fault.secondEngine()) {
        second.awaitLine("standby");
        fault.workload(fault.gentleLoad());
        first.awaitSuspended(FailPoint.KAFKA_SENT);
        fault.begun();
        Duration takenOver = fault.awaitProgress(second);
        assertThat(takenOver).isLessThan(Promised.onThisMachine(Promised.TAKEN_OVER));
        fault.recovered(takenOver);
        first.process().resume();
        fault.healed();
        assertThat(first.awaitEnd(ExitCode.DESTINATION_FATAL, "another writer")).isLessThan(FENCED);
        fault.verify(second);
      }
    }
  }

  @Test
  @DisplayName(
      "F08 without standby a second one ends; once the first's sessions are gone, it works")
  void f08WithoutStandby() throws Exception {
    try (FaultCase fault = FaultCase.begin("F08b", JournalKind.KAFKA, directory);
        EngineProcess first = fault.engine(FailPoint.KAFKA_SENT.option("suspend@5"))) {
      fault.workload(fault.gentleLoad());
      first.awaitSuspended(FailPoint.KAFKA_SENT);
      fault.begun();
      try (EngineProcess second = fault.secondEngine()) {
        assertThat(second.awaitEnd(ExitCode.SOURCE_UNREACHABLE, "another process follows slot"))
            .isLessThan(Promised.TURNED_AWAY.plus(Promised.onThisMachine(Promised.RECOVERED)));
      }
      terminateSessions(fault);
      try (EngineProcess second = fault.secondEngine()) {
        fault.recovered(fault.awaitProgress(second));
        first.process().resume();
        fault.healed();
        assertThat(first.awaitEnd(ExitCode.DESTINATION_FATAL, "another writer")).isLessThan(FENCED);
        fault.verify(second);
      }
    }
  }

  @Test
  @DisplayName("F08 a file is not taken from a process that hangs: the first goes on")
  void f08AFileIsNotTaken() throws Exception {
    try (FaultCase fault = FaultCase.begin("F08c", JournalKind.SQLITE, directory);
        EngineProcess first = fault.engine(FailPoint.SQLITE_WRITTEN.option("suspend@5"))) {
      fault.workload(fault.gentleLoad());
      first.awaitSuspended(FailPoint.SQLITE_WRITTEN);
      fault.look();
      fault.begun();
      terminateSessions(fault);
      try (EngineProcess second = fault.secondEngine()) {
        second.awaitLine("waiting: ");
        assertThat(second.output()).contains("journal.db").doesNotContain("streams from");
        first.process().resume();
        fault.healed();
        second.awaitEnd(ExitCode.SOURCE_UNREACHABLE, "another process follows slot");
      }
      fault.recovered(fault.awaitProgress(first));
      fault.verify(first);
    }
  }

  /** What is done about a process that hangs, by people or by whoever watches it. */
  private static void terminateSessions(FaultCase fault) throws SQLException {
    fault
        .postgres()
        .query(
            fault.database(),
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
                + fault.database()
                + "' AND application_name LIKE 'rowbell %'");
  }
}
