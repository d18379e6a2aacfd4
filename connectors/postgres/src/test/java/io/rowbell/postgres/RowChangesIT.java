package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Change;
import io.rowbell.model.NeededChanges;
import io.rowbell.model.Operation;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.Requirements;
import io.rowbell.model.RowPredicate;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import io.rowbell.testkit.PostgresServer;
import java.sql.Connection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What each statement becomes. */
class RowChangesIT {
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
  void insertsUpdatesAndDeletesHoldWhatTheReplicaIdentityLogs() throws Exception {
    Followed db = new Followed(server, "identities");
    db.sql(
        """
        create table by_key (id int primary key, v text);
        create table whole (id int primary key, v text, w int);
        alter table whole replica identity full;
        create table by_index (id int primary key, code text not null unique, v text);
        alter table by_index replica identity using index by_index_code_key;
        """);
    db.sql("insert into by_key values (1, 'a'); update by_key set v = 'b'; delete from by_key");
    db.sql("insert into whole values (1, 'a'); update whole set v = null; delete from whole");
    db.sql("insert into by_index values (1, 'x', 'a'); update by_index set v = 'b'");
    db.sql("update by_index set code = 'y'; delete from by_index");

    List<String> changes = db.changes(10, "public.by_key", "public.whole", "public.by_index");

    assertThat(changes)
        .containsExactly(
            "INSERT public.by_key {id=1, v=a}",
            "UPDATE public.by_key {id=1} -> {id=1, v=b}",
            "DELETE public.by_key {id=1}",
            "INSERT public.whole {id=1, v=a, w=null}",
            "UPDATE public.whole {id=1, v=a, w=null} -> {id=1, v=null, w=null}",
            "DELETE public.whole {id=1, v=null, w=null}",
            "INSERT public.by_index {id=1, code=x, v=a}",
            "UPDATE public.by_index {code=x} -> {id=1, code=x, v=b}",
            "UPDATE public.by_index {code=x} -> {id=1, code=y, v=b}",
            "DELETE public.by_index {code=y}");
    assertThat(schemas(db))
        .extracting(TableSchema::replicaIdentity)
        .containsExactly(ReplicaIdentity.DEFAULT, ReplicaIdentity.FULL, ReplicaIdentity.INDEX);
    assertThat(schemas(db))
        .extracting(TableSchema::primaryKey)
        .containsExactly(List.of(0), List.of(0), List.of(0));
  }

  /** By their bytes, before they are read; and the others are numbered as if they had come. */
  @Test
  void whatNoRuleCanNeedIsLeftOutAndTheRestIsWhatItWas() throws Exception {
    Followed all = new Followed(server, "needless");
    all.sql("create table t (id int primary key, s text); create table other (id int)");
    all.sql("select pg_copy_logical_replication_slot('slot_needless', 'slot_wanted')");
    Followed needed = all.withSlot("slot_wanted");
    try (Connection connection = server.connect(all.name)) {
      all.copy(connection, "t", "1\tA\n2\tB\n3\tA\n4\tB\n5\tA\n");
    }
    all.transaction("update t set s = 'A' where id = 2; insert into t values (6, 'B')");
    all.sql("insert into other values (1)");
    all.transaction(
        "insert into other values (2); insert into t values (7, 'A'), (8, 'B'), (9, 'B');"
            + " update t set id = 40 where id = 4; delete from t where id = 5");

    all.changes(13, "public.t");
    assertThat(following(needed, 8, ofInsertedAsAndDeletedRows()))
        .containsExactly(
            "INSERT public.t {id=1, s=A}",
            "INSERT public.t {id=3, s=A}",
            "INSERT public.t {id=5, s=A}",
            "MESSAGE rowbell.passed ",
            "INSERT public.t {id=7, s=A}",
            "DELETE public.t {id=4}",
            "INSERT public.t {id=40, s=B}",
            "DELETE public.t {id=5}");
    assertThat(places(all)).containsSubsequence(places(needed));
    assertThat(places(needed)).hasSize(7);
    assertThat(needed.journal.changes().get(3).origin().commitTime())
        .isEqualTo(all.journal.changes().get(5).origin().commitTime());
  }

