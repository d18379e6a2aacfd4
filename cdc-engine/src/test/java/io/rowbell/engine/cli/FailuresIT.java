package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rowbell.engine.EventHandler;
import io.rowbell.model.DomainEvent;
import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.PostgresServer;
import io.rowbell.testkit.SmallDisk;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a user sees when something goes wrong: real processes on a real database, what they print
 * and how they end. All of it can be read in {@code target/failures.txt} afterwards.
 */
@Timeout(180)
class FailuresIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Pattern TRACE =
      Pattern.compile("(?m)^\\s+at [\\w.$/]+\\(|^Caused by:|^Exception in thread");

  private static final Map<String, String> TRANSCRIPTS = new TreeMap<>();
  private static PostgresServer server;

  @TempDir private Path directory;
  private final StringBuilder transcript = new StringBuilder();
  private String name = "";
  private PostgresServer database;

  /** A handler that takes no event. */
  public static final class Refusing implements EventHandler {
    @Override
    public void handle(DomainEvent event) {
      throw new IllegalStateException("the mail server says no");
    }
  }

  /** A handler that takes every event. */
  public static final class Taking implements EventHandler {
    @Override
    public void handle(DomainEvent event) {}
  }

  @BeforeAll
  static void start() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void writeDown() throws IOException {
    server.close();
    StringBuilder all = new StringBuilder();
    TRANSCRIPTS.forEach(
        (title, text) -> all.append("== ").append(title).append('\n').append(text).append('\n'));
    Files.writeString(Path.of("target", "failures.txt"), all);
  }

  @BeforeEach
  void chooseName(TestInfo test) throws Exception {
    name = test.getTestMethod().orElseThrow().getName().toLowerCase(java.util.Locale.ROOT);
    name = name.substring(0, Math.min(name.length(), 40));
    database = server;
  }

  /** Writes the configuration; what is given replaces the usual. */
  private void configure(String password, String journal, String subscribers) throws IOException {
    Files.writeString(
        directory.resolve("rules.yaml"),
        """
        rules: v1
        triggers:
          - event: StockListed
            on: insert stocks
            data: {id, symbol}
        """);
    Files.writeString(directory.resolve("password"), password);
    Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        name: %1$s
        source:
          postgres:
            host: %2$s
            port: %3$d
            database: %1$s
            user: %4$s
            password: "${file:password}"
        rules: [rules.yaml]
        journal: {%5$s}
        subscribers: [%6$s]
        """
            .formatted(
                name, database.host(), database.port(), database.user(), journal, subscribers));
  }

  private void configure(String journal, String subscribers) throws IOException {
    configure(database.password(), journal, subscribers);
  }

  private void configure() throws IOException {
    configure("sqlite: {file: journal.db}", "");
  }

  private void createDatabase() throws SQLException {
    database.createDatabase(name);
    database.execute(name, "CREATE TABLE stocks (id bigint PRIMARY KEY, symbol text NOT NULL)");
  }

  private void createPublicationAndSlot() throws Exception {
    ended(0, rowbell("check", "--apply"));
  }

  private void listStocks(int from, int to, String symbol) throws SQLException {
    database.execute(
        name,
        "INSERT INTO stocks SELECT n, '%s' FROM generate_series(%d, %d) n"
            .formatted(symbol, from, to));
  }

  private JavaProcess rowbell(String... args) {
    return JavaProcess.of(Main.class).jvm("-Xmx128m").directory(directory).args(args).start();
  }

  /** Waits for the end of a process; its output must be fit for users. */
  private String ended(int code, JavaProcess process) throws InterruptedException {
    try (process) {
      int ended = process.awaitExit(SOON);
      String output = String.join("\n", process.output());
      assertThat(ended).as(output).isEqualTo(code);
      assertThat(output).doesNotContain(database.password()).doesNotContainPattern(TRACE);
      return output;
    }
  }

  /** The same, and for the reader of the transcripts. */
  private String told(String command, int code, JavaProcess process) throws InterruptedException {
    String output = ended(code, process);
    tell("$ rowbell " + command + "\n" + output + (output.isEmpty() ? "" : "\n"));
    tell("(exit code " + code + ")\n");
    return output;
  }

  /** The same after SIGTERM, for what does not end by itself. */
  private String stopped(JavaProcess run) throws InterruptedException {
    run.terminate();
    return told("run      (and SIGTERM in the end)", 0, run);
  }

  private void tell(String text) {
    transcript.append(text.replace(directory + "/", "").replace(directory.toString(), "."));
  }

  private void told(String title) {
    TRANSCRIPTS.put(title, transcript.toString());
  }

  private String run(int code) throws InterruptedException {
    return told("run", code, rowbell("run"));
  }

  private static void awaitFollowing(JavaProcess run) throws InterruptedException {
    run.awaitLine(" streams from ", SOON);
  }

  @Test
  void aWrongPassword() throws Exception {
    createDatabase();
    configure("wrong", "sqlite: {file: journal.db}", "");
    assertThat(run(4)).contains("password authentication failed", "source.postgres.password");
    told("A wrong password");
  }

  @Test
  void noLogicalLog() throws Exception {
    try (PostgresServer replica = PostgresServer.with("wal_level", "replica").start()) {
      database = replica;
      createDatabase();
      configure();
      assertThat(run(3)).contains("E211", "wal_level", "ALTER SYSTEM SET wal_level = 'logical'");
      told("wal_level is not logical");
    }
  }

  @Test
  void noPublicationAndNoSlot() throws Exception {
    createDatabase();
    configure();
    assertThat(run(3))
        .contains("E208", "CREATE PUBLICATION")
        .contains(
            "E204",
            "pg_create_logical_replication_slot('" + name + "', 'pgoutput', false, false, true)");
    told("No publication and no slot");
  }

  @Test
  void aSlotInUse() throws Exception {
    createDatabase();
    configure();
    createPublicationAndSlot();
    try (JavaProcess first = rowbell("run")) {
      awaitFollowing(first);
      assertThat(run(4)).contains("another process follows slot '" + name + "'", "stop it");
    }
    told("A slot in use: the same pipeline runs already");
  }

  @Test
  void aMissingTable() throws Exception {
    createDatabase();
    database.execute(name, "ALTER TABLE stocks RENAME TO shares");
    configure();
    assertThat(run(3)).contains("rules.yaml:4", "stocks");
    told("A missing table");
  }

  @Test
  void aColumnDroppedWhileRunning() throws Exception {
    createDatabase();
    configure();
    createPublicationAndSlot();
    JavaProcess run = rowbell("run");
    awaitFollowing(run);
    listStocks(1, 1, "ACME");
    database.execute(name, "ALTER TABLE stocks DROP COLUMN symbol");
    database.execute(name, "INSERT INTO stocks VALUES (2)");
    assertThat(told("run", 3, run)).contains("table public.stocks was altered", "symbol");
    told("A column dropped while running");
  }

  @Test
  void aBrokerThatIsDown() throws Exception {
    createDatabase();
    configure("kafka: {bootstrap: \"localhost:%d\", timeout: 2s}".formatted(portOfNobody()), "");
    JavaProcess run = rowbell("run");
    run.awaitLine("waiting: ", SOON);
    assertThat(stopped(run)).contains("Kafka at localhost:", "is not available");
    told("A Kafka broker that is down");
  }

  private static int portOfNobody() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void aFullJournal() throws Exception {
    createDatabase();
    configure(
        "sqlite: {file: journal.db, max-size: 1MiB}",
        "{name: mail, handler: %s, retry: {delay: 5m}}".formatted(Refusing.class.getName()));
    createPublicationAndSlot();
    JavaProcess run = rowbell("run");
    awaitFollowing(run);
    for (int i = 0; i < 20; i++) {
      listStocks(i * 100 + 1, i * 100 + 100, "ACME".repeat(200));
    }
    run.awaitLine("waiting: ", SOON);
    assertThat(stopped(run))
        .contains("is full: it has reached its max-size of 1MiB", "the subscriber 'mail'");
    told("A full journal");
  }

  @Test
  void aFullDisk() throws Exception {
    Optional<SmallDisk> mounted = SmallDisk.mount(directory.resolve("disk"), 3 << 20);
    assumeTrue(mounted.isPresent(), "mounting a small disk needs root");
    try (SmallDisk disk = mounted.orElseThrow()) {
      createDatabase();
      configure("sqlite: {file: disk/journal.db}", "");
      createPublicationAndSlot();
      JavaProcess run = rowbell("run");
      awaitFollowing(run);
      listStocks(1, 1, "ACME");
      disk.fill();
      for (int i = 1; i < 100; i++) {
        listStocks(i * 100 + 1, i * 100 + 100, "ACME".repeat(200));
      }
      run.awaitLine("waiting: ", SOON);
      disk.free();
      assertThat(stopped(run)).contains("is full", "its disk has no room", "make room on the disk");
      told("A full disk");
    }
  }

  @Test
  void aHandlerThatAlwaysThrows() throws Exception {
    createDatabase();
    configure(
        "sqlite: {file: journal.db}",
        "{name: mail, handler: %s, retry: {attempts: 3, delay: 100ms}}"
            .formatted(Refusing.class.getName()));
    createPublicationAndSlot();
    JavaProcess run = rowbell("run");
    awaitFollowing(run);
    listStocks(1, 1, "ACME");
    run.awaitLine("dead letters", SOON);
    assertThat(stopped(run))
        .contains("subscriber mail", "the mail server says no", "X502", "tried 3 times");
    told("A handler that always throws");
  }

  @Test
  void aStopUnderLoad() throws Exception {
    createDatabase();
    configure(
        "sqlite: {file: journal.db}",
        "{name: taker, handler: %s}".formatted(Taking.class.getName()));
    createPublicationAndSlot();
    AtomicBoolean enough = new AtomicBoolean();
    JavaProcess run = rowbell("run");
    awaitFollowing(run);
    CompletableFuture<Integer> load = CompletableFuture.supplyAsync(() -> load(enough));
    JavaProcess follow = rowbell("events", "--follow");
    follow.awaitLine("StockListed", SOON);
    follow.close();
    stopped(run);
    enough.set(true);
    int rows = load.join();

    JavaProcess again = rowbell("run");
    awaitFollowing(again);
    listStocks(rows + 1, rows + 1, "LAST");
    JavaProcess untilLast = rowbell("events", "--follow");
    untilLast.awaitLine("LAST", SOON);
    List<String> events = new ArrayList<>(untilLast.output());
    untilLast.close();
    again.terminate();
    ended(0, again);
    assertThat(events).as("each row once").hasSize(rows + 1).doesNotHaveDuplicates();
    told("SIGTERM under load");
  }

  /** One small transaction after another; a bound for machines that are much faster. */
  private int load(AtomicBoolean enough) {
    int rows = 0;
    try (Connection connection = database.connect(name);
        Statement statement = connection.createStatement()) {
      while (!enough.get() && rows < 10_000) {
        statement.execute("INSERT INTO stocks VALUES (%d, 'ACME')".formatted(++rows));
      }
      return rows;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
