package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.spi.Finding;
import io.rowbell.spi.Resume;
import io.rowbell.spi.SourceException;
import io.rowbell.testkit.PostgresServer;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whether the publication sends what the rules need, and leaves the application alone. */
class PreflightPublicationIT {
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
  void tablesOperationsColumnsAndRowsThatAreNotSentAreAllTold() throws Exception {
    TestDatabase database =
        prepared(
            "narrow",
            """
            CREATE TABLE a (id int PRIMARY KEY, v text);
            CREATE TABLE b (id int PRIMARY KEY, v text, w text);
            CREATE TABLE c (id int PRIMARY KEY, v text);
            CREATE PUBLICATION rowbell FOR TABLE b (id, v), c WHERE (id > 3) WITH (publish = 'insert');
            """);
    Checked checked =
        Checked.by(database)
            .needs("a", "insert", "id")
            .needs("b", "insert truncate", "id w")
            .needs("c", "update", "id");
    assertThat(checked.codes())
        .containsExactly(
            "E201 publication rowbell",
            "E201 table public.a",
            "E201 table public.b",
            "E201 table public.c");
    assertThat(checked.inspect())
        .extracting(Finding::message)
        .containsExactly(
            "publication 'rowbell' does not publish update, truncate, which rules need",
            "publication 'rowbell' does not publish public.a",
            "publication 'rowbell' does not send w of public.b, which rules need",
            "publication 'rowbell' sends only the rows of public.c with (id > 3), and rules need"
                + " every row");

    assertThat(checked.apply())
        .as("what somebody narrowed on purpose is left to people")
        .containsExactly(
            "ALTER PUBLICATION rowbell SET (publish = 'insert, update, truncate')",
            "ALTER PUBLICATION rowbell ADD TABLE public.a");
    List<Finding> rest = checked.inspect();
    assertThat(rest).hasSize(2);
    for (Finding finding : rest) {
      checked.mend(finding);
    }
    assertThat(checked.inspect()).isEmpty();
  }

  @Test
  void whereChangesAreCountedAllOperationsAreNeeded() throws Exception {
    TestDatabase database =
        prepared(
            "counted",
            """
            CREATE TABLE t (id int PRIMARY KEY);
            CREATE PUBLICATION rowbell FOR TABLE t WITH (publish = 'insert');
            """);
    Checked checked = Checked.by(database).needs("t", "insert", "id");
    assertThat(checked.inspect()).isEmpty();

    assertThat(checked.counts().only().message())
        .isEqualTo(
            "publication 'rowbell' does not publish update, delete, truncate, which rules need");
    assertThat(checked.apply())
        .containsExactly(
            "ALTER PUBLICATION rowbell SET (publish = 'insert, update, delete, truncate')");
    assertThat(checked.inspect()).isEmpty();
  }

  @Test
  void onlyWhatHarmsNobodyIsPublishedToBeCounted() throws Exception {
    TestDatabase database =
        prepared(
            "counted_harmless",
            """
            CREATE TABLE log (a int); INSERT INTO log VALUES (1); CREATE TABLE t (id int PRIMARY KEY);
            CREATE PUBLICATION rowbell FOR TABLE log, t WITH (publish = 'insert');
            """);
    Checked checked = Checked.by(database).needs("t", "insert", "id").counts();
    assertThat(checked.only().message())
        .isEqualTo("publication 'rowbell' does not publish truncate, which rules need");
    assertThat(checked.apply())
        .containsExactly("ALTER PUBLICATION rowbell SET (publish = 'insert, truncate')");
    assertThat(checked.inspect()).isEmpty();
    database.execute("UPDATE log SET a = 2; DELETE FROM log");
  }

  @Test
  void anOperationIsCountedThoughAnotherHarmsTheApplicationAlready() throws Exception {
    TestDatabase database =
        prepared(
            "counted_broken",
            """
            CREATE TABLE log (a int); INSERT INTO log VALUES (1); CREATE TABLE t (id int PRIMARY KEY);
            CREATE PUBLICATION rowbell FOR TABLE log, t WITH (publish = 'insert, update');
            """);
    Checked checked = Checked.by(database).needs("t", "insert", "id").counts();
    assertThat(checked.codes())
        .containsExactly("E201 publication rowbell", "W235 publication rowbell");
    assertThat(checked.apply())
        .containsExactly("ALTER PUBLICATION rowbell SET (publish = 'insert, update, truncate')");
    assertThat(checked.codes()).containsExactly("W235 publication rowbell");
    database.execute("DELETE FROM log");
  }

  @Test
  void allTablesIsWideEnough() throws Exception {
    TestDatabase database =
        prepared(
            "wide",
            "CREATE TABLE a (id int PRIMARY KEY); CREATE PUBLICATION rowbell FOR ALL TABLES");
    Checked checked = Checked.by(database).needs("a", "insert update delete truncate", "id");
    assertThat(checked.inspect()).isEmpty();
  }

