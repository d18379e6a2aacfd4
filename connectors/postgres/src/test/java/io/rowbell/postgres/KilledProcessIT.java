package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Position;
import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that follows is killed with SIGKILL at random moments of a mixed load. */
class KilledProcessIT {
  private static final int KILLS = Integer.getInteger("rowbell.kills", 8);

  /** How many bytes of write-ahead log the writers may be ahead of what is confirmed. */
  private static final long AHEAD = 4L << 20;

  @Test
  void nothingIsLostDoubledOrTorn(@TempDir Path directory) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (PostgresServer server = PostgresServer.start()) {
      Followed db = new Followed(server, "kills");
      db.sql("create table t (id bigserial primary key, w int, n int)");
      Path file = directory.resolve("journal");
      AtomicBoolean writing = new AtomicBoolean(true);
      AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
      List<Thread> writers = new ArrayList<>();
      for (int w = 0; w < 3; w++) {
        Thread writer = new Thread(new Writer(db, w, new Random(seed + w), writing, failure));
        writer.start();
        writers.add(writer);
      }
      for (int kill = 0; kill < KILLS; kill++) {
        try (JavaProcess process = FollowingProcess.start(db, file)) {
          long before = size(file);
          Awaitility.await()
              .atMost(Duration.ofSeconds(60))
              .until(() -> !process.running() || size(file) > before + 1000);
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(700)));
          assertThat(process.running()).as("%s", process.output()).isTrue();
          process.kill();
        }
        Position confirmed = Position.parse(Objects.requireNonNull(db.confirmed()));
        Position durable = FileJournal.position(file);
        assertThat(confirmed).as("seed %d", seed).isLessThanOrEqualTo(durable);
      }
      writing.set(false);
      for (Thread writer : writers) {
        writer.join();
      }
      assertThat(failure.get()).isNull();
      int rows = Integer.parseInt(Objects.requireNonNull(db.one("select count(*) from t")));
      try (JavaProcess last = FollowingProcess.start(db, file)) {
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> !last.running() || lines(file) >= rows);
        assertThat(last.running()).as("seed %d: %s", seed, last.output()).isTrue();
        last.kill();
      }
      List<String> changes = FileJournal.changes(file);
      assertThat(changes.size()).as("changes, seed %d", seed).isEqualTo(rows);
      assertThat(new HashSet<>(changes).size()).as("unlike changes, seed %d", seed).isEqualTo(rows);
      assertThat(byTransaction(changes)).as("seed %d", seed).isEqualTo(written(db));
    }
  }

  private static long size(Path file) throws Exception {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  private static long lines(Path file) throws Exception {
    return Files.readAllLines(file).stream().filter(line -> line.startsWith("INSERT")).count();
  }

  /** How many rows each transaction has. */
  private static Map<String, Integer> byTransaction(List<String> changes) {
    Map<String, Integer> counts = new HashMap<>();
    changes.forEach(change -> counts.merge(change.replaceAll(".*(w=.*)}", "$1"), 1, Integer::sum));
    return counts;
  }

  private static Map<String, Integer> written(Followed db) throws Exception {
    Map<String, Integer> counts = new HashMap<>();
    db.server
        .query(db.name, "select 'w=' || w || ', n=' || n, count(*) from t group by w, n")
        .forEach(
            row ->
                counts.put(
                    Objects.requireNonNull(row.get(0)),
                    Integer.valueOf(Objects.requireNonNull(row.get(1)))));
    return counts;
  }

  /** Each transaction writes some rows, a COPY among them at times, larger than a batch. */
  private record Writer(
      Followed db,
      int number,
      Random random,
      AtomicBoolean writing,
      AtomicReference<@Nullable Throwable> failure)
      implements Runnable {
    @Override
    public void run() {
      try (Connection connection = db.server.connect(db.name);
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        for (int n = 0; writing.get(); n++) {
          do {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
          } while (writing.get() && db.ahead(connection) > AHEAD);
          if (random.nextInt(25) == 0) {
            db.copy(connection, "t (w, n)", (number + "\t" + n + "\n").repeat(1500));
          } else {
            statement.execute(
                "insert into t (w, n) values ("
                    + number
                    + ", "
                    + n
                    + "), ("
                    + number
                    + ", "
                    + n
                    + ")");
          }
          if (random.nextInt(8) == 0) {
            connection.rollback();
          } else {
            connection.commit();
          }
        }
        connection.rollback();
      } catch (Exception e) {
        failure.set(e);
      }
    }
  }
}
