package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.Operation;
import io.rowbell.model.Requirements;
import io.rowbell.model.Requirements.OfTable;
import io.rowbell.model.RowPredicate;
import io.rowbell.model.RowPredicate.Compare;
import io.rowbell.model.RowPredicate.Null;
import io.rowbell.model.RowPredicate.Operator;
import io.rowbell.model.TableId;
import io.rowbell.spi.Finding;
import io.rowbell.spi.PublicationPlan;
import io.rowbell.spi.PublicationPlan.Decision;
import io.rowbell.spi.PublicationPlan.Part;
import io.rowbell.spi.Publishing.Outcome;
import io.rowbell.spi.Resume;
import io.rowbell.spi.SourceException;
import io.rowbell.testkit.PostgresServer;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The least that a publication can send, planned, made and found again. */
class PublicationPlanIT {
  private static final RowPredicate PAID = new Compare("status", Operator.EQUAL, "PAID");
  private static final RowPredicate SECOND = new Compare("tenant", Operator.EQUAL, 2);

  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static TestDatabase database(String name, String sql) throws SQLException {
    TestDatabase database = TestDatabase.create(server, "planned_" + name);
    database.execute(sql);
    database.execute(
        "SELECT pg_create_logical_replication_slot('" + database.name() + "', 'pgoutput')");
    return database;
  }

  private static void carryOut(TestDatabase database, PublicationPlan plan) throws SQLException {
    for (String statement : plan.statements()) {
      database.execute(statement);
    }
  }

  private static String told(PublicationPlan plan, String subject, Part part) {
    return plan.decisions().stream()
        .filter(decision -> decision.subject().equals(subject) && decision.part() == part)
        .map(decision -> (decision.pushed() ? "" : "no: ") + decision.text())
        .reduce("", (a, b) -> a + b + "\n")
        .strip();
  }

  @Test
  void onlyWhatRulesReadIsSent() throws Exception {
    TestDatabase database =
        database(
            "columns",
            """
            CREATE TABLE a (id int PRIMARY KEY, x text, y text, z text);
            CREATE TABLE b (id int PRIMARY KEY, x text); ALTER TABLE b REPLICA IDENTITY FULL;
            CREATE TABLE c (id int PRIMARY KEY, code text NOT NULL UNIQUE, x text, "Y" text);
            ALTER TABLE c REPLICA IDENTITY USING INDEX c_code_key;
            CREATE TABLE d (id int PRIMARY KEY, x int, y int GENERATED ALWAYS AS (x + 1) STORED);
            CREATE TABLE p (id int PRIMARY KEY, x int, y int) PARTITION BY RANGE (id);
            CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
            CREATE TABLE needless (id int PRIMARY KEY);
            CREATE PUBLICATION rowbell FOR TABLE a, b, needless;
            """);
    Checked checked =
        Checked.by(database)
            .needs("a", "insert update", "id y")
            .needs("b", "update", "id")
            .needs("c", "update", "Y")
            .needs("d", "update", "id")
            .needs("p", "update", "id");
    PublicationPlan plan = checked.plan();
    assertThat(plan.statements())
        .containsExactly(
            "ALTER PUBLICATION rowbell SET (publish = 'insert, update')",
            "ALTER PUBLICATION rowbell SET (publish_via_partition_root = true)",
            "ALTER PUBLICATION rowbell SET TABLE public.a (\"id\", \"y\"), public.b,"
                + " public.c (\"id\", \"code\", \"Y\"), public.d, public.p");
    assertThat(told(plan, "publication rowbell", Part.TABLES))
        .isEqualTo("no rule names public.needless");
    assertThat(told(plan, "publication rowbell", Part.OPERATIONS))
        .isEqualTo("no rule needs delete, truncate");
    assertThat(told(plan, "public.a", Part.COLUMNS)).isEqualTo("no rule reads x, z");
    assertThat(told(plan, "public.b", Part.COLUMNS)).startsWith("no: REPLICA IDENTITY FULL: ");
    assertThat(told(plan, "public.d", Part.COLUMNS)).isEqualTo("no: it has generated columns");
    assertThat(told(plan, "public.p", Part.COLUMNS)).startsWith("no: it is partitioned");

    carryOut(database, plan);
    assertAsPlanned(checked);
    // The application goes on.
    database.execute(
        """
        INSERT INTO a VALUES (1, 'x', 'y', 'z'); UPDATE a SET z = 'q'; DELETE FROM a;
        INSERT INTO b VALUES (1, 'x'); UPDATE b SET x = 'q'; DELETE FROM b;
        INSERT INTO c VALUES (1, 'c', 'x', 'y'); UPDATE c SET code = 'd', id = 2; DELETE FROM c;
        INSERT INTO d VALUES (1, 1); UPDATE d SET x = 2; DELETE FROM d;
        INSERT INTO p VALUES (1, 1, 1); UPDATE p SET x = 2; DELETE FROM p;
        """);
  }

