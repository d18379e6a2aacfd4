package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Position;
import io.rowbell.spi.Finding;
import io.rowbell.spi.Resume;
import io.rowbell.spi.SourceException;
import io.rowbell.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.replication.PGReplicationStream;

/** Whether the slot can be streamed from, and whether it, the journal and the server agree. */
class PreflightSlotIT {
  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aJournalBetweenTheSlotAndTheServerIsContinued() throws Exception {
    TestDatabase database = prepared("good");
    assertThat(Checked.by(database).inspect()).as("no journal: it begins at the slot").isEmpty();
    assertThat(Checked.by(database).inspect(at(database, confirmed("good")))).isEmpty();
    assertThat(Checked.by(database).inspect(at(database, flushed(database)))).isEmpty();
  }

  @Test
  void aSlotAheadOfTheJournalIsRefused() throws Exception {
    TestDatabase database = prepared("ahead");
    Position before = confirmed("ahead");
    database.execute("CREATE TABLE t (i int)");
    database.execute("SELECT pg_replication_slot_advance('ahead', pg_current_wal_flush_lsn())");
    Finding finding = Checked.by(database).only(at(database, before));
    assertThat(finding.code()).isEqualTo("E241");
    assertThat(finding.message())
        .contains(
            "is at " + confirmed("ahead") + ", ahead of the journal, which ends at " + before);
    assertThatThrownBy(
            () ->
                Checked.by(database)
                    .preflight()
                    .require(Checked.by(database).requirements(), at(database, before)))
        .isInstanceOfSatisfying(
            SourceException.class,
            e -> assertThat(e.kind()).isEqualTo(SourceException.Kind.POSITION_MISMATCH));
  }

  @Test
  void aServerThatWasSetBackIsRefused() throws Exception {
    TestDatabase database = prepared("behind");
    Position future = new Position(flushed(database).lsn() + 1_000_000_000);
    Finding finding = Checked.by(database).only(at(database, future));
    assertThat(finding.code()).isEqualTo("E242");
  }

  @Test
  void aSlotThatIsGoneIsNotMadeAnewBehindOurBacks() throws Exception {
    TestDatabase database = prepared("gone");
    Resume resume = at(database, confirmed("gone"));
    database.execute("SELECT pg_drop_replication_slot('gone')");
    Checked checked = Checked.by(database);
    assertThat(checked.only(resume).code()).isEqualTo("E243");
    assertThat(checked.preflight().apply(checked.requirements(), resume).done()).isEmpty();
    assertThat(checked.only(resume).code()).isEqualTo("E243");
    assertThat(checked.only().code()).as("without a journal it is a fresh start").isEqualTo("E204");
    assertThat(checked.apply()).hasSize(1);
  }

  @Test
  void aPublicationThatIsGoneIsNotMadeAnewBehindOurBacks() throws Exception {
    TestDatabase database = prepared("unpublished");
    database.execute("DROP PUBLICATION rowbell");
    Resume resume = at(database, confirmed("unpublished"));
    Checked checked = Checked.by(database);
    assertThat(checked.only(resume).code()).isEqualTo("E208");
    assertThat(checked.preflight().apply(checked.requirements(), resume).done()).isEmpty();
  }

  @Test
  void aColumnThatIsGoneMayBeInRowsThatAreStillToCome() throws Exception {
    TestDatabase database = prepared("column_gone");
    database.execute(
        "CREATE TABLE t (id int PRIMARY KEY, now text); ALTER PUBLICATION rowbell ADD TABLE t");
    Checked checked = Checked.by(database).needs("t", "insert", "id before");
    assertThat(checked.only().code()).as("without a journal").isEqualTo("E231");
    Resume resume = at(database, confirmed("column_gone"));
    Finding finding = checked.only(resume);
    assertThat(finding.code()).isEqualTo("W231");
    assertThat(finding.message()).isEqualTo("public.t has no column before any more");
    checked.preflight().require(checked.requirements(), resume);
  }

  @Test
  void aJournalOfAnotherDatabaseIsRefused() throws Exception {
    TestDatabase database = prepared("mine");
    Resume here = at(database, flushed(database));
    DatabaseId id = java.util.Objects.requireNonNull(here.database());
    Resume other =
        new Resume(new DatabaseId(id.systemIdentifier(), "his"), here.checkpoint(), Map.of());
    assertThat(Checked.by(database).only(other).code()).isEqualTo("E240");
    Resume elsewhere = new Resume(new DatabaseId("1", "mine"), here.checkpoint(), Map.of());
    assertThat(Checked.by(database).only(elsewhere).message()).contains("from another server");
  }

  @Test
  void aSlotOfAnotherKindIsRefused() throws Exception {
    TestDatabase database = published("plugin");
    database.execute("SELECT pg_create_logical_replication_slot('plugin', 'test_decoding')");
    assertThat(Checked.by(database).only().message()).contains("'test_decoding', not pgoutput");

    database = published("physical");
    database.execute("SELECT pg_create_physical_replication_slot('physical')");
    assertThat(Checked.by(database).only().message()).contains("is a physical one");
    Finding notKept = Checked.by(prepared("standing_by")).only();
    assertThat(notKept.code()).isEqualTo("W208");
    database.execute("SELECT pg_drop_replication_slot('physical')");

    database = published("elsewhere");
    prepared("mistaken")
        .execute("SELECT pg_create_logical_replication_slot('elsewhere', 'pgoutput')");
    Finding finding = Checked.by(database).only();
    assertThat(finding.code()).isEqualTo("E205");
    assertThat(finding.message()).contains("belongs to database 'mistaken'");
  }

  @Test
  void aTemporarySlotIsRefused() throws Exception {
    TestDatabase database = published("temporary");
    try (Connection session = server.connect("temporary")) {
      session
          .createStatement()
          .execute("SELECT pg_create_logical_replication_slot('temporary', 'pgoutput', true)");
      assertThat(Checked.by(database).only().message()).contains("is temporary");
    }
  }

  @Test
  void whoStreamsFromTheSlotIsNamed() throws Exception {
    TestDatabase database = prepared("used");
    try (Connection session = database.connections().connectForReplication()) {
      PGReplicationStream stream =
          session
              .unwrap(PGConnection.class)
              .getReplicationAPI()
              .replicationStream()
              .logical()
              .withSlotName("used")
              .withSlotOption("proto_version", 1)
              .withSlotOption("publication_names", Checked.NAME)
              .start();
      Finding finding = Checked.by(database).only();
      assertThat(finding.code()).isEqualTo("W206");
      assertThat(finding.message()).contains("application rowbell golden, from 127.0.0.1");
      stream.close();
    }
  }

  private static TestDatabase published(String name) throws SQLException {
    TestDatabase database = TestDatabase.create(server, name);
    database.execute("CREATE PUBLICATION rowbell");
    return database;
  }

  private static TestDatabase prepared(String name) throws SQLException {
    TestDatabase database = published(name);
    database.execute("SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
    return database;
  }

  private static Resume at(TestDatabase database, Position position) throws Exception {
    try (Connection connection = database.connections().open()) {
      return new Resume(ServerState.read(connection).database(), Checkpoint.at(position), Map.of());
    }
  }

  private static Position confirmed(String slot) throws SQLException {
    return Position.parse(
        String.valueOf(
            server.queryOne(
                "postgres",
                "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '"
                    + slot
                    + "'")));
  }

  private static Position flushed(TestDatabase database) throws SQLException {
    return Position.parse(String.valueOf(database.queryOne("SELECT pg_current_wal_flush_lsn()")));
  }
}
