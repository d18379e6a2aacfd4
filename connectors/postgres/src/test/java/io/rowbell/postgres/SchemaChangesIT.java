package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Change;
import io.rowbell.model.TableSchema;
import io.rowbell.spi.StateChange;
import io.rowbell.testkit.PostgresServer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A table altered while it is followed, or before what was written is read. */
class SchemaChangesIT {
  private static final List<String> ALTERATIONS =
      List.of(
          "insert into t values (1, 'a', 1.5)",
          "alter table t add column added timestamptz default '2026-01-02 03:04:05+00'",
          "insert into t values (2, 'b', 2.5, null)",
          """
          begin;
          insert into t values (3, 'c', 3.5, null);
          alter table t drop column v;
          insert into t values (4, 4.5, null);
          alter table t rename column n to m;
          insert into t values (5, 5.5, null);
          alter table t alter column m type text using m::text || '!';
          insert into t values (6, 'six', null);
          savepoint s;
          alter table t add column gone int;
          insert into t values (7, 'seven', null, 7);
          rollback to s;
          insert into t values (8, 'eight', null);
          commit
          """,
          "update t set m = 'nine' where id = 1");

  private static final List<String> CHANGES =
      List.of(
          "INSERT public.t {id=1, v=a, n=1.5}",
          "INSERT public.t {id=2, v=b, n=2.5, added=null}",
          "INSERT public.t {id=3, v=c, n=3.5, added=null}",
          "INSERT public.t {id=4, n=4.5, added=null}",
          "INSERT public.t {id=5, m=5.5, added=null}",
          "INSERT public.t {id=6, m=six, added=null}",
          "INSERT public.t {id=8, m=eight, added=null}",
          "UPDATE public.t {id=1, m=1.5!, added=2026-01-02T03:04:05Z}"
              + " -> {id=1, m=nine, added=2026-01-02T03:04:05Z}");

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
  void everyRowIsReadByTheColumnsItWasWrittenWith() throws Exception {
    Followed db = new Followed(server, "live");
    db.sql("create table t (id int primary key, v text, n numeric)");
    db.sql("alter table t replica identity full");
    try (RunningSource running = db.follow("public.t")) {
      for (String statement : ALTERATIONS) {
        db.sql(statement);
      }
      assertThat(running.await(CHANGES.size())).isEqualTo(CHANGES);
      running.stop();
    }
    assertSchemas(db);
  }

  @Test
  void soItIsWhenTheCatalogIsFarAhead() throws Exception {
    Followed db = new Followed(server, "backlog");
    db.sql("create table t (id int primary key, v text, n numeric)");
    db.sql("alter table t replica identity full");
    for (String statement : ALTERATIONS) {
      db.sql(statement);
    }
    assertThat(db.changes(CHANGES.size(), "public.t")).isEqualTo(CHANGES);
    assertSchemas(db);
  }

  @Test
  void aTableThatIsGoneIsReadFromTheLogAlone() throws Exception {
    Followed db = new Followed(server, "gone");
    db.sql("create type mood as enum ('ok')");
    db.sql(
        "create table t (id int primary key, m mood, v int[]); insert into t values (1, 'ok', '{2}')");
    db.sql(
        "drop table t; drop type mood; create table t (v text primary key); insert into t values ('new')");
    assertThat(db.changes(2, "public.t"))
        .containsExactly("INSERT public.t {id=1, m=ok, v=[2]}", "INSERT public.t {v=new}");
    TableSchema old = ((Change.TableChange) db.journal.changes().get(0)).table();
    assertThat(old.primaryKey()).containsExactly(0);
  }

  @Test
  void aNewLabelOfAnEnumIsReadAndShown() throws Exception {
    Followed db = new Followed(server, "labels");
    db.sql("create type mood as enum ('sad'); create table t (id int primary key, m mood)");
    try (RunningSource running = db.follow("public.t")) {
      db.sql("insert into t values (1, 'sad')");
      running.await(1);
      db.sql("alter type mood add value 'ok'");
      db.sql("insert into t values (2, 'ok')");
      assertThat(running.await(2)).contains("INSERT public.t {id=2, m=ok}");
      running.stop();
    }
  }

  @Test
  void theReplicaIdentityMayChangeOnTheWay() throws Exception {
    Followed db = new Followed(server, "switched");
    db.sql("create table t (id int primary key, v text); insert into t values (1, 'a')");
    db.sql("update t set v = 'b'; alter table t replica identity full; update t set v = 'c'");
    db.sql("alter table t replica identity default; delete from t");
    assertThat(db.changes(4, "public.t"))
        .containsExactly(
            "INSERT public.t {id=1, v=a}",
            "UPDATE public.t {id=1} -> {id=1, v=b}",
            "UPDATE public.t {id=1, v=b} -> {id=1, v=c}",
            "DELETE public.t {id=1}");
  }

  @Test
  void theJournalIsToldOnceHowATableLooksUntilItIsAltered() throws Exception {
    Followed db =
        new Followed(
            server,
            "noted",
            "create publication rowbell for all tables with (publish_via_partition_root)");
    db.sql(
        """
        create table a (id int primary key, n numeric(10, 2), g int generated always as (id) stored);
        create table b (v varchar(20) not null, w text[]);
        create unique index by_v on b (v);
        alter table b replica identity using index by_v;
        create table "C d" (v text);
        alter table "C d" replica identity full;
        create table p (id int primary key, v text) partition by range (id);
        create table p1 partition of p for values from (0) to (100);
        """);
    String[] tables = {"public.a", "public.b", "public.C d", "public.p"};
    try (RunningSource running = db.follow(tables)) {
      db.sql("insert into a values (1, 1); insert into b values ('b')");
      db.sql("insert into \"C d\" values ('c'); insert into p values (1, 'p')");
      running.await(4);
      running.stop();
    }
    db.sql("insert into a values (2, 2)");
    db.changes(5, tables);
    assertThat(notes(db))
        .containsExactlyInAnyOrder(
            "postgres/table/public.a",
            "postgres/table/public.b",
            "postgres/table/public.\"C d\"",
            "postgres/table/public.p");

    db.sql("alter table a add column more text; insert into a values (3, 3)");
    db.changes(6, tables);
    assertThat(notes(db)).hasSize(5).endsWith("postgres/table/public.a");
  }

  private static List<String> notes(Followed db) {
    return db.journal.batches().stream()
        .flatMap(batch -> batch.progress().stream())
        .map(StateChange::name)
        .filter(name -> name.startsWith("postgres/table/"))
        .toList();
  }

  private static void assertSchemas(Followed db) {
    List<TableSchema> schemas =
        db.journal.changes().stream().map(change -> ((Change.TableChange) change).table()).toList();
    // One instance for one version, so a change of instance tells of a change of table.
    assertThat(schemas.get(2)).isSameAs(schemas.get(1));
    assertThat(schemas.get(7)).isSameAs(schemas.get(5));
    assertThat(schemas.get(6)).isSameAs(schemas.get(5));
    assertThat(schemas.stream().distinct().count()).isEqualTo(5);
    assertThat(schemas).allSatisfy(schema -> assertThat(schema.primaryKey()).containsExactly(0));
  }
}
