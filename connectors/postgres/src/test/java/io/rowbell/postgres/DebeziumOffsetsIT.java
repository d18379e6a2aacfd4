package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.Ledger;
import io.rowbell.testkit.LedgerWorkload;
import io.rowbell.testkit.LedgerWorkload.Shape;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The load of the fault matrix under Debezium's own offsets: rows are lost, and the harness sees
 * it. The day this fails, Debezium has mended it, and {@link DurablePosition} may be thought over.
 */
@Timeout(300)
class DebeziumOffsetsIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int ROWS = 10_000;
  private static final String LAST = "-1";

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
  void aCopyThatIsKilledLosesRows(@TempDir Path directory) throws Exception {
    assertLosesRows(
        "copy",
        directory,
        3,
        load -> load.writers(1).shapes(Shape.COPY).copyRows(ROWS).transactions(1));
  }

  @Test
  @EnabledIfSystemProperty(named = "rowbell.faults", matches = "long")
  void transactionsThatOverlapLoseRows(@TempDir Path directory) throws Exception {
    assertLosesRows(
        "overlapping",
        directory,
        10,
        load ->
            load.writers(5)
                .pause(Duration.ofMillis(2))
                .transactions(60)
                .copyRows(40)
                .shapes(Shape.LONG, Shape.LONG, Shape.TRANSFER, Shape.MULTI_ROW, Shape.COPY));
  }

  /** Writes, is killed again and again, and is let go on to the end. */
  private static void assertLosesRows(
      String database, Path directory, int kills, UnaryOperator<LedgerWorkload.Builder> load)
      throws Exception {
    long seed = System.nanoTime() % 1_000_000;
    Random random = new Random(seed);
    String unused = server.createDatabase(database);
    Path journal = directory.resolve("rows");
    try (Ledger ledger = Ledger.create(server, database)) {
      server.execute(database, "CREATE PUBLICATION " + database + " FOR TABLE ledger");
      server.query(
          database, "SELECT pg_create_logical_replication_slot('" + database + "', 'pgoutput')");
      load.apply(LedgerWorkload.on(ledger).seed(seed)).start().awaitEnd(SOON);
      int rows = Integer.parseInt(server.queryOne(database, "SELECT count(*) FROM ledger"));
      for (int kill = 0; kill < kills; kill++) {
        int haltAt = 1 + random.nextInt(rows / (2 * kills));
        try (JavaProcess plain = follow(database, directory, haltAt)) {
          assertThat(plain.awaitExit(SOON)).as("%s", plain.output()).isZero();
        }
      }
      server.execute(database, "INSERT INTO ledger VALUES (" + LAST + ", 1, 0, 'last')");
      try (JavaProcess plain = follow(database, directory, 0)) {
        Awaitility.await()
            .atMost(SOON)
            .until(() -> !plain.running() || Files.readAllLines(journal).contains(LAST));
        assertThat(plain.running()).as("%s", plain.output()).isTrue();
      }
      Set<String> told = new HashSet<>(Files.readAllLines(journal));
      List<String> missing =
          server.query(database, "SELECT id FROM ledger").stream()
              .map(row -> String.valueOf(row.get(0)))
              .filter(id -> !told.contains(id))
              .toList();
      assertThat(missing).as("seed %d", seed).isNotEmpty();
    }
  }

  private static JavaProcess follow(String database, Path directory, int haltAt) {
    return JavaProcess.of(PlainDebezium.class)
        .testLog()
        .jvm("-Xmx192m")
        .args(
            server.host(),
            Integer.toString(server.port()),
            server.user(),
            server.password(),
            database,
            directory.resolve("offsets").toString(),
            directory.resolve("rows").toString(),
            Integer.toString(haltAt))
        .start();
  }
}
