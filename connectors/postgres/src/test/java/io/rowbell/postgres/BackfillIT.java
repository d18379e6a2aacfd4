package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import io.rowbell.spi.SourceException;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BackfillIT {
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
  void everyRowComesOnceWithTheStreamsSchemaAndNeverAgain() throws Exception {
    Followed db = new Followed(server, "once");
    db.sql(
        """
        create table t (b text, a int, v numeric(10,2), c char(4), i inet, g int generated always as (a * 2) stored, primary key (a, b));
        insert into t select 'k' || g % 3, g, g / 4.0, 'x', '10.0.0.1' from generate_series(1, 950) g;
        create table u (id int primary key);
        """);
    Followed started = db.withSlot("slot_later");
    db.sql("select pg_create_logical_replication_slot('slot_later', 'pgoutput')");
    try (RunningSource running = started.follow(RunningSource.backfilled("public.t", "public.u"))) {
      running.awaitChanges(950);
      db.sql("insert into t values ('new', 1000, 1, 'y', null)");
      running.awaitChanges(951);
      running.stop();
    }
    List<Change> changes = started.journal.changes();
    assertThat(changes.subList(0, 950)).allMatch(c -> c.operation() == Operation.SNAPSHOT);
    assertThat(changes.get(0).origin().backfill()).isEqualTo("initial");
    assertThat(RunningSource.text(changes.get(0)))
        .isEqualTo("SNAPSHOT public.t {b=k1, a=1, v=0.25, c=x   , i=10.0.0.1}");
    assertThat(changes.stream().map(c -> get(c, "a")).toList())
        .containsExactlyElementsOf(
            IntStream.concat(IntStream.rangeClosed(1, 950), IntStream.of(1000))
                .mapToObj(i -> (Object) (long) i)
                .toList());
    TableSchema schema = ((Change.TableChange) changes.get(0)).table();
    assertThat(changes)
        .allSatisfy(c -> assertThat(((Change.TableChange) c).table()).isSameAs(schema));
    db.sql("insert into u values (1)");
    try (RunningSource running = started.follow(RunningSource.backfilled("public.t", "public.u"))) {
      running.awaitChanges(952);
      running.stop();
    }
    assertThat(started.journal.texts().get(951)).isEqualTo("INSERT public.u {id=1}");
    assertThat(started.journal.changes()).hasSize(952);
  }

  @Test
  void waitsForWhatHadBegunBeforeTheStream() throws Exception {
    Followed db = new Followed(server, "begun");
    db.sql("create table t (id int primary key, v text); create table o (v text)");
    db.sql("insert into t values (1, 'a')");
    try (Connection other = server.connect(db.name);
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("insert into o values ('x')");
      try (RunningSource running = db.follow(RunningSource.backfilled("public.t"))) {
        running.awaitChanges(1); // the insert, from the log
        Awaitility.await().until(() -> running.source.status().lastMarker() != 0);
        assertThat(db.journal.changes()).hasSize(1);
        other.rollback();
        running.awaitChanges(2);
        running.stop();
      }
    }
    assertThat(db.journal.texts())
        .containsExactly("INSERT public.t {id=1, v=a}", "SNAPSHOT public.t {id=1, v=a}");
  }

  @Test
  void onlyReadsWhatTheRoleMayRead() throws Exception {
    Followed db = new Followed(server, "granted");
    db.sql(
        """
        create table t (id int primary key, open text, secret text);
        insert into t values (1, 'a', 'b');
        create role reader login replication password 'pw';
        grant select (id, open) on t to reader;
        """);
    PostgresSettings reader = RunningSource.as(db.settings, "reader", "pw");
    SqlConnections connections = new SqlConnections(reader, "reader", Path.of(""));
    try (Connection connection = connections.open()) {
      BackfillChunk chunk =
          Objects.requireNonNull(
              new BackfillReader(
                      "rowbell",
                      new Relations(new TypeRegistry(connections)),
                      Duration.ofSeconds(30))
                  .read(connection, new TableId("public", "t"), BackfillState.NEW, 10));
      List<Change> rows = new ArrayList<>();
      chunk.all(Position.ZERO, rows);
      assertThat(rows)
          .extracting(RunningSource::text)
          .containsExactly("SNAPSHOT public.t {id=1, open=a}");
    }
  }

  @Test
  void aTableWithoutPrimaryKeyIsRefused() throws Exception {
    Followed db = new Followed(server, "keyless");
    db.sql("create table t (v text); alter table t replica identity full");
    try (RunningSource running = db.follow(RunningSource.backfilled("public.t"))) {
      Throwable failure = running.awaitFailure();
      assertThat(failure)
          .isInstanceOf(SourceException.class)
          .hasMessageContaining("public.t")
          .hasMessageContaining("primary key");
    }
  }

  @Test
  void readsAPartitionedTableByItsRoot() throws Exception {
    Followed db =
        new Followed(
            server, "parts", "create publication rowbell with (publish_via_partition_root)");
    db.sql(
        """
        create table m (id int primary key, v text) partition by range (id);
        create table m1 partition of m for values from (0) to (100);
        create table m2 partition of m for values from (100) to (200);
        alter publication rowbell add table m;
        insert into m select g, 'v' from generate_series(0, 199) g;
        """);
    db.sql("select pg_create_logical_replication_slot('slot_parts_2', 'pgoutput')");
    Followed later = db.withSlot("slot_parts_2");
    try (RunningSource running = later.follow(RunningSource.backfilled("public.m"))) {
      running.awaitChanges(200);
      db.sql("delete from m where id = 199");
      running.awaitChanges(201);
      running.stop();
    }
    assertThat(later.journal.texts().subList(0, 200))
        .isEqualTo(
            IntStream.range(0, 200)
                .mapToObj(i -> "SNAPSHOT public.m {id=" + i + ", v=v}")
                .toList());
    assertThat(later.journal.texts().get(200)).isEqualTo("DELETE public.m {id=199}");
  }

  /**
   * Rows change, come and go while they are read, and the source is stopped again and again.
   * Replayed in order, snapshot rows and changes must give the table; each key's row version only
   * grows; and no key is read twice.
   */
  @Test
  void inOrderWithTheStreamWhateverHappens() throws Exception {
    long seed = System.nanoTime();
    Followed db = new Followed(server, "ordered");
    db.sql("create table t (id int primary key, n int)");
    db.sql("insert into t select g, 0 from generate_series(1, 3000) g");
    db.sql("select pg_create_logical_replication_slot('slot_ordered_2', 'pgoutput')");
    Followed later = db.withSlot("slot_ordered_2");
    Random random = new Random(seed);
    try (RowWriters writers = new RowWriters(later, 3000, seed)) {
      int runs = 0;
      while (snapshots(later) < 2000 || runs < 4) {
        runs++;
        writers.check();
        try (RunningSource running = later.follow(RunningSource.backfilled("public.t"))) {
          running.awaitChanges(later.journal.changes().size() + 200 + random.nextInt(800));
          running.stop();
        }
      }
    }
    try (RunningSource running = later.follow(RunningSource.backfilled("public.t"))) {
      Awaitility.await()
          .until(() -> later.journal.isFinished("public.t") && running.source.status().caughtUp());
      db.sql("insert into t values (100000, 0)");
      Awaitility.await()
          .until(() -> later.journal.texts().contains("INSERT public.t {id=100000, n=0}"));
      running.stop();
    }
    assertThat(replayed(later.journal.changes(), seed)).as("seed %d", seed).isEqualTo(table(db));
  }

  private static long snapshots(Followed db) {
    return db.journal.changes().stream()
        .filter(change -> change.operation() == Operation.SNAPSHOT)
        .count();
  }

  private static Map<Object, Object> replayed(List<Change> changes, long seed) {
    Map<Object, Object> rows = new HashMap<>();
    Map<Object, Boolean> read = new HashMap<>();
    for (Change change : changes) {
      Object id = get(change, "id");
      String what = change + " seed " + seed;
      if (change instanceof Change.Deleted) {
        rows.remove(id);
      } else if (change.operation() == Operation.SNAPSHOT) {
        assertThat(read.put(id, true)).as(what).isNull();
        // A row that changes have told of already must be just as they left it.
        Object known = rows.put(id, get(change, "n"));
        assertThat(known == null || known.equals(get(change, "n"))).as(what).isTrue();
      } else {
        rows.put(id, get(change, "n"));
      }
    }
    return rows;
  }

  private static Map<Object, Object> table(Followed db) throws Exception {
    Map<Object, Object> rows = new HashMap<>();
    db.server
        .query(db.name, "select id, n from t")
        .forEach(
            row ->
                rows.put(
                    Long.valueOf(Objects.requireNonNull(row.get(0))),
                    Long.valueOf(Objects.requireNonNull(row.get(1)))));
    return rows;
  }

  private static @Nullable Object get(Change change, String column) {
    Row row =
        change instanceof Change.Deleted d
            ? d.before()
            : change instanceof Change.Updated u ? u.after() : ((Change.Inserted) change).after();
    return row.get(row.schema().indexOf(column).orElseThrow());
  }
}
