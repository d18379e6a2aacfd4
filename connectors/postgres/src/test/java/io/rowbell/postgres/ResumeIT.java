package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Requirements;
import io.rowbell.spi.ChangeBatch;
import io.rowbell.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Positions, batches, stops and starts. */
class ResumeIT {
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
  void goesOnWhereTheJournalEndsAndConfirmsThat() throws Exception {
    Followed db = new Followed(server, "goes_on");
    db.sql("create table t (id int primary key)");
    db.sql("insert into t values (1)");
    assertThat(db.changes(1, "public.t")).hasSize(1);
    assertThat(db.confirmed()).isEqualTo(db.journal.position().toString());
    db.sql("insert into t values (2)");
    assertThat(db.changes(2, "public.t"))
        .containsExactly("INSERT public.t {id=1}", "INSERT public.t {id=2}");
  }

  @Test
  void aHandlerThatFailsConfirmsNothing() throws Exception {
    Followed db = new Followed(server, "refused");
    db.sql("create table t (id int primary key)");
    String before = db.confirmed();
    db.sql("insert into t values (1)");
    db.journal.refuses = batch -> !batch.changes().isEmpty();
    try (RunningSource running = db.follow("public.t")) {
      assertThat(running.awaitFailure()).hasMessage("the journal refuses");
    }
    Position durable = db.journal.checkpoint() == null ? null : db.journal.position();
    assertThat(db.confirmed()).isIn(before, String.valueOf(durable));
    db.journal.refuses = batch -> false;
    assertThat(db.changes(1, "public.t")).containsExactly("INSERT public.t {id=1}");
  }

  @Test
  void rowsOfOneCopyShareAnLsnAndAreToldApartTheSameWayEachTime() throws Exception {
    Followed db = new Followed(server, "copy");
    db.sql("create table t (id int primary key)");
    try (Connection connection = server.connect(db.name)) {
      db.copy(connection, "t", numbers(1, 500));
    }
    db.changes(500, "public.t");
    List<Origin> first = db.journal.changes().stream().map(Change::origin).toList();
    assertThat(new HashSet<>(first)).hasSize(500);
    assertThat(first.stream().map(Origin::position).distinct().count()).isLessThan(500);

    Followed again = new Followed(server, "copy_again");
    again.sql("create table t (id int primary key); create table u (v text primary key)");
    try (Connection connection = server.connect(again.name);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("insert into u values ('x')");
      statement.execute("select pg_logical_emit_message(true, 'app', 'm')");
      again.copy(connection, "t", numbers(1, 300));
      statement.execute("insert into u values ('y')");
      statement.execute("truncate u, t");
      connection.commit();
    }
    again.sql("select pg_copy_logical_replication_slot('slot_copy_again', 'slot_second')");
    again.changes(305, "public.t", "public.u");
    Followed second = again.withSlot("slot_second");
    try (RunningSource running =
        second.follow(new Requirements(RunningSource.tables("public.t").tables(), Set.of()))) {
      running.await(301);
      running.stop();
    }
    // Which other tables are wanted makes no difference to what a change is called.
    assertThat(second.journal.changes().stream().map(Change::origin).toList())
        .isEqualTo(
            again.journal.changes().stream()
                .filter(
                    change ->
                        change instanceof Change.TableChange c && c.table().id().name().equals("t"))
                .map(Change::origin)
                .toList());
  }

  private static String numbers(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(i -> i + "\n").collect(Collectors.joining());
  }

  @Test
  void anOriginHasTheTransactionsNumberAndTimeInMicroseconds() throws Exception {
    Followed db = new Followed(server, "origins");
    db.sql("create table t (id int primary key, xid xid8)");
    Instant before = Instant.now();
    db.sql("insert into t values (1, pg_current_xact_id())");
    Instant after = Instant.now();
    db.changes(1, "public.t");
    Origin origin = db.journal.changes().get(0).origin();
    assertThat(Long.toString(origin.xid())).isEqualTo(db.one("select xid from t"));
    assertThat(origin.commitTime()).isBetween(before.minusMillis(1), after.plusMillis(1));
    assertThat(origin.commitTime()).isEqualTo(origin.commitTime().truncatedTo(ChronoUnit.MICROS));
    assertThat(origin.position()).isLessThan(db.journal.position());
  }

