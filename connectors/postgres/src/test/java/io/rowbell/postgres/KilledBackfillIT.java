package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Position;
import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process is killed with SIGKILL in the middle of a backfill, while the table is written. */
class KilledBackfillIT {
  private static final int KILLS = Integer.getInteger("rowbell.kills", 4);
  private static final int ROWS = 12_000;

  /** The row that a change ends with; a deleted one has only its key. */
  private static final Pattern CHANGE =
      Pattern.compile("(\\w+) public\\.t .*\\{id=(\\d+)(?:, n=(\\d+))?\\}");

  @Test
  void goesOnWhereItWasAndStaysInOrderWithTheStream(@TempDir Path directory) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path file = directory.resolve("journal");
    try (PostgresServer server = PostgresServer.start()) {
      Followed db = filled(server);
      try (RowWriters writers = new RowWriters(db, ROWS, seed)) {
        for (int kill = 0; kill < KILLS; kill++) {
          writers.check();
          killAfter(100 + random.nextInt(900), db, file);
          assertThat(FileJournal.isFinished(file, "public.t")).as("seed %d", seed).isFalse();
          assertThat(Position.parse(Objects.requireNonNull(db.confirmed())))
              .as("seed %d", seed)
              .isLessThanOrEqualTo(FileJournal.position(file));
        }
      }
      try (JavaProcess last = FollowingProcess.startBackfilling(db, file)) {
        await(last, () -> FileJournal.isFinished(file, "public.t"));
        db.sql("insert into t values (100000, 0)");
        await(last, () -> Files.readString(file).contains("INSERT public.t {id=100000, n=0}"));
        last.kill();
      }
      List<String> changes = FileJournal.changes(file);
      assertThat(replayed(changes, seed)).as("seed %d", seed).isEqualTo(table(db));
      assertThat(neverReadThoughAlwaysThere(changes)).as("seed %d", seed).isEmpty();
    }
  }

  private static Followed filled(PostgresServer server) throws Exception {
    Followed db = new Followed(server, "kills");
    db.sql("create table t (id int primary key, n int)");
    db.sql("insert into t select g, 0 from generate_series(1, " + ROWS + ") g");
    db.sql("select pg_create_logical_replication_slot('slot_after', 'pgoutput')");
    return db.withSlot("slot_after");
  }

  private static void killAfter(int rows, Followed db, Path file) throws Exception {
    long before = snapshots(file);
    try (JavaProcess process = FollowingProcess.startBackfilling(db, file)) {
      await(process, () -> snapshots(file) >= before + rows);
      process.kill();
    }
  }

  private static void await(JavaProcess process, Callable<Boolean> condition) {
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> !process.running() || condition.call());
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(String.join("\n", process.output()), e);
    }
    assertThat(process.running()).as("%s", process.output()).isTrue();
  }

  private static long snapshots(Path file) throws Exception {
    return Files.exists(file)
        ? Files.readAllLines(file).stream().filter(line -> line.startsWith("SNAPSHOT")).count()
        : 0;
  }

  /**
   * What the changes make of the table. No row is read twice; none is read after a change of it
   * unless just as the change left it; none comes back that a change has deleted.
   */
  private static Map<String, String> replayed(List<String> changes, long seed) {
    Map<String, String> rows = new HashMap<>();
    Set<String> deleted = new HashSet<>();
    Set<String> read = new HashSet<>();
    for (String change : changes) {
      Matcher parts = parts(change);
      String id = parts.group(2);
      switch (parts.group(1)) {
        case "SNAPSHOT" -> {
          String what = change + " seed " + seed;
          assertThat(read.add(id)).as("%s once", what).isTrue();
          assertThat(deleted).as(what).doesNotContain(id);
          assertThat(rows.getOrDefault(id, parts.group(3))).as(what).isEqualTo(parts.group(3));
          rows.put(id, parts.group(3));
        }
        case "DELETE" -> {
          rows.remove(id);
          deleted.add(id);
        }
        default -> {
          rows.put(id, parts.group(3));
          deleted.remove(id);
        }
      }
    }
    return rows;
  }

  /** Rows that only were updated, so that the backfill must have met them. */
  private static List<String> neverReadThoughAlwaysThere(List<String> changes) {
    Set<String> read = new HashSet<>();
    Set<String> movedAbout = new HashSet<>();
    for (String change : changes) {
      Matcher parts = parts(change);
      switch (parts.group(1)) {
        case "SNAPSHOT" -> read.add(parts.group(2));
        case "INSERT", "DELETE" -> movedAbout.add(parts.group(2));
        default -> {
          // An update leaves a row where it is.
        }
      }
    }
    List<String> missing = new ArrayList<>();
    for (int id = 1; id <= ROWS; id++) {
      String key = Integer.toString(id);
      if (!read.contains(key) && !movedAbout.contains(key)) {
        missing.add(key);
      }
    }
    return missing;
  }

  private static Matcher parts(String change) {
    Matcher parts = CHANGE.matcher(change);
    assertThat(parts.matches()).as(change).isTrue();
    return parts;
  }

  private static Map<String, String> table(Followed db) throws Exception {
    Map<String, String> rows = new HashMap<>();
    db.server
        .query(db.name, "select id, n from t")
        .forEach(
            row ->
                rows.put(Objects.requireNonNull(row.get(0)), Objects.requireNonNull(row.get(1))));
    return rows;
  }
}
