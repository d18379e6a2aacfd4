package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.model.DomainEvent;
import io.rowbell.spi.EventReader;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The SQL that docs/rule-language.md shows does with its rules what the page says. */
@Timeout(120)
class LanguagePageIT {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final Pattern SQL = Pattern.compile("(?ms)^```sql\\n(.*?)^```$");
  private static final Pattern RULES = Pattern.compile("(?ms)^```yaml\\n(rules: v1\\n.*?)^```$");

  /** What the page says that a transaction gives. */
  private static final Pattern GIVEN = Pattern.compile("COMMIT; +-- (\\{.*})");

  @TempDir private Path directory;

  @Test
  void transactionsAreToldAsThePageSays() throws Exception {
    String page = Files.readString(Path.of("../docs/rule-language.md"));
    List<String> sql = SQL.matcher(page).results().map(match -> match.group(1)).toList();
    Matcher given = GIVEN.matcher(page);
    assertThat(given.find()).isTrue();
    try (PostgresServer postgres = PostgresServer.start()) {
      postgres.createDatabase("page");
      postgres.execute("page", "CREATE SCHEMA sales;" + sql.get(0));
      EngineConfig config =
          ConfigLoader.load(
              configure(
                  postgres,
                  rules(page, "event: OrderPlaced"),
                  rules(page, "rule: events"),
                  """
                  rules: v1
                  triggers:
                    - {event: OrderChanged, on: insert or update orders, data: row}
                  """));
      Engine.from(config).prepareDatabase();
      List<DomainEvent> events;
      try (Engine engine = Engine.from(config).start()) {
        for (String transaction : sql.subList(1, sql.size())) {
          postgres.execute("page", transaction);
        }
        Awaitility.await()
            .atMost(BOUND)
            .until(
                () ->
                    engine.failure().isPresent()
                        || events(config).stream().anyMatch(e -> e.type().equals("OrderPaid")));
        assertThat(engine.failure()).isEmpty();
        events = events(config);
      }
      assertThat(events)
          .extracting(
              event ->
                  String.join(
                      " ",
                      event.type(),
                      event.topic(),
                      event.key(),
                      event.type().equals("OrderChanged")
                          ? event.extensions().getOrDefault("actor", "-")
                          : event.data().toString()))
          .containsExactly(
              // An order and its lines,
              "OrderChanged rowbell.orders 7 -",
              "OrderPlaced rowbell.orders 7 " + given.group(1),
              // who pays it,
              "OrderChanged rowbell.orders 7 u1",
              // nothing of what is skipped, and what an application says by itself.
              "OrderChanged rowbell.orders 7 -",
              "OrderPaid events.OrderPaid 7 {\"total\": 9.90}");
      assertThat(events.get(2).extensions().get("traceparent")).startsWith("00-0af7651916cd43dd");
    }
  }

  private static String rules(String page, String of) {
    List<String> found =
        RULES
            .matcher(page)
            .results()
            .map((MatchResult match) -> match.group(1))
            .filter(rules -> rules.contains(of))
            .toList();
    assertThat(found).as(of).hasSize(1);
    return found.get(0);
  }

  private Path configure(PostgresServer postgres, String... rules) throws Exception {
    for (int i = 0; i < rules.length; i++) {
      Files.writeString(directory.resolve("rules" + i + ".yaml"), rules[i]);
    }
    return Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        source:
          postgres: {host: %s, port: %d, database: page, user: %s, password: "%s"}
        rules: ["rules*.yaml"]
        journal: {sqlite: {file: journal.db}}
        """
            .formatted(postgres.host(), postgres.port(), postgres.user(), postgres.password()));
  }

  private static List<DomainEvent> events(EngineConfig config) throws Exception {
    List<DomainEvent> events = new ArrayList<>();
    try (EventReader reader = config.journal().openReader(config.context())) {
      reader.poll(1_000, Duration.ofMillis(20)).forEach(entry -> events.add(entry.event()));
    }
    return events;
  }
}