  private static void assertAsPlanned(Checked checked) throws SourceException {
    PublicationPlan plan = checked.plan();
    assertThat(plan.findings()).isEmpty();
    assertThat(plan.statements()).isEmpty();
  }

  @Test
  void insertsAloneMayBeFilteredByAnyColumnIfNoKeyCanChange() throws Exception {
    TestDatabase database =
        database(
            "inserts",
            """
            CREATE TABLE log (n int, status varchar(10), price numeric(8,2), e boolean, big bigint);
            CREATE TABLE t (id int PRIMARY KEY, status text);
            """);
    RowPredicate rows =
        RowPredicate.any(
            List.of(
                PAID,
                RowPredicate.all(
                    List.of(
                        new Compare("n", Operator.GREATER, -5),
                        new Compare("status", Operator.NOT_EQUAL, "it's"),
                        new Compare("price", Operator.LESS_OR_EQUAL, 100),
                        new Compare("e", Operator.NOT_EQUAL, true),
                        new Null("big", false),
                        new Compare("big", Operator.LESS, 3_000_000_000L)))));
    Checked checked = Checked.by(database).needs("log", "insert", "n", rows);
    carryOut(database, checked.plan());
    assertThat(database.queryOne("SELECT rowfilter FROM pg_publication_tables")).isNotNull();
    assertAsPlanned(checked);

    Checked keyed = checked.needs("t", "insert", "id", PAID);
    PublicationPlan plan = keyed.plan();
    assertThat(told(plan, "publication rowbell", Part.OPERATIONS))
        .contains("an UPDATE that changes the key of public.t", "is not seen");

    database.execute("ALTER TABLE log ADD id serial PRIMARY KEY");
    plan = keyed.plan();
    assertThat(plan.statements().get(0))
        .isEqualTo("ALTER PUBLICATION rowbell SET (publish = 'insert, update')");
    assertThat(told(plan, "public.t", Part.ROWS))
        .contains("no: ", "more than a logged primary key (status)");
    assertThat(
            keyed
                .control()
                .plan(keyed.requirements(), Resume.NEW, /* keysStay= */ true)
                .statements())
        .singleElement()
        .asString()
        .endsWith("public.t (\"id\") WHERE (\"status\" = 'PAID')");
  }

  @Test
  void updatesAreFilteredByTheirKeyAlone() throws Exception {
    TestDatabase database =
        database(
            "keys",
            """
            CREATE TABLE pair (tenant int, id int, status text, PRIMARY KEY (tenant, id));
            CREATE TABLE bare (tenant int, id int, status text, PRIMARY KEY (tenant, id));
            ALTER TABLE bare ADD UNIQUE (id), REPLICA IDENTITY USING INDEX bare_id_key;
            CREATE TABLE padded (tenant char(3) PRIMARY KEY, status text);
            """);
    RowPredicate both = RowPredicate.all(List.of(SECOND, PAID));
    Checked checked =
        Checked.by(database)
            .needs("pair", "update delete", "id status", both)
            .needs("bare", "update delete", "id status", both)
            .needs("padded", "update", "status", new Compare("tenant", Operator.EQUAL, "a"));
    PublicationPlan plan = checked.plan();
    assertThat(plan.statements())
        .containsExactly(
            "CREATE PUBLICATION rowbell FOR TABLE public.bare, public.padded,"
                + " public.pair WHERE (\"tenant\" = 2) WITH (publish = 'update, delete')");
    assertThat(told(plan, "public.padded", Part.ROWS)).contains("no: ", "tenant, whose type");
    carryOut(database, plan);
    assertAsPlanned(checked);
    database.execute(
        """
        INSERT INTO pair VALUES (1, 1, 'a'); UPDATE pair SET tenant = 2, status = 'b';
        DELETE FROM pair; INSERT INTO bare VALUES (1, 1, 'a'); UPDATE bare SET status = 'b', id = 2;
        """);
  }

