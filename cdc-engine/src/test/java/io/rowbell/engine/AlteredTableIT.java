package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.model.DomainEvent;
import io.rowbell.spi.EventReader;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A column that rules read is renamed or dropped: the rules of before read what was written before,
 * stop exactly there, and mended ones go on.
 */
@Timeout(300)
class AlteredTableIT {
  private static final Duration BOUND = Duration.ofSeconds(90);
  private static final String RENAME = "ALTER TABLE orders RENAME status TO state";
  private static final String DROP = "ALTER TABLE orders DROP status, ADD state text";

  private static PostgresServer postgres;

  @TempDir private Path directory;
  private String database = "";

  @BeforeAll
  static void start() {
    postgres = PostgresServer.start();
  }

  @AfterAll
  static void stop() {
    postgres.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {RENAME, DROP})
  void theRulesOfBeforeWorkOffTheBacklogAndMendedOnesGoOn(String alteration) throws Exception {
    prepare(alteration.equals(DROP) ? "dropped" : "renamed");
    runOnce(rules("status"));
    write(1, 50);
    sql(alteration);
    write(51, 100);

    assertStopsAtTheAlteration(rules("status"), "state");
    assertDelivered(50);
    assertRefused(rules("status"), "status");
    assertDelivered(50);
    runUntil(rules("state"), 100);
  }

  @Test
  void rulesThatWereMendedTooEarlyStopAtTheBacklog() throws Exception {
    prepare("early");
    runOnce(rules("status"));
    write(1, 5);
    sql(RENAME);
    write(6, 10);
    assertStopsAtTheAlteration(rules("state"), "status");
    assertDelivered(0);
    assertStopsAtTheAlteration(rules("status"), "state");
    assertDelivered(5);
    runUntil(rules("state"), 10);
  }

  @Test
  void eachOfSeveralAlterationsHasItsRules() throws Exception {
    prepare("twice");
    runOnce(rules("status"));
    sql(RENAME);
    write(1, 5);
    sql("ALTER TABLE orders RENAME state TO phase");
    write(6, 10);
    assertStopsAtTheAlteration(rules("status"), "state");
    assertDelivered(0);
    assertStopsAtTheAlteration(rules("state"), "phase");
    assertDelivered(5);
    runUntil(rules("phase"), 10);
  }

  @Test
  void aTableMayBeAlteredInTheMiddleOfATransaction() throws Exception {
    prepare("middle");
    runOnce(rules("status"));
    write(1, 3);
    sql("BEGIN; " + insert(4, 6) + ";" + RENAME + ";" + insert(7, 9) + "; COMMIT");
    write(10, 12);
    assertStopsAtTheAlteration(rules("status"), "state");
    assertDelivered(6);
    runUntil(rules("state"), 12);
  }