  @Test
  void aTransactionLargerThanABatchIsSplitAndGoesOnInside() throws Exception {
    Followed db = new Followed(server, "large");
    db.settings = RunningSource.withBatch(db.settings, "16KiB", 100_000);
    db.sql("create table t (id int primary key, v text)");
    db.transaction(
        "insert into t select g, repeat('x', 100) from generate_series(1, 1000) g; update t set id"
            + " = id + 1000 where id > 500");
    // The journal refuses in the middle: the second run has to go on inside the transaction.
    AtomicBoolean refuse = new AtomicBoolean(true);
    db.journal.refuses = batch -> refuse.get() && db.journal.changes().size() > 700;
    try (RunningSource running = db.follow("public.t")) {
      running.awaitFailure();
    }
    Checkpoint inside = Objects.requireNonNull(db.journal.checkpoint());
    assertThat(inside.openXid()).isNotZero();
    assertThat(inside.rows()).isBetween(700L, 1000L);
    assertThat(db.confirmed()).isEqualTo(inside.position().toString());
    refuse.set(false);
    try (RunningSource running = db.follow("public.t")) {
      running.await(2000);
      db.sql("insert into t values (0)");
      running.await(2001);
      running.stop();
    }
    List<String> expected = new ArrayList<>();
    String x = "x".repeat(100);
    IntStream.rangeClosed(1, 1000)
        .forEach(i -> expected.add("INSERT public.t {id=" + i + ", v=" + x + "}"));
    for (int i = 501; i <= 1000; i++) {
      expected.add("DELETE public.t {id=" + i + "}");
      expected.add("INSERT public.t {id=" + (i + 1000) + ", v=" + x + "}");
    }
    expected.add("INSERT public.t {id=0, v=null}");
    assertThat(db.journal.texts()).isEqualTo(expected);
    assertWellFormed(db.journal.batches());
    assertThat(new HashSet<>(db.journal.changes().stream().map(Change::origin).toList()))
        .hasSize(2001);
  }

  private static void assertWellFormed(List<ChangeBatch> batches) {
    Checkpoint last = null;
    for (ChangeBatch batch : batches) {
      Checkpoint checkpoint = batch.checkpoint();
      if (last != null) {
        assertThat(checkpoint).isGreaterThanOrEqualTo(last);
      }
      assertThat(batch.openTransaction()).isEqualTo(checkpoint.openXid() != 0);
      long bytes = batch.changes().size() * 200L;
      assertThat(bytes).isLessThan(64 * 1024);
      last = checkpoint;
    }
  }

  @Test
  void smallTransactionsAreGatheredWhileTheHandlerIsBusy() throws Exception {
    Followed db = new Followed(server, "gathered");
    db.sql("create table t (id int primary key)");
    for (int i = 0; i < 200; i++) {
      db.sql("insert into t values (" + i + ")");
    }
    db.changes(200, "public.t");
    assertThat(db.journal.batches().size()).isLessThan(40);
  }

  @Test
  void theSlotAdvancesWhileOnlyOtherTablesAreWritten() throws Exception {
    Followed db = new Followed(server, "idle", "create publication rowbell");
    db.sql("create table t (id int primary key); create table other (v text)");
    db.sql("alter publication rowbell add table t");
    try (RunningSource running = db.follow("public.t")) {
      Awaitility.await().until(() -> running.source.status().lastMarker() != 0);
      db.sql("insert into other select repeat('x', 1000) from generate_series(1, 20000)");
      String end = Objects.requireNonNull(db.one("select pg_current_wal_flush_lsn()"));
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(
              () ->
                  Position.parse(Objects.requireNonNull(db.confirmed()))
                          .compareTo(Position.parse(end))
                      >= 0);
      assertThat(running.source.status().connected()).isTrue();
      Awaitility.await().until(() -> running.source.status().caughtUp());
      assertThat(running.source.status().waitingFor()).isNull();
      running.stop();
    }
    assertThat(db.journal.changes()).isEmpty();
  }