  @Test
  void aPartitionedTableIsSentUnderItsOwnName() throws Exception {
    TestDatabase database =
        prepared(
            "roots",
            """
            CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
            CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
            CREATE TABLE q (id int PRIMARY KEY) PARTITION BY RANGE (id);
            CREATE PUBLICATION rowbell FOR TABLE p;
            """);
    Checked checked = Checked.by(database).needs("p", "insert", "id");
    Finding finding = checked.only();
    assertThat(finding.message()).contains("under the names of its partitions");
    assertThat(checked.apply())
        .containsExactly("ALTER PUBLICATION rowbell SET (publish_via_partition_root = true)");
    assertThat(checked.inspect()).isEmpty();

    assertThat(checked.needs("q", "insert", "id").apply())
        .containsExactly("ALTER PUBLICATION rowbell ADD TABLE public.q");
    assertThat(checked.inspect()).isEmpty();
  }

  @Test
  void aPublicationMadeForAPartitionedTableSendsItUnderItsOwnName() throws Exception {
    TestDatabase database =
        prepared(
            "roots_made",
            """
            CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
            CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
            """);
    Checked checked = Checked.by(database).needs("p", "insert", "id");
    checked.apply();
    assertThat(checked.inspect()).isEmpty();
  }

  @Test
  void aRuleOnAPartitionAndOneOnTheWholeContradict() throws Exception {
    TestDatabase database =
        prepared(
            "both",
            """
            CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
            CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
            """);
    Checked checked = Checked.by(database).needs("p", "insert", "id").needs("p1", "insert", "id");
    assertThat(checked.inspect())
        .extracting(Finding::message)
        .contains(
            "rules name public.p and also its partition public.p1, but a row is sent under one name"
                + " only");
    checked.apply();
    assertThat(checked.codes()).containsExactly("E201 table public.p1");
    Checked partOnly = Checked.by(database).needs("p1", "insert", "id");
    assertThat(partOnly.only().message()).contains("under the name of public.p");
  }

  @Test
  void generatedColumnsAreSentOnlyIfThePublicationSaysSo() throws Exception {
    TestDatabase database =
        prepared(
            "generated",
            """
            CREATE TABLE g (id int PRIMARY KEY, s int GENERATED ALWAYS AS (id * 2) STORED,
              v int GENERATED ALWAYS AS (id * 3) VIRTUAL);
            CREATE PUBLICATION rowbell FOR TABLE g;
            """);
    Checked stored = Checked.by(database).needs("g", "insert", "id s");
    assertThat(stored.only().code()).isEqualTo("E201");
    assertThat(stored.apply())
        .containsExactly("ALTER PUBLICATION rowbell SET (publish_generated_columns = stored)");
    assertThat(stored.inspect()).isEmpty();
    assertThat(Checked.by(database).needs("g", "insert", "id v").only().code()).isEqualTo("E233");
  }

  @Test
  void oldValuesNeedAReplicaIdentityThatHasThem() throws Exception {
    TestDatabase database =
        prepared(
            "old_values",
            """
            CREATE TABLE plain (id int PRIMARY KEY, v text);
            CREATE TABLE p (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
            CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
            CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
            CREATE TABLE listed (id int PRIMARY KEY, v text, w text);
            CREATE TABLE stored (id int PRIMARY KEY, v text,
              s int GENERATED ALWAYS AS (id * 2) STORED);
            CREATE TABLE virtual (id int PRIMARY KEY, v text, x int GENERATED ALWAYS AS (id * 3));
            INSERT INTO plain VALUES (1); INSERT INTO p VALUES (1), (11); INSERT INTO listed VALUES (1);
            INSERT INTO stored VALUES (1); INSERT INTO virtual VALUES (1);
            CREATE PUBLICATION rowbell FOR TABLE plain, p, listed (id, v), stored, virtual
              WITH (publish_via_partition_root);
            """);
    Checked checked = Checked.by(database);
    for (String table : List.of("plain", "p", "listed", "stored", "virtual")) {
      checked.needs(table, "update", "old.id old.v");
    }
    List<Finding> findings = checked.inspect();
    assertThat(findings).extracting(Finding::code).containsOnly("E110").hasSize(5);
    assertThat(findings)
        .extracting(Finding::message)
        .contains(
            "rules read v of the row before the change, but public.plain has REPLICA IDENTITY"
                + " DEFAULT: PostgreSQL does not log them");
    for (Finding finding : findings) {
      checked.mend(finding);
    }
    assertThat(checked.codes())
        .as("FULL would break it")
        .containsExactly("E110 table public.virtual");
    for (String table : List.of("plain", "p", "listed", "stored", "virtual")) {
      assertThatCode(() -> database.execute("UPDATE " + table + " SET v = 'new'"))
          .as("the application is not broken by our SQL: " + table)
          .doesNotThrowAnyException();
    }
    assertThat(Checked.by(database).needs("plain", "insert", "old.v").inspect()).isEmpty();
  }