  @Test
  void aFilterThatHidesWhatRulesNeedIsRefusedInEveryVariant() throws Exception {
    TestDatabase database =
        database(
            "narrow",
            """
            CREATE TABLE t (tenant int, id int, status text, PRIMARY KEY (tenant, id));
            CREATE PUBLICATION rowbell FOR TABLE t;
            """);
    Checked checked = Checked.by(database).needs("t", "update", "id status", SECOND);
    for (String filter :
        List.of("tenant = 3", "tenant = 2 AND id > 5", "status = 'PAID'", "tenant + 0 = 2")) {
      database.execute("ALTER PUBLICATION rowbell SET TABLE t WHERE (" + filter + ")");
      assertThat(checked.codes()).as(filter).contains("E201 table public.t");
      assertThat(checked.plan().isNarrower()).as(filter).isTrue();
    }
    for (String filter : List.of("tenant = 2", "tenant = 2 OR tenant = 3")) {
      database.execute("ALTER PUBLICATION rowbell SET TABLE t WHERE (" + filter + ")");
      assertThat(checked.inspect()).as(filter).isEmpty();
    }
    assertThat(checked.needs("t", "update snapshot", "id", null).codes())
        .as("a backfill reads every row")
        .contains("E201 table public.t");
    assertThat(checked.needs("t", "update", "id status", PAID).codes())
        .as("other rules")
        .contains("E201 table public.t");
    database.execute("ALTER PUBLICATION rowbell SET TABLE t (tenant, id)");
    assertThat(checked.needs("t", "update", "id status").only().message())
        .contains("does not send status of public.t");
  }

  /** Publishing updates where only inserts were filtered would refuse the application's own. */
  @Test
  void operationsAreNotAddedWhereAFilterForbidsThem() throws Exception {
    TestDatabase database =
        database(
            "wider",
            """
            CREATE TABLE t (id int PRIMARY KEY, status text);
            CREATE PUBLICATION rowbell FOR TABLE t WHERE (status = 'PAID')
              WITH (publish = 'insert');
            """);
    Checked checked = Checked.by(database).needs("t", "insert update", "id status", PAID);
    assertThat(checked.apply()).isEmpty();
    assertThat(checked.inspect())
        .extracting(Finding::message)
        .anyMatch(message -> message.contains("does not publish update"));
    database.execute("INSERT INTO t VALUES (1, 'a'); UPDATE t SET status = 'b'");

    PublicationPlan plan = checked.plan();
    assertThat(plan.statements())
        .containsExactly(
            "ALTER PUBLICATION rowbell SET (publish = 'insert, update')",
            "ALTER PUBLICATION rowbell SET TABLE public.t");
    carryOut(database, plan);
    assertAsPlanned(checked);
    database.execute("UPDATE t SET status = 'c'");

    database.execute("ALTER PUBLICATION rowbell SET TABLE t WHERE (status = 'PAID')");
    assertThat(checked.codes()).contains("W235 table public.t");
    assertThatThrownBy(() -> database.execute("UPDATE t SET status = 'c'"))
        .as("what the warning is about")
        .hasMessageContaining("cannot update table");
  }

  @Test
  void whatIsCountedIsPublishedAsFarAsItHarmsNobody() throws Exception {
    TestDatabase database =
        database(
            "counted",
            """
            CREATE TABLE log (a int); INSERT INTO log VALUES (1); CREATE TABLE t (id int PRIMARY KEY);
            CREATE PUBLICATION rowbell FOR TABLE log, t WITH (publish = 'insert');
            """);
    Checked checked =
        Checked.by(database).needs("log", "insert", "a").needs("t", "insert", "id").counts();
    PublicationPlan plan = checked.plan();
    carryOut(database, plan);

    assertAsPlanned(checked);
    assertThat(checked.inspect()).isEmpty();
    assertThat(told(plan, "publication rowbell", Part.OPERATIONS))
        .contains("no rule needs update, delete");
    database.execute("UPDATE log SET a = 2; DELETE FROM log");
  }