  @Test
  void interleavedTransactionsAndStopsLoseAndRepeatNothing() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Followed db = new Followed(server, "interleaved");
    db.sql("create table t (id bigserial primary key, w int, n int)");
    AtomicBoolean writing = new AtomicBoolean(true);
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<Thread> writers = new ArrayList<>();
    for (int w = 0; w < 4; w++) {
      Thread writer = new Thread(new Writer(db, w, new Random(seed + w), writing, failure));
      writer.start();
      writers.add(writer);
    }
    Thread sampler = new Thread(new ConfirmSampler(db, writing, failure));
    sampler.start();
    for (int run = 0; run < 8; run++) {
      try (RunningSource running = db.follow("public.t")) {
        int target = db.journal.changes().size() + 1 + random.nextInt(400);
        running.awaitChanges(target);
        running.stop();
      }
    }
    writing.set(false);
    for (Thread writer : writers) {
      writer.join();
    }
    sampler.join();
    assertThat(failure.get()).as("seed %d", seed).isNull();
    int rows = Integer.parseInt(Objects.requireNonNull(db.one("select count(*) from t")));
    db.changes(rows, "public.t");
    Set<String> seen = new HashSet<>(db.journal.texts());
    assertThat(db.journal.changes()).as("seed %d", seed).hasSize(rows);
    assertThat(seen).as("seed %d", seed).hasSize(rows);
    assertThat(new HashSet<>(db.journal.changes().stream().map(Change::origin).toList()))
        .as("seed %d", seed)
        .hasSize(rows);
  }

  /** Writes with savepoints, roll-backs, multi-row inserts and COPY-like bursts. */
  private record Writer(
      Followed db,
      int number,
      Random random,
      AtomicBoolean writing,
      AtomicReference<@Nullable Throwable> failure)
      implements Runnable {
    @Override
    public void run() {
      try (var connection = db.server.connect(db.name);
          var statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        for (int n = 0; writing.get(); n++) {
          LockSupport.parkNanos(2_000_000);
          int parts = 1 + random.nextInt(3);
          for (int part = 0; part < parts; part++) {
            if (random.nextInt(8) == 0) {
              db.copy(connection, "t (w, n)", (number + "\t" + n + "\n").repeat(300));
            } else {
              statement.execute(
                  "insert into t (w, n) values (" + number + ", " + n + "), (" + number + ", 0)");
            }
            if (random.nextInt(5) == 0) {
              statement.execute("savepoint s");
              statement.execute("insert into t (w, n) values (-1, -1)");
              statement.execute("rollback to s");
            }
          }
          if (random.nextInt(6) == 0) {
            connection.rollback();
          } else {
            connection.commit();
          }
        }
      } catch (Exception e) {
        failure.set(e);
      }
    }
  }

  /** Sees that the server is never told more than the journal holds. */
  private record ConfirmSampler(
      Followed db, AtomicBoolean writing, AtomicReference<@Nullable Throwable> failure)
      implements Runnable {
    @Override
    public void run() {
      try {
        while (writing.get()) {
          Position confirmed = Position.parse(Objects.requireNonNull(db.confirmed()));
          Checkpoint durable = db.journal.checkpoint();
          if (durable != null && confirmed.compareTo(durable.position()) > 0) {
            throw new AssertionError(confirmed + " is confirmed, but " + durable + " is durable");
          }
        }
      } catch (Throwable e) {
        failure.set(e);
      }
    }
  }
}
