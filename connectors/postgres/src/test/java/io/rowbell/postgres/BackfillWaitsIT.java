package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import io.rowbell.model.TableId;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a backfill does when it cannot go on. */
class BackfillWaitsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
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
  void aLockedTableHoldsUpNeitherTheStreamNorAnotherTable() throws Exception {
    Followed db = new Followed(server, "locked");
    db.sql(
        """
        create table a (id int primary key, n int);
        create table b (id int primary key);
        create table c (id int primary key);
        insert into a select g, 0 from generate_series(1, 1000) g;
        insert into b select g from generate_series(1, 1000) g;
        """);
    db.sql("select pg_create_logical_replication_slot('slot_locked_2', 'pgoutput')");
    Followed later = db.withSlot("slot_locked_2");
    try (Connection other = server.connect(db.name);
        Statement locker = other.createStatement()) {
      other.setAutoCommit(false);
      // Called on the source's thread: the lock is there before the second chunk.
      later.journal.refuses =
          batch -> {
            if (!snapshots(batch.changes(), "a").isEmpty()) {
              execute(locker, "lock table a in access exclusive mode");
            }
            return false;
          };
      try (RunningSource running =
          later.follow(RunningSource.backfilled("public.a", "public.b", "public.c"))) {
        Awaitility.await().atMost(PATIENCE).until(() -> waitsForTableA(db));
        later.journal.refuses = batch -> false;
        db.sql("insert into c values (1)");
        await(() -> later.journal.texts().contains("INSERT public.c {id=1}"));
        await(() -> later.journal.isFinished("public.b"));
        assertThat(later.journal.isFinished("public.a")).isFalse();
        assertThat(snapshots(later.journal.changes(), "a")).hasSize(100);
        locker.execute("update a set n = 1 where id in (50, 500); delete from a where id = 1000");
        other.commit();
        await(() -> later.journal.isFinished("public.a"));
        running.stop();
      }
    }
    List<Change> read = snapshots(later.journal.changes(), "a");
    assertThat(read.stream().map(RunningSource::text).distinct()).hasSameSizeAs(read);
    assertThat(later.journal.texts().stream().filter(text -> text.contains("public.a")).toList())
        .containsAll(
            IntStream.rangeClosed(1, 999)
                .filter(id -> id != 500)
                .mapToObj(id -> "SNAPSHOT public.a {id=" + id + ", n=0}")
                .toList())
        .contains("UPDATE public.a {id=50} -> {id=50, n=1}")
        .doesNotContain("SNAPSHOT public.a {id=1000, n=0}");
    assertThat(snapshots(later.journal.changes(), "b")).hasSize(1000);
  }

  private static void await(java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await().atMost(PATIENCE).until(condition);
  }

  private static void execute(Statement statement, String sql) {
    try {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean waitsForTableA(Followed db) throws SQLException {
    return "t"
        .equals(
            db.one(
                "select exists (select from pg_locks where relation = 'public.a'::regclass"
                    + " and not granted)"));
  }

  private static List<Change> snapshots(List<Change> changes, String table) {
    return changes.stream()
        .filter(
            change ->
                change.operation() == Operation.SNAPSHOT
                    && change instanceof Change.TableChange c
                    && c.table().id().name().equals(table))
        .toList();
  }

  /**
   * A commit that waits for a standby is in the stream already, and no query sees it: a chunk read
   * meanwhile would bring the row as it was before.
   */
  @Test
  void noRowIsReadAsItWasBeforeAChangeThatWasHandedOver() throws Exception {
    try (PostgresServer replicated =
        PostgresServer.with("synchronous_standby_names", "nobody")
            .with("synchronous_commit", "local")
            .start()) {
      Followed db = new Followed(replicated, "unseen");
      db.sql("create table t (id int primary key, n int); create table o (v int)");
      db.sql("insert into t values (1, 0), (2, 0)");
      db.sql("select pg_create_logical_replication_slot('slot_unseen_2', 'pgoutput')");
      Followed later = db.withSlot("slot_unseen_2");
      try (Connection old = replicated.connect(db.name);
          Statement open = old.createStatement();
          Connection waiting = replicated.connect(db.name);
          Statement update = waiting.createStatement()) {
        old.setAutoCommit(false);
        open.execute("insert into o values (1)");
        update.execute("set synchronous_commit = on");
        String pid = shown(waiting, "select pg_backend_pid()");
        try (RunningSource running = later.follow(RunningSource.backfilled("public.t"))) {
          await(() -> running.source.status().lastMarker() != 0);
          Thread writer =
              new Thread(() -> execute(update, "update t set n = 1 where id = 2"), "writer");
          writer.start();
          String changed = "UPDATE public.t {id=2} -> {id=2, n=1}";
          await(() -> later.journal.texts().contains(changed));
          old.rollback();
          for (int markers = 0; markers < 3; markers++) {
            long last = running.source.status().lastMarker();
            await(() -> running.source.status().lastMarker() != last);
          }
          assertThat(later.journal.texts()).containsExactly(changed);
          db.sql("select pg_cancel_backend(" + pid + ")");
          writer.join();
          await(() -> later.journal.isFinished("public.t"));
          running.stop();
          assertThat(later.journal.texts())
              .containsExactly(
                  changed, "SNAPSHOT public.t {id=1, n=0}", "SNAPSHOT public.t {id=2, n=1}");
        }
      }
    }
  }

  @Test
  void aChunkThatTakesTooLongIsGivenUpAndLeavesTheSessionUsable() throws Exception {
    Followed db = new Followed(server, "slow");
    db.sql("create table t (id int primary key, v text)");
    db.sql("insert into t select g, repeat('x', 100) from generate_series(1, 30000) g");
    TableId id = new TableId("public", "t");
    SqlConnections connections = new SqlConnections(db.settings, "slow", Path.of(""));
    Relations relations = new Relations(new TypeRegistry(connections));
    try (Connection connection = connections.open()) {
      BackfillReader hasty = new BackfillReader("rowbell", relations, Duration.ofMillis(1));
      SQLException failure =
          catchThrowableOfType(
              SQLException.class, () -> hasty.read(connection, id, BackfillState.NEW, 30_000));
      assertThat(BackfillReader.isHeldUp(failure)).as("%s", failure).isTrue();
      BackfillReader patient = new BackfillReader("rowbell", relations, PATIENCE);
      assertThat(patient.read(connection, id, BackfillState.NEW, 30_000))
          .isNotNull()
          .extracting(BackfillChunk::lastKey)
          .isEqualTo(List.of("30000"));
      assertThat(shown(connection, "show statement_timeout")).isEqualTo("0");
    }
  }

  private static String shown(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void saysWhoIsInTheWay() throws Exception {
    Followed db = new Followed(server, "blockers");
    db.sql("create table t (id int primary key) partition by range (id)");
    db.sql("create table t1 partition of t for values from (0) to (9)");
    TableId id = new TableId("public", "t");
    try (Connection asking = server.connect(db.name);
        Connection other = server.connect(db.name);
        Statement statement = other.createStatement()) {
      assertThat(Blockers.ofTable(asking, id)).isEqualTo("somebody who is gone by now");
      String pid = shown(other, "select pg_backend_pid()");
      other.setAutoCommit(false);
      statement.execute("lock table only t1 in access exclusive mode");
      assertThat(Blockers.ofTable(asking, id)).isEqualTo("server process " + pid);
      long xid = Long.parseLong(shown(other, "select pg_current_xact_id()::text"));
      assertThat(Blockers.ofTransaction(asking, xid)).isEqualTo("server process " + pid);
      statement.execute("prepare transaction 'blockers'");
      assertThat(Blockers.ofTransaction(asking, xid)).isEqualTo("a prepared transaction");
      assertThat(Blockers.ofTable(asking, id)).isEqualTo("a prepared transaction");
      other.setAutoCommit(true);
      statement.execute("rollback prepared 'blockers'");
    }
  }
}
