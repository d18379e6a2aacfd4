package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.rowbell.spi.Finding;
import io.rowbell.spi.Resume;
import io.rowbell.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** From a fresh database to one that can be followed, by roles with more and fewer rights. */
class PreflightSetupIT {
  private static PostgresServer server;

  @BeforeAll
  static void start() throws SQLException {
    server = PostgresServer.start();
    server.execute(
        "postgres",
        """
        CREATE ROLE bell LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD 'bell';
        CREATE ROLE app LOGIN PASSWORD 'app';
        CREATE ROLE owner LOGIN REPLICATION PASSWORD 'owner';
        """);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aSuperuserMakesPublicationAndSlotForExactlyTheRulesTables() throws Exception {
    TestDatabase database = TestDatabase.create(server, "fresh");
    database.execute(
        """
        CREATE TABLE orders (id int PRIMARY KEY, total numeric);
        CREATE TABLE "Größe ""x\""" (id int PRIMARY KEY);
        CREATE TABLE other (id int PRIMARY KEY);
        """);
    Checked checked =
        Checked.by(database)
            .needs("orders", "insert update", "id total")
            .needs("Größe \"x\"", "insert", "id");
    assertThat(checked.codes()).containsExactly("E208 publication rowbell", "E204 slot fresh");

    assertThat(checked.apply())
        .containsExactly(
            "CREATE PUBLICATION rowbell FOR TABLE public.\"Größe \"\"x\"\"\", public.orders",
            "SELECT pg_create_logical_replication_slot('fresh', 'pgoutput', false, false, true)");
    assertThat(checked.inspect()).isEmpty();
    assertThat(checked.apply()).isEmpty();

    database.execute("INSERT INTO other VALUES (1); INSERT INTO orders VALUES (7, 1.50)");
    try (Connection connection = database.connections().open()) {
      PgOutput sent = PgOutput.take(connection, "fresh", "rowbell");
      assertThat(sent.inserts).containsExactly(List.of("7", "1.50"));
    }
  }

  @Test
  void theLeastRoleFollowsWhatAnAdministratorHasPublished() throws Exception {
    TestDatabase database = TestDatabase.create(server, "least");
    database.execute(
        """
        REVOKE ALL ON DATABASE least FROM PUBLIC; GRANT CONNECT ON DATABASE least TO bell;
        CREATE SCHEMA shop; GRANT USAGE ON SCHEMA shop TO bell;
        CREATE TABLE orders (id int PRIMARY KEY, total numeric);
        """);
    Checked checked = Checked.by(database, "bell").needs("orders", "insert", "id total");
    assertThat(checked.apply()).as("neither publication nor a slot before it").isEmpty();
    assertThat(checked.preflight().apply(checked.requirements(), Resume.NEW).refused())
        .containsExactly("CREATE PUBLICATION rowbell FOR TABLE public.orders");
    assertThat(checked.codes()).containsExactly("E208 publication rowbell", "E204 slot least");

    checked.mend(checked.inspect().get(0));
    assertThat(checked.apply())
        .containsExactly(
            "SELECT pg_create_logical_replication_slot('least', 'pgoutput', false, false, true)");
    assertThat(checked.inspect()).isEmpty();
    assertThat(database.queryOne("SELECT has_table_privilege('bell', 'orders', 'SELECT')"))
        .isEqualTo("f");
  }

  @Test
  void theOwnerOfTheTablesNeedsNoSuperuser() throws Exception {
    TestDatabase database = TestDatabase.create(server, "owned");
    database.execute(
        """
        GRANT CREATE ON DATABASE owned TO owner;
        CREATE TABLE a (id int PRIMARY KEY); ALTER TABLE a OWNER TO owner;
        CREATE TABLE b (id int PRIMARY KEY); ALTER TABLE b OWNER TO owner;
        """);
    assertThat(Checked.by(database, "owner").needs("a", "insert", "id").apply()).hasSize(2);
    Checked more =
        Checked.by(database, "owner").needs("a", "insert", "id").needs("b", "delete", "id");
    assertThat(more.codes()).containsExactly("E201 table public.b");
    assertThat(more.apply()).containsExactly("ALTER PUBLICATION rowbell ADD TABLE public.b");
    assertThat(more.inspect()).isEmpty();
  }

  @Test
  void aRoleWithoutReplicationIsTold() throws Exception {
    TestDatabase database = TestDatabase.create(server, "plain");
    database.execute("CREATE TABLE t (id int PRIMARY KEY)");
    Checked.by(database).needs("t", "insert", "id").apply();
    Finding finding = Checked.by(database, "app").needs("t", "insert", "id").only();
    assertThat(finding.code()).isEqualTo("E220");
    assertThat(finding.sql()).containsExactly("ALTER ROLE \"app\" REPLICATION");
  }

  @Test
  void markersNeedTheFunctionThatEverybodyMayCall() throws Exception {
    TestDatabase database = TestDatabase.create(server, "markers");
    Checked.by(database).apply();
    database.execute(
        "REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text, boolean) FROM PUBLIC");
    Checked checked = Checked.by(database, "bell");
    Finding finding = checked.only();
    assertThat(finding.code()).isEqualTo("E221");
    assertThat(checked.mend(finding).inspect()).isEmpty();
  }

  @Test
  void aDatabaseWithoutEncodingIsWarnedOf() throws Exception {
    server.execute(
        "postgres", "CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'");
    TestDatabase database = new TestDatabase(server, "ascii");
    Checked.by(database).apply();
    assertThat(Checked.by(database).only().code()).isEqualTo("W215");
  }

  @Test
  void makingASlotSaysWhyItWaits() throws Exception {
    TestDatabase database = TestDatabase.create(server, "waiting");
    database.execute("CREATE TABLE t (id int PRIMARY KEY)");
    Checked checked = Checked.by(database).needs("t", "insert", "id");
    checked.mend(checked.inspect().get(0));
    try (Connection open = server.connect("waiting")) {
      open.setAutoCommit(false);
      open.createStatement().execute("INSERT INTO t VALUES (1)");
      assertThat(
              catchThrowable(
                  () ->
                      checked
                          .preflight(Duration.ofMillis(500))
                          .apply(checked.requirements(), Resume.NEW)))
          .hasMessageContaining("waited 500 ms for transactions that were open before it");
      assertThat(
              database.queryOne(
                  "SELECT count(*) FROM pg_replication_slots WHERE slot_name='waiting'"))
          .isEqualTo("0");
    }
  }
}