  @Test
  void aPublicationOfAllTablesKeepsThem() throws Exception {
    TestDatabase database =
        database(
            "all",
            "CREATE TABLE t (id int PRIMARY KEY, x int); CREATE PUBLICATION rowbell FOR ALL"
                + " TABLES");
    PublicationPlan plan = Checked.by(database).needs("t", "update", "id").plan();
    assertThat(plan.statements())
        .containsExactly("ALTER PUBLICATION rowbell SET (publish = 'update')");
    assertThat(told(plan, "publication rowbell", Part.TABLES)).startsWith("no: ");
    assertThat(plan.decisions()).extracting(Decision::part).doesNotContain(Part.COLUMNS, Part.ROWS);
  }

  @Test
  void whatCannotBePublishedIsNoPlan() throws Exception {
    TestDatabase database =
        database("none", "CREATE TABLE t (id int, x int); CREATE TABLE u (id int PRIMARY KEY)");
    PublicationPlan plan = Checked.by(database).needs("t", "update", "id").plan();
    assertThat(plan.statements()).as("t has no replica identity").isEmpty();
    assertThat(plan.isNarrower()).isTrue();
    assertThat(Checked.by(database).needs("u", "insert", "id").needs("v", "insert", "id").plan())
        .satisfies(other -> assertThat(other.statements()).isEmpty())
        .satisfies(other -> assertThat(other.isNarrower()).isTrue());
  }

  /** In one transaction between two states that suffice: a journal may accept it. */
  @Test
  void aJournalThatSawThePublicationIsToldWhatToAccept() throws Exception {
    Followed followed =
        new Followed(
            server,
            "planned_journal",
            "CREATE TABLE t (id int PRIMARY KEY, x text, y text);"
                + " CREATE PUBLICATION rowbell FOR TABLE t");
    followed.sql("INSERT INTO t VALUES (1, 'a', 'b')");
    assertThat(followed.changes(1, "public.t")).hasSize(1);
    PublicationControl control =
        (PublicationControl)
            RunningSource.source(followed.settings, "x").publishing().orElseThrow();
    Requirements needed =
        new Requirements(
            Map.of(
                new TableId("public", "t"),
                new OfTable(
                    Set.of(
                        Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.TRUNCATE),
                    Set.of("x"),
                    Set.of())),
            Set.of());
    Resume resume =
        followed.journal.resume(RunningSource.source(followed.settings, "planned_journal"));
    PublicationPlan plan = control.plan(needed, resume, false);
    assertThat(plan.statements())
        .containsExactly("ALTER PUBLICATION rowbell SET TABLE public.t (\"id\", \"x\")");
    Outcome outcome = control.apply(plan, needed, resume);
    assertThat(outcome.applied().done()).isEqualTo(plan.statements());
    followed.sql("INSERT INTO t VALUES (2, 'c', 'd')");

    assertThatThrownBy(() -> followed.changes(2, "public.t"))
        .hasRootCauseInstanceOf(SourceException.class)
        .hasStackTraceContaining("was altered since the journal last saw it");
    assertThatThrownBy(() -> control.apply(plan, needed, resume))
        .as("what was altered before is not accepted along")
        .isInstanceOf(SourceException.class)
        .hasMessageContaining("was altered since the journal last saw it");
    followed.settings =
        RunningSource.accepting(followed.settings, String.valueOf(outcome.accept()));
    assertThat(followed.changes(2, "public.t"))
        .containsExactly("INSERT public.t {id=1, x=a, y=b}", "INSERT public.t {id=2, x=c}");
  }

  @Test
  void aRoleThatMayNotAltersNothing() throws Exception {
    TestDatabase database =
        database(
            "refused",
            """
            CREATE TABLE t (id int PRIMARY KEY, x int, y int);
            CREATE PUBLICATION rowbell FOR TABLE t;
            CREATE ROLE planner LOGIN PASSWORD 'planner';
            """);
    Checked checked = Checked.by(database, "planner").needs("t", "update", "id x");
    PublicationPlan plan = checked.plan();
    assertThat(plan.statements()).hasSize(2);
    Outcome outcome = checked.control().apply(plan, checked.requirements(), Resume.NEW);
    assertThat(outcome.applied().done()).isEmpty();
    assertThat(outcome.applied().refused()).isEqualTo(plan.statements());
    assertThat(checked.plan()).isEqualTo(plan);
  }
}
