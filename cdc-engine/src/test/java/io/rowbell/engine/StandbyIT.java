package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.engine.cli.Main;
import io.rowbell.engine.config.ConfigException;
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

/**
 * Two processes of one pipeline: one works, the other takes over, whatever becomes of the first.
 */
@Timeout(300)
class StandbyIT {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private static PostgresServer postgres;
  private static KafkaBroker broker;

  @TempDir private Path directory;
  private long rows;

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

  @Test
  void theOtherTakesOverWhenOneStopsDiesOrHangs() throws Exception {
    postgres.createDatabase("shop");
    postgres.execute("shop", "CREATE TABLE orders (id bigint PRIMARY KEY)");
    Path file = configure("kafka: {bootstrap: \"" + broker.bootstrapServers() + "\"}");
    EngineConfig config = ConfigLoader.load(file);
    Engine.from(config).prepareDatabase();

    JavaProcess first = engine(file);
    try {
      assertThat(first.awaitLine("W209", BOUND))
          .contains("standby.take-over-after: it is 3 s, and journal.kafka.timeout 30 s");
      awaitWorking(first);
      try (JavaProcess second = standby(file)) {
        insert();
        awaitEvents(config);

        // Stopped: what it had begun is finished, and the lock is free at once.
        first.terminate();
        assertThat(first.awaitExit(BOUND)).isZero();
        insert();
        awaitWorking(second);
        awaitEvents(config);

        theOtherTakesOverFrom(second, file, config);
      }
    } finally {
      first.close();
    }
  }

  private void theOtherTakesOverFrom(JavaProcess second, Path file, EngineConfig config)
      throws Exception {
    try (JavaProcess third = standby(file)) {
      // Dead.
      insert();
      second.kill();
      awaitWorking(third);
      insert();
      awaitEvents(config);

      // It hangs, with its session and its lock.
      try (JavaProcess fourth = standby(file)) {
        third.suspend();
        insert();
        assertThat(fourth.awaitLine("taking over slot 'shop'", BOUND))
            .contains("has said nothing for");
        awaitWorking(fourth);
        awaitEvents(config);

        // And comes back: it may do no harm, and must end.
        third.resume();
        insert();
        assertThat(third.awaitExit(BOUND))
            .as("%s", third.output())
            .isIn(ExitCode.SOURCE_UNREACHABLE.code(), ExitCode.DESTINATION_FATAL.code());
        assertThat(fourth.running()).isTrue();
        awaitEvents(config);
      }
    }
  }

  @Test
  void aJournalThatCannotBeSharedIsRefused() throws IOException {
    Path file = configure("sqlite: {file: journal.db}");

    assertThatThrownBy(() -> ConfigLoader.load(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("sqlite")
        .hasMessageContaining("'standby'");
  }

  private static JavaProcess engine(Path file) {
    return JavaProcess.of(Main.class)
        .jvm("-Xmx192m")
        .args("run", "--config", file.toString())
        .start();
  }

  /** One that waits for another, which works already. */
  private static JavaProcess standby(Path file) throws InterruptedException {
    JavaProcess engine = engine(file);
    String unused = engine.awaitLine("pipeline shop: standby", BOUND);
    return engine;
  }

  private static void awaitWorking(JavaProcess engine) throws InterruptedException {
    engine.awaitLine("streams from", BOUND);
  }

  private void insert() throws SQLException {
    postgres.execute(
        "shop",
        "INSERT INTO orders SELECT n FROM generate_series(%d, %d) n"
            .formatted(rows + 1, rows + 20));
    rows += 20;
  }

  /** All of them, once, in the order of their commits. */
  private void awaitEvents(EngineConfig config) throws Exception {
    long end = System.nanoTime() + BOUND.toNanos();
    List<DomainEvent> events = new ArrayList<>();
    try (EventReader reader = config.journal().openReader(config.context())) {
      while (events.size() < rows && end - System.nanoTime() > 0) {
        reader.poll(1_000, Duration.ofMillis(100)).forEach(entry -> events.add(entry.event()));
      }
      // What comes too many must have a chance to come.
      reader.poll(1_000, Duration.ofMillis(500)).forEach(entry -> events.add(entry.event()));
    }
    assertThat(events)
        .extracting(DomainEvent::key)
        .containsExactlyElementsOf(
            LongStream.rangeClosed(1, rows).mapToObj(Long::toString).toList());
  }

  private Path configure(String journal) throws IOException {
    Files.writeString(
        directory.resolve("rules.yaml"),
        """
        rules: v1
        triggers:
          - event: OrderPlaced
            on: insert orders
            to: orders
            data: {id}
        """);
    return Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        name: shop
        source:
          postgres: {host: %s, port: %d, database: shop, user: %s, password: "%s", marker-interval: 500ms}
        rules: [rules.yaml]
        journal: {%s}
        standby: {take-over-after: 3s}
        """
            .formatted(
                postgres.host(), postgres.port(), postgres.user(), postgres.password(), journal));
  }
}
