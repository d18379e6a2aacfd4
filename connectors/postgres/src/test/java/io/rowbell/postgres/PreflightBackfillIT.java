package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.rowbell.model.TableId;
import io.rowbell.spi.Finding;
import io.rowbell.testkit.PostgresServer;
import java.sql.Connection;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the checks before a start say of tables that are to be read whole. */
class PreflightBackfillIT {
  private static PostgresServer server;

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start();
    server.execute("postgres", "CREATE ROLE bell LOGIN REPLICATION PASSWORD 'bell'");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** A table, published and with a slot. */
  private static TestDatabase published(String name, String table, String operations)
      throws Exception {
    TestDatabase database = TestDatabase.create(server, name);
    database.execute(table);
    Checked.by(database).needs("t", operations, "").apply();
    // Made with everything where that harms nobody; these tests go on to narrow the columns.
    database.execute("ALTER PUBLICATION rowbell SET (publish = '" + operations + "')");
    return database;
  }

  @Test
  void usageAndTheNeededColumnsAreEnough() throws Exception {
    TestDatabase database =
        published(
            "grants",
            "CREATE TABLE t (id int PRIMARY KEY, \"Open\" text, secret text);"
                + " REVOKE USAGE ON SCHEMA public FROM PUBLIC",
            "insert");
    Checked checked = Checked.by(database, "bell").needs("t", "insert snapshot", "Open");
    Finding finding = checked.only();
    assertThat(finding.code()).isEqualTo("E222");
    assertThat(finding.message()).contains("may not read Open, id");
    assertThat(finding.sql())
        .containsExactly(
            "GRANT USAGE ON SCHEMA \"public\" TO \"bell\"",
            "GRANT SELECT (\"Open\", id) ON public.t TO \"bell\"");
    assertThat(checked.mend(finding).inspect()).isEmpty();
    assertThat(database.queryOne("SELECT has_table_privilege('bell', 'public.t', 'SELECT')"))
        .isEqualTo("f");
    Checked whole = Checked.by(database, "bell").needs("t", "insert snapshot", "id Open secret");
    assertThat(whole.only().sql()).containsExactly("GRANT SELECT ON public.t TO \"bell\"");
    assertThat(whole.mend(whole.only()).inspect()).isEmpty();
  }

  @Test
  void aTableWithoutAPrimaryKeyIsRefused() throws Exception {
    TestDatabase database =
        published(
            "keyless",
            "CREATE TABLE t (a int NOT NULL, b int NOT NULL, c int UNIQUE, v text);"
                + " CREATE UNIQUE INDEX ON t (a) WHERE v = ''",
            "insert");
    Checked checked = Checked.by(database).needs("t", "insert snapshot", "v");
    assertThat(checked.only().code()).isEqualTo("E223");
    assertThat(checked.only().sql()).as("nothing is unique and NOT NULL").isEmpty();
    database.execute("CREATE UNIQUE INDEX ON t (b, a) INCLUDE (c)");
    assertThat(checked.only().sql()).containsExactly("ALTER TABLE public.t ADD PRIMARY KEY (b, a)");
    assertThat(checked.mend(checked.only()).inspect()).isEmpty();
  }

  @Test
  void aKeyThatIsNotPublishedIsRefused() throws Exception {
    TestDatabase database =
        published("unsent", "CREATE TABLE t (id int PRIMARY KEY, v text)", "insert");
    database.execute("ALTER PUBLICATION rowbell SET TABLE t (v)");
    Checked checked = Checked.by(database).needs("t", "insert snapshot", "v");
    Finding finding = checked.only();
    assertThat(finding.code()).isEqualTo("E223");
    assertThat(finding.message()).contains("does not send id of its primary key");
    assertThat(checked.mend(finding).inspect()).isEmpty();
  }

  @Test
  void aGeneratedKeyIsRefusedUntilItIsPublished() throws Exception {
    TestDatabase database =
        published(
            "generated",
            "CREATE TABLE t (v text, id int GENERATED ALWAYS AS (length(v)) STORED PRIMARY KEY)",
            "insert");
    database.execute("ALTER PUBLICATION rowbell SET (publish_generated_columns = none)");
    Checked checked = Checked.by(database).needs("t", "insert snapshot", "v");
    Finding finding = checked.only();
    assertThat(finding.code()).isEqualTo("E223");
    assertThat(finding.sql())
        .containsExactly("ALTER PUBLICATION rowbell SET (publish_generated_columns = stored)");
    assertThat(checked.mend(finding).inspect()).isEmpty();
  }

  @Test
  void rowsThatPoliciesCouldHideAreRefusedBeforeAndWhileReading() throws Exception {
    TestDatabase database =
        published(
            "policies",
            "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2);"
                + " GRANT SELECT ON t TO bell; ALTER TABLE t ENABLE ROW LEVEL SECURITY;"
                + " CREATE POLICY p ON t USING (id = 1)",
            "insert");
    Checked checked = Checked.by(database, "bell").needs("t", "insert snapshot", "id");
    Finding finding = checked.only();
    assertThat(finding.code()).isEqualTo("E222");
    SqlConnections connections = database.connections("bell", "bell");
    BackfillReader reader =
        new BackfillReader(
            "rowbell", new Relations(new TypeRegistry(connections)), Duration.ofSeconds(30));
    try (Connection connection = connections.open()) {
      assertThat(
              catchThrowable(
                  () -> reader.read(connection, new TableId("public", "t"), BackfillState.NEW, 10)))
          .hasMessageContaining("row-level security");
    }
    assertThat(checked.mend(finding).inspect()).isEmpty();
  }
}
