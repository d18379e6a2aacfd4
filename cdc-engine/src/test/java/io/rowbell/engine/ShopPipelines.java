package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.model.DomainEvent;
import io.rowbell.spi.EventReader;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * Pipelines with rules about a {@link RandomShop}, each with a slot and a journal of its own.
 *
 * @param directory for their files
 */
record ShopPipelines(PostgresServer server, String database, Path directory) {
  /** A rule that never fires and counts all changes, so that none is left out of the stream. */
  static final String COUNTING =
      """
      - event: All_Counted
        on: insert done
        key: string(n)
        when: tx.changes > 1000000
        data: {n}
      """;

  private static final Duration BOUND = Duration.ofSeconds(90);

  /**
   * What was delivered.
   *
   * @param lines events, then dead letters, each beginning with its rule
   * @param changes how many changes the rules were asked about
   */
  record Delivered(List<String> lines, long changes) {
    List<String> of(String set) {
      return lines.stream().filter(line -> line.startsWith(set + "_")).toList();
    }
  }

  /** A pipeline with a publication of its own name. */
  EngineConfig config(String name, String rules) throws Exception {
    return config(name, name, rules);
  }

  /**
   * A pipeline, not prepared yet.
   *
   * @param rules whose names begin with its own; one more tells that all has come
   */
  EngineConfig config(String name, String publication, String rules) throws Exception {
    Path home = Files.createDirectories(directory.resolve(name));
    Files.writeString(
        home.resolve("rules.yaml"),
        // Private columns are known though they are not sent.
        "rules: v1\nprivate: [plain.d, pair.note]\ntriggers:\n"
            + rules.indent(2)
            + "  - event: %s_Done\n    on: insert done\n    key: string(n)\n    data: {n}\n"
                .formatted(name));
    return ConfigLoader.load(
        Files.writeString(
            home.resolve("rowbell.yaml"),
            """
            name: %1$s
            source:
              postgres:
                host: %2$s
                port: %3$d
                database: %4$s
                user: %5$s
                password: "%6$s"
                publication: %7$s
            rules: [rules.yaml]
            journal: {sqlite: {file: journal.db}}
            """
                .formatted(
                    name,
                    server.host(),
                    server.port(),
                    database,
                    server.user(),
                    server.password(),
                    publication)));
  }

  /** A server has few. */
  void dropSlots() {
    Awaitility.await()
        .atMost(BOUND)
        .ignoreExceptions()
        .until(
            () -> {
              server.execute(
                  database, "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots");
              return true;
            });
  }

  /** Runs a pipeline until its last row has come. */
  static Delivered run(EngineConfig config, String name) throws Exception {
    long changes;
    try (Engine engine = Engine.from(config).start()) {
      Awaitility.await()
          .atMost(BOUND)
          .pollInterval(Duration.ofMillis(50))
          .until(
              () ->
                  engine.failure().isPresent()
                      || events(config).stream()
                          .anyMatch(event -> event.type().equals(name + "_Done")));
      assertThat(engine.failure()).isEmpty();
      changes = engine.pipelineStats().changes().sum();
    }
    List<String> lines = new ArrayList<>();
    for (DomainEvent event : events(config)) {
      lines.add(event.extensions().get("rule") + " " + event + " " + event.data());
    }
    lines.removeIf(line -> line.contains("_Done"));
    lines.addAll(deadLetters(config));
    return new Delivered(lines, changes);
  }

  private static List<DomainEvent> events(EngineConfig config) throws Exception {
    List<DomainEvent> events = new ArrayList<>();
    try (EventReader reader = config.journal().openReader(config.context())) {
      reader.poll(100_000, Duration.ofMillis(20)).forEach(entry -> events.add(entry.event()));
    }
    return events;
  }

  private static List<String> deadLetters(EngineConfig config) throws Exception {
    List<String> letters = new ArrayList<>();
    try (Connection journal =
            DriverManager.getConnection("jdbc:sqlite:" + config.directory().resolve("journal.db"));
        Statement statement = journal.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT rule, id, topic, key, time, code, reason, payload FROM dead_letters"
                    + " ORDER BY seq")) {
      while (row.next()) {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= 8; i++) {
          values.add(row.getString(i));
        }
        letters.add(String.join(" ", values.stream().map(String::valueOf).toList()));
      }
    }
    return letters;
  }
}