  private static Requirements ofInsertedAsAndDeletedRows() {
    RowPredicate isA = new RowPredicate.Compare("s", RowPredicate.Operator.EQUAL, "A");
    NeededChanges changes =
        new NeededChanges(
            Map.of(
                Operation.INSERT, List.of(new NeededChanges.Case(Set.of(), isA)),
                Operation.DELETE, List.of(NeededChanges.Case.ANY)));
    Set<Operation> operations = Set.of(Operation.INSERT, Operation.DELETE);
    return new Requirements(
        Map.of(
            new TableId("public", "t"),
            new Requirements.OfTable(operations, Set.of(), Set.of(), null, Set.of(), changes)),
        Set.of());
  }

  private static List<String> following(Followed db, int count, Requirements requirements)
      throws Exception {
    try (RunningSource running = db.follow(requirements)) {
      List<String> changes = running.await(count);
      running.stop();
      return changes;
    }
  }

  private static List<String> places(Followed db) {
    return db.journal.changes().stream()
        .filter(Change.TableChange.class::isInstance)
        .map(change -> RunningSource.text(change) + " " + change.origin())
        .toList();
  }

  @Test
  void insertsNeedNoReplicaIdentity() throws Exception {
    Followed db =
        new Followed(
            server,
            "inserts",
            "create publication rowbell for all tables with (publish = 'insert')");
    db.sql("create table t (v text); alter table t replica identity nothing");
    db.sql("insert into t values ('a'); update t set v = 'b'; insert into t values ('c')");
    try (RunningSource running = db.follow(RunningSource.inserts("public.t"))) {
      assertThat(running.await(2))
          .containsExactly("INSERT public.t {v=a}", "INSERT public.t {v=c}");
      running.stop();
    }
    assertThat(schemas(db).get(0).replicaIdentity()).isEqualTo(ReplicaIdentity.NOTHING);
    assertThat(schemas(db).get(0).primaryKey()).isEmpty();
  }

  @Test
  void theSchemaOfARowIsTheCatalogsOwn() throws Exception {
    Followed db = new Followed(server, "schemas");
    db.sql(
        """
        create type mood as enum ('sad', 'ok');
        create table t (b int not null, a numeric(10,2) not null, c mood[], d text,
                        primary key (a, b));
        insert into t values (1, 2.50, '{ok,null}', 'x')
        """);
    db.changes(1, "public.t");
    TableSchema live =
        RunningSource.source(db.settings, db.slot())
            .catalog()
            .find("t")
            .orElseThrow(AssertionError::new);
    assertThat(schemas(db).get(0)).isEqualTo(live);
    assertThat(live.primaryKey()).containsExactly(1, 0);
    assertThat(db.journal.texts())
        .containsExactly("INSERT public.t {b=1, a=2.50, c=[ok, null], d=x}");
  }

  @Test
  void aKeyHasNotTheColumnsThatItsIndexOnlyIncludes() throws Exception {
    Followed db = new Followed(server, "including");
    db.sql(
        """
        create table t (b int, a int, c int, primary key (a, b) include (c));
        alter table t replica identity full;
        insert into t values (1, 2, 3); update t set c = 4
        """);
    assertThat(db.changes(2, "public.t").get(1)).startsWith("UPDATE");
    assertThat(schemas(db).get(0).primaryKey()).containsExactly(1, 0);
  }

