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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Transactions that say who they are and whether rules keep still, and one that is much larger than
 * a batch, of which the engine is killed again and again: its children come whole.
 */
@Timeout(300)
class TransactionsIT {
  private static final Duration BOUND = Duration.ofSeconds(90);
  private static final int LINES = 100;

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
  @ValueSource(strings = {"sqlite", "kafka"})
  void aParentComesWithAllItsChildrenThroughKills(String journal) throws Exception {
    String name = "tx_" + journal;
    postgres.createDatabase(name);
    postgres.execute(
        name,
        """
        CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);
        CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint, qty int)
        """);
    Path file = configure(name, journal);
    EngineConfig config = ConfigLoader.load(file);
    Engine.from(config).prepareDatabase();
    postgres.execute(
        name,
        """
        BEGIN;
        SELECT pg_logical_emit_message(true, 'rowbell.context', '{"Actor_Id": "u1"}');
        INSERT INTO lines SELECT n, 1, 1 FROM generate_series(1, %d) n;
        INSERT INTO orders VALUES (1, 9.90);
        UPDATE lines SET qty = 2;
        DELETE FROM lines WHERE id = 1;
        COMMIT;
        BEGIN;
        INSERT INTO orders VALUES (2, 1);
        INSERT INTO lines VALUES (1001, 2, 1);
        SELECT pg_logical_emit_message(true, 'rowbell.skip', 'LineWritten');
        COMMIT;
        BEGIN;
        SELECT pg_logical_emit_message(true, 'rowbell.skip', '');
        INSERT INTO orders VALUES (3, 1);
        COMMIT;
        SELECT pg_logical_emit_message(true, 'events', '{"order": 4, "data": {"paid": true}}')
        """
            .formatted(LINES));

    for (Place place : List.of(Place.BEFORE_APPEND, Place.AFTER_APPEND, Place.AFTER_APPEND)) {
      try (JavaProcess engine = engine(file, place, 2)) {
        String halted = engine.awaitLine("halted " + place, BOUND);
        assertThat(halted).as("it stands within the large transaction").contains("+");
        engine.kill();
      }
    }
    List<DomainEvent> events;
    try (JavaProcess engine = engine(file, Place.NOWHERE, 0)) {
      events = awaitEvents(config, LINES + 3, engine);
    }
    assertThat(of(events, "LineWritten"))
        .extracting(DomainEvent::key)
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, LINES).mapToObj(Long::toString).toList());
    assertThat(of(events, "OrderPlaced"))
        .extracting(event -> event.data().toString())
        .containsExactly(
            "{\"id\":1,\"lines\":99,\"pieces\":198,\"changes\":202}",
            "{\"id\":2,\"lines\":1,\"pieces\":1,\"changes\":2}");
    assertThat(of(events, "Said"))
        .extracting(event -> event.key() + " " + event.data())
        .containsExactly("4 {\"paid\": true}");
    assertThat(events).extracting(DomainEvent::id).doesNotHaveDuplicates();
    // All of the large transaction, and nothing else.
    assertThat(events)
        .filteredOn(event -> "u1".equals(event.extensions().get("actorid")))
        .hasSize(LINES + 1)
        .allSatisfy(event -> assertThat(event.time()).isEqualTo(events.get(0).time()));
  }

  private static List<DomainEvent> of(List<DomainEvent> events, String type) {
    return events.stream().filter(event -> event.type().equals(type)).toList();
  }

  private static JavaProcess engine(Path file, Place place, int append) {
    return JavaProcess.of(HaltingEngine.class)
        .testLog()
        .jvm("-Xmx192m")
        .args(file.toString(), place.name(), Integer.toString(append))
        .start();
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

  private Path configure(String name, String journal) throws IOException {
    Files.writeString(
        directory.resolve("rules.yaml"),
        """
        rules: v1
        defaults: {to: "%1$s.events"}
        triggers:
          - event: LineWritten
            on: insert lines
            data: {id}
          - event: OrderPlaced
            on: insert orders
            with: {lines: lines by order_id}
            data: {id, lines: size(lines), pieces: "sum(lines.map(l, l.qty))", changes: tx.changes}
          - event: Said
            on: message events
            let: {e: json(content)}
            key: string(e.order)
            data: e.data
        """
            .formatted(name));
    return Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        name: %1$s
        source:
          postgres: {host: %2$s, port: %3$d, database: %1$s, user: %4$s, password: "%5$s", max-batch-changes: 20}
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