  @Test
  void aTableIsAlteredWhileItIsFollowed() throws Exception {
    prepare("live");
    try (Engine engine = Engine.from(config(rules("status"))).start()) {
      write(1, 50);
      sql(RENAME);
      write(51, 100);
      assertThat(engine.awaitStop()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(message(engine)).contains("table public.orders was altered", "state");
    }
    assertDelivered(50);
    runUntil(rules("state"), 100);
  }

  @Test
  void withoutAPositionRulesMustFitTheTablesAsTheyAre() throws Exception {
    prepare("fresh");
    write(1, 5);
    sql(RENAME);
    assertRefused(rules("status"), "status");
  }

  private static final String BESIDE =
      rules("id")
          + """
            - {rule: Next, event: OrderPlaced, on: insert orders, mode: shadow, data: {id, status}}
            - {rule: Paid, event: Paid, on: insert payments, mode: shadow, data: {id}}
          """;

  private void prepareBeside(String name) throws Exception {
    database = postgres.createDatabase("altered_" + name);
    sql("CREATE TABLE orders (id bigint PRIMARY KEY, status text)");
    sql("CREATE TABLE payments (id bigint PRIMARY KEY)");
    Engine.from(config(BESIDE)).prepareDatabase();
  }

  private static List<String> misfits(Engine engine) {
    return engine.pipelineStats().shadows().all().stream()
        .filter(record -> record.misfit() != null)
        .map(record -> record.rule().rule())
        .toList();
  }

  @Test
  void whatOnlyRulesInShadowReadMayGoWhileItIsFollowed() throws Exception {
    prepareBeside("beside");
    try (Engine engine = Engine.from(config(BESIDE)).start()) {
      write(1, 5);
      awaitDelivered(engine, 5);
      sql("ALTER TABLE orders DROP status; DROP TABLE payments");
      write(6, 10);
      awaitDelivered(engine, 10);
      await().atMost(BOUND).until(() -> misfits(engine).equals(List.of("Next")));

      // All checks are made again before the next stream: the table is gone.
      sql(
          "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
              + " WHERE active AND database = current_database()");
      write(11, 15);
      awaitDelivered(engine, 15);
      assertThat(misfits(engine)).containsExactly("Next", "Paid");
    }
  }

  @Test
  void whatOnlyRulesInShadowReadMayGoWhileNobodyFollows() throws Exception {
    prepareBeside("down");
    runOnce(BESIDE);
    write(1, 5);
    sql("ALTER TABLE orders DROP status; DROP TABLE payments");
    write(6, 10);
    runUntil(BESIDE, 10);
    write(11, 15);
    try (Engine engine = Engine.from(config(BESIDE)).start()) {
      awaitDelivered(engine, 15);
      assertThat(misfits(engine)).containsExactly("Next", "Paid");
    }
  }

  private void awaitDelivered(Engine engine, int count) throws Exception {
    await().atMost(BOUND).until(() -> engine.failure().isPresent() || delivered().size() >= count);
    assertThat(engine.failure()).isEmpty();
    assertDelivered(count);
  }

  private void prepare(String name) throws Exception {
    database = postgres.createDatabase("altered_" + name);
    sql("CREATE TABLE orders (id bigint PRIMARY KEY, status text)");
    Engine.from(config(rules("status"))).prepareDatabase();
  }

  private void sql(String sql) throws SQLException {
    postgres.execute(database, sql);
  }

  /** One transaction for each row. */
  private void write(int from, int to) throws SQLException {
    for (int id = from; id <= to; id++) {
      sql(insert(id, id));
    }
  }

  private static String insert(int from, int to) {
    return "INSERT INTO orders (id) SELECT generate_series(%d, %d)".formatted(from, to);
  }

  private static String rules(String column) {
    return """
        rules: v1
        triggers:
          - event: OrderPlaced
            on: insert orders
            data: {id, now: %s}
        """
        .formatted(column);
  }

  private EngineConfig config(String rules) throws Exception {
    Files.writeString(directory.resolve("rules.yaml"), rules);
    return ConfigLoader.load(
        Files.writeString(
            directory.resolve("rowbell.yaml"),
            """
            name: %1$s
            source:
              postgres: {host: %2$s, port: %3$d, database: %1$s, user: %4$s, password: "%5$s"}
            rules: [rules.yaml]
            journal: {sqlite: {file: journal.db}}
            """
                .formatted(
                    database,
                    postgres.host(),
                    postgres.port(),
                    postgres.user(),
                    postgres.password())));
  }

  /** Runs until the journal has a position, though no row was written. */
  private void runOnce(String rules) throws Exception {
    try (Engine engine = Engine.from(config(rules)).start()) {
      assertThat(engine.awaitReady(BOUND)).isTrue();
    }
  }

  private void runUntil(String rules, int count) throws Exception {
    try (Engine engine = Engine.from(config(rules)).start()) {
      long end = System.nanoTime() + BOUND.toNanos();
      while (delivered().size() < count
          && engine.failure().isEmpty()
          && end - System.nanoTime() > 0) {
        // Looks again: a look waits for an event for a moment.
      }
      assertThat(engine.failure()).isEmpty();
    }
    assertDelivered(count);
  }

  private void assertStopsAtTheAlteration(String rules, String columnOfTheNextRows)
      throws Exception {
    try (Engine engine = Engine.from(config(rules)).start()) {
      assertThat(engine.awaitStop()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(message(engine))
          .contains("table public.orders was altered", "E101", "id, " + columnOfTheNextRows);
    }
  }

  private static String message(Engine engine) {
    return String.valueOf(engine.failure().orElseThrow().getMessage());
  }

  private void assertRefused(String rules, String column) throws Exception {
    EngineConfig config = config(rules);
    assertThatThrownBy(() -> Engine.from(config).start())
        .isInstanceOf(EngineException.class)
        .hasMessageContainingAll("the rules cannot be used", "E101", column);
  }

  /** Every row up to a number, once, in order, and nothing else. */
  private void assertDelivered(int rows) throws Exception {
    List<DomainEvent> events = delivered();
    assertThat(events)
        .extracting(DomainEvent::key)
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, rows).mapToObj(Long::toString).toList());
    assertThat(events).extracting(DomainEvent::id).doesNotHaveDuplicates();
  }

  private List<DomainEvent> delivered() throws Exception {
    List<DomainEvent> events = new ArrayList<>();
    EngineConfig config = ConfigLoader.load(directory.resolve("rowbell.yaml"));
    try (EventReader reader = config.journal().openReader(config.context())) {
      reader.poll(1_000, Duration.ofMillis(100)).forEach(entry -> events.add(entry.event()));
    }
    return events;
  }
}
