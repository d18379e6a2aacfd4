package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.postgres.RunningSource.MemoryJournal;
import io.rowbell.spi.ChangeBatch;
import io.rowbell.spi.ChangeReader;
import io.rowbell.spi.SourceException;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The driver's own stream gives what Debezium's gives. */
class DirectReaderIT {
  private static final Duration SOON = Duration.ofSeconds(60);

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
  void itGivesWhatTheSourceGivesAlsoFromInsideATransaction() throws Exception {
    Followed db = new Followed(server, "direct");
    db.settings = RunningSource.withBatch(db.settings, "4MiB", 100);
    db.sql("create table t (id int primary key, v text)");
    db.sql("create table f (id int primary key, v text, w numeric)");
    db.sql("alter table f replica identity full");
    db.sql("insert into t values (1, repeat('x', 9000)), (2, null)");
    db.sql("update t set id = 3 where id = 2");
    db.sql("insert into f values (1, 'a', 1.50)");
    db.transaction(
        "update f set v = 'b'; select pg_logical_emit_message(true, 'app', 'told');"
            + "update f set w = 2; delete from f");
    db.sql("alter table f add column x boolean default true");
    db.sql("insert into f (id) select n from generate_series(1, 250) n");
    copy(db, "t", "10\ta\n11\tb\n");
    db.sql("truncate t, f");

    try (ChangeReader reader = reader(db);
        ChangeReader inside = reader(db)) {
      List<String> given = db.changes(263, "public.t", "public.f");
      List<Change> read = read(reader, given.size());

      assertThat(texts(read)).isEqualTo(given);
      assertThat(origins(read)).isEqualTo(origins(db.journal.changes()));

      Checkpoint half = half(db.journal);
      inside.after(half);
      List<Change> rest = read(inside, rest(db.journal, half).size());
      assertThat(origins(rest)).isEqualTo(origins(rest(db.journal, half)));
    }
    Awaitility.await()
        .atMost(SOON)
        .until(
            () ->
                Objects.equals(
                    db.one("select count(*) from pg_replication_slots where temporary"), "0"));
  }

  @Test
  void itTellsTheTimeOfAnIdleDatabaseAndNeverGoesBack() throws Exception {
    Followed db = new Followed(server, "idle");
    db.sql("create table t (id int primary key)");
    try (ChangeReader reader = reader(db)) {
      Instant before =
          Instant.parse(
              Objects.requireNonNull(
                  db.one(
                      "select to_char(now() at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")));
      db.sql("select pg_logical_emit_message(false, 'other', 'the stream moves')");

      Instant told = clockAfter(reader, before);

      assertThat(told).isAfterOrEqualTo(before);
    }
    try (ChangeReader reader = reader(db)) {
      assertThatThrownBy(() -> reader.after(Checkpoint.at(new Position(1))))
          .isInstanceOf(SourceException.class)
          .hasMessageContaining("what lies between cannot be read any more");
    }
  }

  @Test
  void whoHoldsKeepsItsSlotThoughItReadsNothing() throws Exception {
    Followed db = new Followed(server, "holding");
    db.sql("create table t (id int primary key)");
    Duration unattended = Duration.ofSeconds(3);
    try (ChangeReader reader = reader(db, unattended, 1L << 30)) {
      @Nullable ChangeBatch unused = reader.poll(Duration.ZERO);
      db.sql("insert into t values (1)");
      long start = System.nanoTime();
      holdUntil(reader, () -> System.nanoTime() - start > unattended.plusSeconds(2).toNanos());

      assertThat(texts(read(reader, 1))).containsExactly("INSERT public.t {id=1}");
    }
  }

  @Test
  void whoHoldsGivesTheSlotBackOnceTooMuchIsHeldBackForIt() throws Exception {
    Followed db = new Followed(server, "grown");
    db.sql("create table t (id int primary key)");
    try (ChangeReader reader = reader(db, Duration.ofSeconds(60), 1L << 20)) {
      @Nullable ChangeBatch unused = reader.poll(Duration.ZERO);
      db.sql("insert into t select n from generate_series(1, 50000) n");
      assertThatThrownBy(
              () ->
                  holdUntil(
                      reader,
                      () -> {
                        // With it a slot can let go of the log, when it is moved on.
                        db.sql("checkpoint");
                        db.one(
                            "select pg_replication_slot_advance('slot_grown',"
                                + " pg_current_wal_flush_lsn())");
                        return false;
                      }))
          .isInstanceOf(SourceException.class)
          .hasMessageContaining("more than 1 MiB of log")
          .hasMessageContaining("the slot is given back");
    }
  }

  private static void holdUntil(ChangeReader reader, Callable<Boolean> enough) throws Exception {
    long end = System.nanoTime() + SOON.toNanos();
    do {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("it holds on");
      }
      reader.hold();
    } while (!enough.call());
  }

  private static ChangeReader reader(Followed db, Duration unattended, long mostHeldBytes)
      throws Exception {
    SqlConnections connections = new SqlConnections(db.settings, db.slot(), Path.of("."));
    return DirectReader.open(
        new Endpoint(
            db.settings,
            connections,
            new TypeRegistry(connections),
            db.slot(),
            db.slot(),
            "rowbell",
            Map.of()),
        RunningSource.tables("public.t"),
        unattended,
        mostHeldBytes);
  }

  private static Instant clockAfter(ChangeReader reader, Instant time) throws Exception {
    long end = System.nanoTime() + SOON.toNanos();
    while (System.nanoTime() - end < 0) {
      ChangeBatch batch = reader.poll(Duration.ofMillis(100));
      Instant clock = batch == null ? null : batch.clock();
      if (clock != null && !clock.isBefore(time)) {
        return clock;
      }
    }
    throw new AssertionError("no time was told");
  }

  private static ChangeReader reader(Followed db) throws Exception {
    return RunningSource.source(db.settings, db.slot())
        .openReader(RunningSource.tables("public.t", "public.f"));
  }

  private static void copy(Followed db, String into, String rows) throws Exception {
    try (Connection connection = server.connect(db.settings.database())) {
      db.copy(connection, into, rows);
    }
  }

  private static List<Change> read(ChangeReader reader, int count) throws Exception {
    List<Change> changes = new ArrayList<>();
    long end = System.nanoTime() + SOON.toNanos();
    while (changes.size() < count && System.nanoTime() - end < 0) {
      @Nullable ChangeBatch batch = reader.poll(Duration.ofMillis(100));
      if (batch != null) {
        changes.addAll(batch.changes());
      }
    }
    return changes;
  }

  private static Checkpoint half(MemoryJournal journal) {
    return journal.batches().stream()
        .filter(ChangeBatch::openTransaction)
        .map(ChangeBatch::checkpoint)
        .filter(checkpoint -> checkpoint.openXid() != 0)
        .findFirst()
        .orElseThrow();
  }

  private static List<Change> rest(MemoryJournal journal, Checkpoint after) {
    return journal.batches().stream()
        .filter(batch -> batch.checkpoint().compareTo(after) > 0)
        .flatMap(batch -> batch.changes().stream())
        .toList();
  }

  private static List<String> texts(List<Change> changes) {
    return changes.stream().map(RunningSource::text).toList();
  }

  private static List<Origin> origins(List<Change> changes) {
    return changes.stream().map(Change::origin).toList();
  }
}
