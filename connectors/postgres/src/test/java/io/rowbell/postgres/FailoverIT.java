package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.spi.Finding;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import io.rowbell.testkit.PostgresServer;
import io.rowbell.testkit.TcpProxy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A real standby is promoted in the place of the primary. */
class FailoverIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  /** Enough for a promotion, while nobody can be reached. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  void aPromotedStandbyThatReceivedEverythingIsGoneOnWith() throws Exception {
    try (PostgresServer primary = PostgresServer.embedded().start();
        TcpProxy proxy = TcpProxy.toPostgres(primary.host(), primary.port())) {
      Followed db = prepared(primary, proxy);
      try (PostgresServer standby = primary.standby();
          RunningSource running = db.follow("public.t")) {
        insert(primary, 1, 50);
        running.awaitChanges(50);
        synchronizeSlot(db, standby);
        insert(primary, 51, 80);
        primary.stop();
        promote(standby);
        proxy.redirect(standby.host(), standby.port());
        insert(standby, 81, 100);
        running.awaitChanges(100);
        Awaitility.await().atMost(SOON).until(() -> running.source.status().caughtUp());
        running.stop();
      }
      assertThat(db.journal.texts()).isEqualTo(inserted(100));
    }
  }

  @Test
  void aPromotedStandbyWithoutTheLastCommitsIsRefused() throws Exception {
    try (PostgresServer primary = PostgresServer.embedded().start();
        TcpProxy proxy = TcpProxy.toPostgres(primary.host(), primary.port())) {
      Followed db = prepared(primary, proxy);
      try (PostgresServer standby = primary.standby();
          RunningSource running = db.follow("public.t")) {
        insert(primary, 1, 50);
        running.awaitChanges(50);
        synchronizeSlot(db, standby);
        standby.stop();
        insert(primary, 51, 80);
        running.awaitChanges(80);
        primary.kill();
        standby.restart();
        promote(standby);
        // The log here is longer than the journal's position, and another one.
        insert(standby, 1_000, 1_100);
        proxy.redirect(standby.host(), standby.port());
        assertThat(running.awaitFailure())
            .isInstanceOfSatisfying(
                SourceException.class,
                e -> {
                  assertThat(e.kind()).isEqualTo(Kind.POSITION_MISMATCH);
                  assertThat(e.findings()).extracting(Finding::code).containsExactly("E244");
                  assertThat(e.findings().get(0).help()).contains("'rowbell events --after 0/");
                })
            .hasMessageContainingAll("on timeline 1", "bytes after that never happened here");
      }
      assertThat(db.journal.texts()).isEqualTo(inserted(80));
    }
  }

  /** A database with a slot as the checks make it, reached through the proxy. */
  private static Followed prepared(PostgresServer primary, TcpProxy proxy) throws SQLException {
    Followed db = new Followed(primary, "moved");
    db.sql("select pg_drop_replication_slot('slot_moved')");
    db.sql(
        "select pg_create_logical_replication_slot('slot_moved', 'pgoutput', false, false, true)");
    db.sql("create table t (id int primary key)");
    db.settings =
        RunningSource.waiting(
            RunningSource.at(db.settings, proxy.port()), PATIENCE, Duration.ofSeconds(10));
    return db;
  }

  private static void insert(PostgresServer server, int from, int to) throws SQLException {
    server.execute("moved", "insert into t select generate_series(" + from + ", " + to + ")");
  }

  private static List<String> inserted(int to) {
    return IntStream.rangeClosed(1, to).mapToObj(i -> "INSERT public.t {id=" + i + "}").toList();
  }

  /** As {@code sync_replication_slots} does by itself every now and then. */
  private static void synchronizeSlot(Followed db, PostgresServer standby) {
    Awaitility.await()
        .atMost(SOON)
        .until(
            () -> {
              db.sql("select pg_log_standby_snapshot()");
              standby.query("postgres", "select pg_sync_replication_slots()");
              return standby
                      .query(
                          "postgres",
                          "select 1 from pg_replication_slots where slot_name = 'slot_moved' and synced"
                              + " and not temporary")
                      .size()
                  == 1;
            });
  }

  private static void promote(PostgresServer standby) throws SQLException {
    assertThat(standby.queryOne("postgres", "select pg_promote(true, 30)")).isEqualTo("t");
  }
}
