package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.HaltingEngine.Place;
import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.model.DomainEvent;
import io.rowbell.spi.EventReader;
import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * kill -9 of a real engine at the two places of the commit protocol where it hurts, with both
 * journals.
 */
@Timeout(300)
class KilledEngineIT {
  private static final Duration BOUND = Duration.ofSeconds(90);
  private static final int KILLS = 3;
  private static final int ROWS_PER_COPY = 40;

  private static PostgresServer postgres;
  private static KafkaBroker broker;

  @TempDir private Path directory;

  @BeforeAll
  static void start() {
    postgres = PostgresServer.start();
    broker = KafkaBroker.start();
  }

  @AfterAll
  static void stop() {
    broker.close();
    postgres.close();
  }

  @ParameterizedTest
  @CsvSource({
    "sqlite, BEFORE_APPEND",
    "sqlite, AFTER_APPEND",
    "kafka, BEFORE_APPEND",
    "kafka, AFTER_APPEND"
  })
  void everyRowGivesItsEventOnce(String journal, Place place) throws Exception {
    String name = journal + "_" + place.name().toLowerCase(java.util.Locale.ROOT);
    postgres.createDatabase(name);
    postgres.execute(name, "CREATE TABLE orders (id bigint PRIMARY KEY, note text)");
    Path file = configure(name, journal);
    EngineConfig config = ConfigLoader.load(file);
    Engine.from(config).prepareDatabase();

    long rows = 0;
    for (int kill = 1; kill <= KILLS; kill++) {
      rows = write(name, rows);
      try (JavaProcess engine = engine(file, place, 1)) {
        String halted = engine.awaitLine("halted " + place, BOUND);
        assertThat(confirmedIsBehind(name, halted.substring(halted.lastIndexOf(' ') + 1))).isTrue();
        engine.kill();
      }
    }
    rows = write(name, rows);
    List<DomainEvent> events;
    try (JavaProcess engine = engine(file, Place.NOWHERE, 0)) {
      events = awaitEvents(config, rows + (rows - 1) / 3 + rows / 10, engine);
    }
    assertThat(keys(events, "OrderPlaced"))
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, rows).mapToObj(Long::toString).toList());
    // A rule that remembers does so exactly: the fourth order, the seventh, and so on.
    assertThat(data(events, "ThirdSince"))
        .containsExactlyElementsOf(
            LongStream.rangeClosed(2, rows)
                .filter(id -> id % 3 == 1)
                .mapToObj(id -> "{\"id\":" + id + ",\"previous\":" + (id - 3) + "}")
                .toList());
    // So does a window: it counts every row once.
    assertThat(data(events, "TenMore"))
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, rows / 10)
                .mapToObj(ten -> "{\"id\":" + 10 * ten + ",\"seen\":" + 10 * ten + "}")
                .toList());
    assertThat(events).extracting(DomainEvent::id).doesNotHaveDuplicates();
  }

  /**
   * Killed in the middle of a {@code for}: what lasted is told once, what ended meanwhile never.
   */
  @ParameterizedTest
  @ValueSource(strings = {"sqlite", "kafka"})
  void aStateGoesOnLastingThroughAKill(String journal) throws Exception {
    String name = journal + "_lasting";
    postgres.createDatabase(name);
    postgres.execute(name, "CREATE TABLE orders (id bigint PRIMARY KEY, note text)");
    Path file = configure(name, journal);
    EngineConfig config = ConfigLoader.load(file);
    Engine.from(config).prepareDatabase();
    try (JavaProcess engine = engine(file, Place.NOWHERE, 0)) {
      String unused = engine.awaitLine("streams from", BOUND);
      postgres.execute(name, "INSERT INTO orders VALUES (1, 'waiting'), (2, 'waiting')");
      awaitEvents(config, 2, engine);
      engine.kill();
    }
    postgres.execute(name, "UPDATE orders SET note = 'done' WHERE id = 2");
    List<DomainEvent> events;
    try (JavaProcess engine = engine(file, Place.NOWHERE, 0)) {
      awaitEvents(config, 3, engine);
      // Nothing is committed after this: the clock of the database alone lets the time elapse.
      postgres.execute(name, "INSERT INTO orders VALUES (3, 'waiting')");
      events = awaitEvents(config, 5, engine);
    }
    assertThat(keys(events, "OrderPlaced")).containsExactly("1", "2", "3");
    assertThat(data(events, "StillWaiting"))
        .containsExactly("{\"id\":1,\"note\":\"waiting\"}", "{\"id\":3,\"note\":\"waiting\"}");
  }

  private static List<String> keys(List<DomainEvent> events, String type) {
    return events.stream()
        .filter(event -> event.type().equals(type))
        .map(event -> String.valueOf(event.key()))
        .toList();
  }

  private static List<String> data(List<DomainEvent> events, String type) {
    return events.stream()
        .filter(event -> event.type().equals(type))
        .map(event -> new String(event.data().bytes(), StandardCharsets.UTF_8))
        .toList();
  }

  /**
   * One-row transactions, and rows of one statement that share a position as those of a COPY do.
   */
  private static long write(String database, long rows) throws SQLException {
    long next = rows;
    for (int i = 0; i < 3; i++) {
      postgres.execute(database, "INSERT INTO orders VALUES (%d, 'one')".formatted(++next));
    }
    postgres.execute(
        database,
        "INSERT INTO orders SELECT n, 'many' FROM generate_series(%d, %d) n"
            .formatted(next + 1, next + ROWS_PER_COPY));
    postgres.execute(database, "BEGIN; INSERT INTO orders VALUES (0, 'decoy'); ROLLBACK");
    return next + ROWS_PER_COPY;
  }

  private static JavaProcess engine(Path file, Place place, int append) {
    return JavaProcess.of(HaltingEngine.class)
        .testLog()
        .jvm("-Xmx192m")
        .args(file.toString(), place.name(), Integer.toString(append))
        .start();
  }

  private static boolean confirmedIsBehind(String slot, String checkpoint) throws SQLException {
    return "true"
        .equals(
            postgres.queryOne(
                slot,
                "SELECT (confirmed_flush_lsn < '%s')::text FROM pg_replication_slots WHERE slot_name = '%s'"
                    .formatted(checkpoint, slot)));
  }

  private static List<DomainEvent> awaitEvents(EngineConfig config, long count, JavaProcess engine)
      throws Exception {
    long end = System.nanoTime() + BOUND.toNanos();
    List<DomainEvent> events = new ArrayList<>();
    try (EventReader reader = config.journal().openReader(config.context())) {
      while (events.size() < count && end - System.nanoTime() > 0 && engine.running()) {
        reader.poll(1_000, Duration.ofMillis(100)).forEach(entry -> events.add(entry.event()));
      }
      // What comes too many must have a chance to come.
      reader.poll(1_000, Duration.ofMillis(500)).forEach(entry -> events.add(entry.event()));
    }
    assertThat(engine.running()).as("the engine runs: %s", engine.output()).isTrue();
    return events;
  }

  private Path configure(String name, String journal) throws java.io.IOException {
    Files.writeString(
        directory.resolve("rules.yaml"),
        """
        rules: v1
        triggers:
          - event: OrderPlaced
            on: insert orders
            to: "%1$s.orders"
            data: {id, note}
          - event: ThirdSince
            on: insert orders
            key: "'all'"
            when: id >= last.id + 3
            to: "%1$s.thirds"
            data: {id, previous: last.id}
          - event: TenMore
            on: insert orders
            key: "'all'"
            let: {seen: "count_over(true, '1d')"}
            when: seen %% 10 == 0
            to: "%1$s.tens"
            data: {id, seen}
          - event: StillWaiting
            on: orders
            while: note == 'waiting'
            for: 6s
            to: "%1$s.waiting"
            data: {id, note}
        """
            .formatted(name));
    return Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        name: %1$s
        source:
          postgres: {host: %2$s, port: %3$d, database: %1$s, user: %4$s, password: "%5$s"}
        rules: [rules.yaml]
        journal: {%6$s}
        """
            .formatted(
                name,
                postgres.host(),
                postgres.port(),
                postgres.user(),
                postgres.password(),
                journal.equals("sqlite")
                    ? "sqlite: {file: journal.db}"
                    : "kafka: {bootstrap: \"" + broker.bootstrapServers() + "\"}"));
  }
}
