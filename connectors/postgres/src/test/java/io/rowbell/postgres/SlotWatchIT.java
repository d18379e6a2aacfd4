package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.Position;
import io.rowbell.spi.ChangeWatch;
import io.rowbell.spi.SourceException;
import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Looking at changes through a slot that must not outlive who looks. */
class SlotWatchIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration UNATTENDED = Duration.ofSeconds(2);
  private static final String SLOTS = "select count(*) from pg_replication_slots where temporary";

  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static SlotWatch watch(PostgresSettings settings, String slot, ChangeWatch.Since since)
      throws SourceException {
    SqlConnections connections = new SqlConnections(settings, "watched", Path.of(""));
    Endpoint endpoint =
        new Endpoint(
            settings,
            connections,
            new TypeRegistry(connections),
            "watched",
            slot,
            "rowbell",
            Map.of());
    return SlotWatch.open(
        endpoint, RunningSource.tables("public.t"), since, Duration.ofSeconds(30), UNATTENDED);
  }

  /** Looks until it cannot: {@code host port database user slot}. */
  static final class Looking {
    private Looking() {}

    public static void main(String[] args) throws Exception {
      PostgresSettings settings =
          RunningSource.settings(
              args[0], Integer.parseInt(args[1]), args[2], args[3], System.getenv("PASSWORD"));
      try (SlotWatch watch = watch(settings, args[4], ChangeWatch.Since.NOW)) {
        for (int i = 1; ; i++) {
          System.out.println(watch.poll(Duration.ofSeconds(1)).size() + " came, looked " + i);
        }
      } catch (SourceException e) {
        System.out.println("ended: " + e.getMessage());
      }
    }
  }

  @Test
  void aProcessThatIsStoppedLosesItsSlotAndSaysSo() throws Exception {
    Followed db = new Followed(server, "stopped");
    db.sql("create table t (id int primary key)");
    try (JavaProcess looking =
        JavaProcess.of(Looking.class)
            .testLog()
            .args(
                server.host(), Integer.toString(server.port()), "stopped", server.user(), db.slot())
            .environment("PASSWORD", server.password())
            .start()) {
      // Longer than it may be left alone: it is not, while it looks.
      looking.awaitLine("looked 4", SOON);
      assertThat(db.one(SLOTS)).isEqualTo("1");

      looking.suspend();
      await().atMost(SOON).until(() -> Objects.equals(db.one(SLOTS), "0"));
      looking.resume();

      assertThat(looking.awaitLine("ended: ", SOON))
          .contains("nobody looked for 2 s", "start again");
    }
  }

  @Test
  void itGoesOnWhereAJournalEnds() throws Exception {
    Followed db = new Followed(server, "journal_end");
    db.sql("create table t (id int primary key)");
    db.sql("insert into t values (1)");
    Position end =
        Position.parse(Objects.requireNonNull(db.one("select pg_current_wal_insert_lsn()")));
    db.sql("insert into t values (2)");
    db.transaction("insert into t values (3); insert into t values (4)");

    assertThat(texts(db, null)).containsExactly("1", "2", "3", "4");
    assertThat(texts(db, Checkpoint.at(end))).containsExactly("2", "3", "4");
    try (SlotWatch watch = watch(db.settings, db.slot(), ChangeWatch.Since.NOW)) {
      assertThatThrownBy(() -> watch.after(Checkpoint.at(new Position(1))))
          .isInstanceOf(SourceException.class)
          .hasMessageContaining("going on where the journal ends failed");
    }
  }

  private static List<String> texts(Followed db, @Nullable Checkpoint after) throws Exception {
    try (SlotWatch watch = watch(db.settings, db.slot(), ChangeWatch.Since.CONFIRMED)) {
      if (after != null) {
        watch.after(after);
      }
      return watch.poll(Duration.ofSeconds(30)).stream()
          .map(change -> RunningSource.text(change).replaceAll("(?s).*\\{id=(\\d+)}.*", "$1"))
          .toList();
    }
  }
}
