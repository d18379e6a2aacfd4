package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.spi.Source.SourceStatus;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import io.rowbell.testkit.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What goes wrong outside, and what is said of it. */
class OutagesIT {
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
  void aWrongPasswordIsSaidAtOnce() throws Exception {
    Followed db = new Followed(server, "password");
    db.settings = RunningSource.as(db.settings, server.user(), "wrong-secret");
    long start = System.nanoTime();
    try (RunningSource running = db.follow("public.t")) {
      assertFailure(running, Kind.UNREACHABLE, "password", "source.postgres.password");
      assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(5).toNanos());
    }
  }

  @Test
  void aServerThatIsNotThereIsWaitedForAsLongAsIsSaid() throws Exception {
    Followed db = new Followed(server, "nowhere");
    db.settings =
        RunningSource.waiting(
            RunningSource.at(db.settings, 1), Duration.ofSeconds(1), Duration.ofSeconds(5));
    try (RunningSource running = db.follow("public.t")) {
      assertFailure(running, Kind.UNREACHABLE, "127.0.0.1:1", "cannot be reached");
    }
  }

  @Test
  void aMissingSlotIsNeverMadeByFollowing() throws Exception {
    Followed db = new Followed(server, "slotless");
    db.sql("create table t (id int primary key)");
    db.sql("select pg_drop_replication_slot('slot_slotless')");
    try (RunningSource running = db.follow("public.t")) {
      assertFailure(running, Kind.MISCONFIGURED, "slot_slotless");
    }
    assertThat(db.confirmedOrNone()).isEmpty();
  }

  @Test
  void aSlotDroppedWhileRunningIsAGap() throws Exception {
    Followed db = new Followed(server, "dropped");
    db.sql("create table t (id int primary key)");
    try (RunningSource running = db.follow("public.t")) {
      db.sql("insert into t values (1)");
      running.awaitChanges(1);
      db.sql(
          """
          do $$
          begin
            loop
              perform pg_terminate_backend(active_pid, 5000)
                from pg_replication_slots where slot_name = 'slot_dropped';
              begin
                perform pg_drop_replication_slot('slot_dropped');
                return;
              exception when object_in_use then
              end;
            end loop;
          end $$
          """);
      assertFailure(running, Kind.POSITION_MISMATCH, "slot_dropped");
    }
    assertThat(db.confirmedOrNone()).isEmpty();
  }

  @Test
  void aSourceThatHasWaitedTooLongForAnotherSaysToStartAgain() throws Exception {
    Followed db = new Followed(server, "overtaken");
    db.sql("create table t (id int primary key)");
    try (RunningSource first = db.follow("public.t")) {
      db.sql("insert into t values (1)");
      first.awaitChanges(1);
      try (RunningSource second = db.follow("public.t")) {
        Awaitility.await().until(() -> second.source.status().waitingFor() != null);
        db.sql("insert into t values (2)");
        first.awaitChanges(2);
        first.stop();
        assertFailure(second, Kind.FAILED, "another process has followed", "start again");
      }
    }
    db.sql("insert into t values (3)");
    assertThat(db.changes(3, "public.t")).hasSize(3);
  }

  @Test
  void aJournalThatIsBehindTheSlotIsRefused() throws Exception {
    Followed db = new Followed(server, "behind");
    db.sql("create table t (id int primary key)");
    db.sql("insert into t values (1)");
    db.changes(1, "public.t");
    db.sql("insert into t values (2)");
    db.sql("select pg_replication_slot_advance('slot_behind', pg_current_wal_flush_lsn())");
    try (RunningSource running = db.follow("public.t")) {
      assertFailure(running, Kind.POSITION_MISMATCH, "slot_behind");
    }
  }

  @Test
  void terminatedBackendsAreReplacedAndNothingDrifts() throws Exception {
    Followed db = new Followed(server, "terminated");
    db.sql("create table t (id int primary key)");
    try (RunningSource running = db.follow("public.t")) {
      for (int i = 1; i <= 6; i++) {
        db.sql("insert into t values (" + i + ")");
        running.awaitChanges(i);
        db.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like"
                + " 'rowbell slot_terminated%' and "
                + (i % 2 == 0 ? "backend_type = 'walsender'" : "backend_type <> 'walsender'"));
      }
      Awaitility.await().until(() -> running.source.status().caughtUp());
      running.stop();
    }
    assertThat(db.journal.texts())
        .isEqualTo(
            IntStream.rangeClosed(1, 6).mapToObj(i -> "INSERT public.t {id=" + i + "}").toList());
  }

  @Test
  void aServerThatIsKilledAndComesBackLosesNothing() throws Exception {
    try (PostgresServer own = PostgresServer.start()) {
      Followed db = new Followed(own, "killed");
      db.sql("create table t (id int primary key)");
      List<String> expected = new ArrayList<>();
      try (RunningSource running = db.follow("public.t")) {
        for (int round = 0; round < 3; round++) {
          for (int i = 0; i < 50; i++) {
            int id = round * 100 + i;
            db.sql("insert into t values (" + id + ")");
            expected.add("INSERT public.t {id=" + id + "}");
          }
          if (round == 1) {
            own.stopImmediately();
          } else {
            own.kill();
          }
          Awaitility.await().until(() -> running.source.status().waitingFor() != null);
          SourceStatus status = running.source.status();
          assertThat(status.connected()).isFalse();
          assertThat(status.caughtUp()).isFalse();
          own.restart();
        }
        db.sql("insert into t values (1000)");
        expected.add("INSERT public.t {id=1000}");
        running.awaitChanges(expected.size());
        Awaitility.await().until(() -> running.source.status().caughtUp());
        running.stop();
      }
      assertThat(db.journal.texts()).isEqualTo(expected);
      assertThat(new HashSet<>(db.journal.texts())).hasSize(expected.size());
      assertThat(db.confirmed()).isEqualTo(db.journal.position().toString());
    }
  }

  @Test
  void aConnectionThatFallsSilentIsFoundAndMadeAnew() throws Exception {
    Followed db = new Followed(server, "silent");
    db.sql("create table t (id int primary key)");
    try (Wire wire = new Wire(server.port())) {
      db.settings =
          RunningSource.waiting(
              RunningSource.at(db.settings, wire.port()),
              Duration.ofSeconds(60),
              Duration.ofSeconds(2));
      try (RunningSource running = db.follow("public.t")) {
        db.sql("insert into t values (1)");
        running.awaitChanges(1);
        wire.silence();
        db.sql("insert into t values (2)");
        Awaitility.await()
            .atMost(Duration.ofSeconds(8))
            .until(() -> running.source.status().waitingFor() != null);
        wire.heal();
        running.awaitChanges(2);
        running.stop();
      }
    }
    assertThat(db.journal.texts())
        .containsExactly("INSERT public.t {id=1}", "INSERT public.t {id=2}");
  }

  private static void assertFailure(RunningSource running, Kind kind, String... words) {
    Throwable failure = running.awaitFailure();
    assertThat(failure)
        .isInstanceOfSatisfying(
            SourceException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
    assertThat(Objects.requireNonNull(failure.getMessage()))
        .contains(words)
        .doesNotContain("secret");
  }
}