  @Test
  void aChangeOfKeyIsADeleteAndAnInsert() throws Exception {
    Followed db = new Followed(server, "keys");
    db.sql(
        """
        create table by_key (id int primary key, v text);
        create table whole (a int, b text, v text, primary key (a, b));
        alter table whole replica identity full;
        create table keyless (v text);
        alter table keyless replica identity full;
        """);
    db.sql("insert into by_key values (1, 'a'); update by_key set id = 2");
    db.sql("insert into whole values (1, 'k', 'a'); update whole set b = 'l', v = 'b'");
    db.sql("insert into keyless values ('a'); update keyless set v = 'b'");
    assertThat(db.changes(8, "public.by_key", "public.whole", "public.keyless"))
        .containsExactly(
            "INSERT public.by_key {id=1, v=a}",
            "DELETE public.by_key {id=1}",
            "INSERT public.by_key {id=2, v=a}",
            "INSERT public.whole {a=1, b=k, v=a}",
            "DELETE public.whole {a=1, b=k, v=a}",
            "INSERT public.whole {a=1, b=l, v=b}",
            "INSERT public.keyless {v=a}",
            "UPDATE public.keyless {v=a} -> {v=b}");
    Change deleted = db.journal.changes().get(1);
    Change inserted = db.journal.changes().get(2);
    assertThat(inserted.origin().position()).isEqualTo(deleted.origin().position());
    assertThat(deleted.origin().index()).isZero();
    assertThat(inserted.origin().index()).isEqualTo(1);
  }

  @Test
  void anUnchangedToastedValueIsNotLoggedOrTakenFromTheOldRow() throws Exception {
    Followed db = new Followed(server, "toast");
    db.sql(
        """
        create table by_key (id int primary key, big text, n int);
        alter table by_key alter big set storage external;
        create table whole (id int primary key, big text, n int);
        alter table whole alter big set storage external;
        alter table whole replica identity full;
        insert into by_key values (1, repeat('x', 9000), 1), (2, '__debezium_unavailable_value', 1);
        insert into whole values (1, repeat('y', 9000), 1);
        """);
    db.sql("update by_key set n = 2; update whole set n = 2; update whole set big = null");
    List<String> changes = db.changes(7, "public.by_key", "public.whole");
    String y = "y".repeat(9000);
    assertThat(changes.subList(3, 7))
        .containsExactly(
            "UPDATE public.by_key {id=1} -> {id=1, n=2}",
            "UPDATE public.by_key {id=2} -> {id=2, big=__debezium_unavailable_value, n=2}",
            "UPDATE public.whole {id=1, big=" + y + ", n=1} -> {id=1, big=" + y + ", n=2}",
            "UPDATE public.whole {id=1, big=" + y + ", n=2} -> {id=1, big=null, n=2}");
  }

  @Test
  void aTruncateReachesEveryTableInItsOrder() throws Exception {
    Followed db = new Followed(server, "truncates");
    db.sql("create table a (id int primary key); create table b (id int primary key)");
    db.sql("create table c (id int primary key, a int references a)");
    db.sql("insert into b values (1); truncate b, a cascade; insert into b values (2)");
    List<String> changes = db.changes(5, "public.a", "public.b", "public.c");
    assertThat(changes.get(0)).isEqualTo("INSERT public.b {id=1}");
    assertThat(changes.subList(1, 4))
        .containsExactlyInAnyOrder("TRUNCATE public.a", "TRUNCATE public.b", "TRUNCATE public.c");
    assertThat(changes.get(4)).isEqualTo("INSERT public.b {id=2}");
    assertThat(db.journal.changes().subList(1, 4))
        .extracting(change -> change.origin().index())
        .containsExactly(0, 2, 4);
  }

