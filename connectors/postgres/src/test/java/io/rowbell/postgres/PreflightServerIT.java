package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.Position;
import io.rowbell.spi.Finding;
import io.rowbell.spi.Resume;
import io.rowbell.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.replication.PGReplicationStream;

/** What is wrong with a whole server; each test has one of its own. */
class PreflightServerIT {
  @Test
  void everythingThatIsWrongWithAServerIsToldAtOnce() throws Exception {
    try (PostgresServer server =
        PostgresServer.with("wal_level", "replica")
            .with("max_replication_slots", "1")
            .with("max_wal_senders", "0")
            .start()) {
      TestDatabase database = TestDatabase.create(server, "shop");
      database.execute("SELECT pg_create_physical_replication_slot('other')");
      Checked checked = Checked.by(database);
      assertThat(checked.codes())
          .containsExactly(
              "E211 wal_level",
              "E212 max_replication_slots",
              "E213 max_wal_senders",
              "E208 publication rowbell",
              "E204 slot shop");
      assertThat(checked.apply()).containsExactly("CREATE PUBLICATION rowbell");
      assertThat(checked.inspect().get(0).sql())
          .containsExactly("ALTER SYSTEM SET wal_level = 'logical'");
    }
  }

  @Test
  void sendersThatAreAllTakenAreTold() throws Exception {
    try (PostgresServer server = PostgresServer.with("max_wal_senders", "1").start()) {
      TestDatabase database = TestDatabase.create(server, "shop");
      Checked checked = Checked.by(database);
      checked.apply();
      database.execute("SELECT pg_create_physical_replication_slot('standby')");
      try (Connection session = database.connections().connectForReplication();
          PGReplicationStream stream =
              session
                  .unwrap(PGConnection.class)
                  .getReplicationAPI()
                  .replicationStream()
                  .physical()
                  .withSlotName("standby")
                  .withStartPosition(
                      org.postgresql.replication.LogSequenceNumber.valueOf("0/1000000"))
                  .start()) {
        assertThat(stream.isClosed()).isFalse();
        assertThat(checked.only().code()).isEqualTo("E213");
      }
    }
  }

  @Test
  void aSlotIsWarnedOfBeforeItIsLostAndRefusedAfterwards() throws Exception {
    try (PostgresServer server =
        PostgresServer.with("max_slot_wal_keep_size", "32MB")
            .with("min_wal_size", "32MB")
            // No checkpoint but the one below: a checkpoint is what takes the log away.
            .with("max_wal_size", "2GB")
            .start()) {
      TestDatabase database = TestDatabase.create(server, "shop");
      Checked checked = Checked.by(database);
      checked.apply();
      assertThat(checked.inspect()).isEmpty();
      writeLog(database, 40_000_000);
      assertThat(checked.only().code()).isEqualTo("W207");
      writeLog(database, 60_000_000);
      database.execute("CHECKPOINT");
      Finding lost = checked.only();
      assertThat(lost.code()).isEqualTo("E207");
      assertThat(lost.message()).contains("wal_removed");
      assertThat(checked.mend(lost).apply()).hasSize(1);
      assertThat(checked.inspect()).isEmpty();
    }
  }

  @Test
  void aStandbyIsRefusedAndAfterItsPromotionTheTimelineDecides() throws Exception {
    try (PostgresServer server = PostgresServer.start()) {
      TestDatabase database = TestDatabase.create(server, "shop");
      database.execute("CREATE ROLE bell LOGIN REPLICATION PASSWORD 'bell'");
      Checked.by(database).apply();
      Checked checked = Checked.by(database, "bell");
      Position before = flushed(database);
      database.execute(
          "DO $$ BEGIN EXECUTE format('COPY (SELECT) TO %L', current_setting('data_directory') ||"
              + " '/standby.signal'); END $$");
      server.restart();
      assertThat(checked.codes()).contains("E214 server");

      database.execute("SELECT pg_promote()");
      try (Connection connection = database.connections().open()) {
        assertThat(ServerState.read(connection).timeline()).isEqualTo(2);
      }
      database.execute("CREATE TABLE t (i int)");
      Position after = flushed(database);
      assertThat(checked.inspect(on(database, 1, before))).as("an ancestor").isEmpty();
      assertThat(checked.inspect(on(database, 2, after))).as("the same").isEmpty();
      assertThat(checked.only(on(database, 1, new Checkpoint(before, 771, 5))).message())
          .contains("the journal holds a part of transaction 771, which had not been committed");
      assertThat(checked.only(on(database, 1, after)).message())
          .contains(
              "on timeline 1, and the server writes timeline 2: the server left that timeline");
      assertThat(checked.only(on(database, 7, after)).message())
          .contains("this server never was on that timeline");
    }
  }

  private static Resume on(TestDatabase database, long timeline, Position position)
      throws Exception {
    return on(database, timeline, Checkpoint.at(position));
  }

  private static Resume on(TestDatabase database, long timeline, Checkpoint checkpoint)
      throws Exception {
    try (Connection connection = database.connections().open()) {
      return new Resume(
          ServerState.read(connection).database(),
          checkpoint,
          Map.of(Timelines.STATE, Timelines.bytes(timeline)));
    }
  }

  private static void writeLog(TestDatabase database, int bytes) throws SQLException {
    for (int left = bytes; left > 0; left -= 1_000_000) {
      database.execute("SELECT pg_logical_emit_message(false, 'filler', repeat('x', 1000000))");
    }
  }

  private static Position flushed(TestDatabase database) throws SQLException {
    return Position.parse(String.valueOf(database.queryOne("SELECT pg_current_wal_flush_lsn()")));
  }

  @Test
  void aHistoryFileIsRead() {
    Timelines.History history =
        Timelines.History.parse(
            "# comment\n1\t0/3000158\tno recovery target specified\n\n2\t1/A\tbefore transaction 7\n");
    assertThat(history.ends())
        .isEqualTo(Map.of(1L, Position.parse("0/3000158"), 2L, Position.parse("1/A")));
    assertThat(List.copyOf(history.ends().keySet())).hasSize(2);
  }
}