  @Test
  void publishingNeverBreaksTheApplication() throws Exception {
    TestDatabase database =
        prepared("outage", "CREATE TABLE keyless (a int); CREATE TABLE keyed (id int PRIMARY KEY)");
    database.execute("INSERT INTO keyless VALUES (1)");
    Checked checked =
        Checked.by(database).needs("keyless", "update", "a").needs("keyed", "insert", "id");
    assertThat(checked.codes())
        .containsExactly("E235 table public.keyless", "E208 publication rowbell");
    assertThat(checked.apply())
        .containsExactly("CREATE PUBLICATION rowbell FOR TABLE public.keyed");
    database.execute("UPDATE keyless SET a = 2");
    assertThat(checked.apply()).isEmpty();
    assertThat(checked.codes())
        .containsExactly("E235 table public.keyless", "E201 table public.keyless");

    checked.mend(checked.inspect().get(0));
    assertThat(checked.apply())
        .containsExactly("ALTER PUBLICATION rowbell ADD TABLE public.keyless");
    assertThat(checked.inspect()).isEmpty();
    database.execute("UPDATE keyless SET a = 3");
  }

  @Test
  void wideningNeverBreaksTheApplication() throws Exception {
    TestDatabase database =
        prepared(
            "widening",
            """
            CREATE TABLE log (a int); INSERT INTO log VALUES (1); CREATE TABLE t (id int PRIMARY KEY);
            CREATE PUBLICATION rowbell FOR TABLE log, t WITH (publish = 'insert');
            """);
    Checked checked = Checked.by(database).needs("log", "insert", "a").needs("t", "delete", "id");
    assertThat(checked.apply()).isEmpty();
    assertThat(checked.only().help()).contains("first give one to public.log");
    database.execute("DELETE FROM log");
  }

  @Test
  void anApplicationThatIsBrokenAlreadyIsTold() throws Exception {
    TestDatabase database =
        prepared(
            "broken",
            """
            CREATE TABLE ours (a int); CREATE TABLE theirs (a int);
            CREATE TABLE whole (id int PRIMARY KEY, v text, w text);
            ALTER TABLE whole REPLICA IDENTITY FULL; INSERT INTO whole VALUES (1);
            CREATE TABLE deferred (id int PRIMARY KEY DEFERRABLE);
            CREATE PUBLICATION rowbell FOR TABLE ours, theirs, whole (id, v), deferred;
            INSERT INTO ours VALUES (1);
            """);
    assertThatThrownBy(() -> database.execute("UPDATE ours SET a = 1"))
        .isInstanceOf(SQLException.class);
    assertThatThrownBy(() -> database.execute("UPDATE whole SET v = 1"))
        .isInstanceOf(SQLException.class);
    Checked checked =
        Checked.by(database).needs("ours", "insert", "a").needs("whole", "insert", "id");
    assertThat(checked.codes())
        .containsExactly(
            "W235 table public.ours", "W235 table public.whole", "W235 publication rowbell");
    assertThat(checked.inspect().get(2).message()).endsWith(": public.deferred, public.theirs");
    checked.mend(checked.inspect().get(0));
    database.execute("UPDATE ours SET a = 1");
  }

  @Test
  void tablesAndColumnsThatAreGoneAndUnloggedOnesAreTold() throws Exception {
    TestDatabase database =
        prepared(
            "gone",
            """
            CREATE TABLE t (id int PRIMARY KEY); CREATE UNLOGGED TABLE u (id int PRIMARY KEY);
            CREATE PUBLICATION rowbell FOR TABLE t;
            """);
    Checked checked =
        Checked.by(database)
            .needs("missing", "insert", "id")
            .needs("t", "update", "id price old.cost")
            .needs("u", "insert", "id");
    assertThat(checked.codes())
        .containsExactly("E230 table public.missing", "E231 table public.t", "E232 table public.u");
    assertThat(checked.inspect().get(1).message()).isEqualTo("public.t has no column cost, price");
    assertThatThrownBy(() -> checked.preflight().require(checked.requirements(), Resume.NEW))
        .isInstanceOfSatisfying(
            SourceException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(SourceException.Kind.MISCONFIGURED);
              assertThat(e.findings()).hasSize(3);
            });
  }

  @Test
  void childrenThatInheritAreNotPublishedUnasked() throws Exception {
    TestDatabase database =
        prepared(
            "inherited",
            "CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child () INHERITS (parent)");
    Checked checked = Checked.by(database).needs("parent", "update", "id");
    assertThat(checked.apply())
        .containsExactly("CREATE PUBLICATION rowbell FOR TABLE ONLY public.parent");
    assertThat(checked.inspect()).isEmpty();
  }

  /** A database with tables and a slot. */
  private static TestDatabase prepared(String name, String sql) throws SQLException {
    TestDatabase database = TestDatabase.create(server, name);
    database.execute(sql);
    database.execute("SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
    return database;
  }
}