  @Test
  void messagesComeInOrderWithTheirContent() throws Exception {
    Followed db = new Followed(server, "messages");
    db.sql("create table t (id int primary key)");
    db.transaction(
        """
        select pg_logical_emit_message(true, 'app', 'before');
        insert into t values (1);
        select pg_logical_emit_message(false, 'app', 'at once, ünïcode 🐘');
        select pg_logical_emit_message(true, 'other', 'not wanted');
        select pg_logical_emit_message(true, 'app', '')
        """);
    db.sql("begin; select pg_logical_emit_message(true, 'app', 'rolled back'); rollback");
    Instant before = Instant.now().truncatedTo(ChronoUnit.MICROS);
    db.sql("insert into t values (2)");
    assertThat(db.changes(5, "public.t"))
        .containsExactly(
            "MESSAGE AT ONCE app at once, ünïcode 🐘",
            "MESSAGE app before",
            "INSERT public.t {id=1}",
            "MESSAGE app ",
            "INSERT public.t {id=2}");
    assertThat(db.journal.changes().get(0).origin())
        .satisfies(
            origin -> {
              assertThat(origin.xid()).isZero();
              assertThat(origin.commitTime()).isBetween(before, Instant.now());
            });
    // The next record starts where the last marker's ends, which is the confirmed position.
    db.sql("select pg_logical_emit_message(false, 'app', 'last', true)");
    assertThat(db.changes(6, "public.t")).hasSize(6);
    db.sql("insert into t values (3)");
    assertThat(db.changes(7, "public.t").subList(5, 7))
        .containsExactly("MESSAGE AT ONCE app last", "INSERT public.t {id=3}");
  }

  @Test
  void rolledBackWorkIsNeverSeen() throws Exception {
    Followed db = new Followed(server, "rollbacks");
    db.sql("create table t (id int primary key)");
    db.sql("begin; insert into t values (1); rollback");
    db.transaction(
        """
        insert into t values (2);
        savepoint s; insert into t values (3); savepoint u; insert into t values (4);
        rollback to u; insert into t values (5); rollback to s; insert into t values (6);
        savepoint v; insert into t values (7); release v
        """);
    db.sql("begin; insert into t values (8); prepare transaction 'kept'");
    db.sql("begin; insert into t values (9); prepare transaction 'dropped'");
    db.sql("rollback prepared 'dropped'");
    db.sql("commit prepared 'kept'");
    assertThat(db.changes(4, "public.t"))
        .containsExactly(
            "INSERT public.t {id=2}",
            "INSERT public.t {id=6}",
            "INSERT public.t {id=7}",
            "INSERT public.t {id=8}");
  }

  @Test
  void namesThatMustBeQuotedAndSchemasWork() throws Exception {
    Followed db = new Followed(server, "names", "create publication \"Row bell's\" for all tables");
    db.settings = RunningSource.withPublication(db.settings, "Row bell's");
    db.sql("create schema \"Über 1\"; create schema s");
    db.sql(
        "create table \"Über 1\".\"T\"\"x.ä\" (\"Id\" int primary key, \"id\" int, \"a b\" text)");
    db.sql("create table s.t (id int primary key); create table t (id int primary key)");
    db.sql("insert into \"Über 1\".\"T\"\"x.ä\" values (1, 2, 'é')");
    db.sql("insert into s.t values (1); insert into t values (1)");
    assertThat(db.changes(3, "Über 1.T\"x.ä", "s.t", "public.t"))
        .containsExactly(
            "INSERT Über 1.T\"x.ä {Id=1, id=2, a b=é}",
            "INSERT s.t {id=1}",
            "INSERT public.t {id=1}");
  }

  @Test
  void onlyTablesThatAreNeededCome() throws Exception {
    Followed db = new Followed(server, "needed");
    db.sql("create table t (id int primary key); create table u (id int primary key)");
    db.sql("insert into u values (1); insert into t values (1); truncate u, t");
    assertThat(db.changes(2, "public.t"))
        .containsExactly("INSERT public.t {id=1}", "TRUNCATE public.t");
  }

  private static List<TableSchema> schemas(Followed db) {
    return db.journal.changes().stream()
        .filter(Change.TableChange.class::isInstance)
        .map(change -> ((Change.TableChange) change).table())
        .distinct()
        .toList();
  }
}
