package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.model.DomainEvent;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.PublicationPlan;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random rules read the same log twice, through a publication of everything and through the planned
 * one: the events and dead letters are the same. The application writes while the planned
 * publications are there, and none of its statements fails.
 *
 * <p>{@code -Drowbell.publication.rounds=20 -Drowbell.publication.seed=7} runs more, from a seed
 * on.
 */
@Timeout(600)
class PublicationPlanIT {
  private static final Duration BOUND = Duration.ofSeconds(90);
  private static final int MIXED = 4;
  private static final int INSERTS = 2;
  private static final int TRANSACTIONS = 120;

  @TempDir private Path directory;
  private final Set<PublicationPlan.Part> pushed = EnumSet.noneOf(PublicationPlan.Part.class);

  @Test
  void thePlannedPublicationGivesTheSameEventsAndFailsNoStatement() throws Exception {
    long first = Long.getLong("rowbell.publication.seed", 1);
    int rounds = Integer.getInteger("rowbell.publication.rounds", 1);
    try (PostgresServer server = PostgresServer.start()) {
      for (long seed = first; seed < first + rounds; seed++) {
        try {
          round(server, seed);
        } catch (Throwable e) {
          throw new AssertionError("with -Drowbell.publication.seed=" + seed, e);
        }
      }
    }
    assertThat(pushed).as("what was left out").contains(PublicationPlan.Part.values());
  }

  private void round(PostgresServer server, long seed) throws Exception {
    RandomShop shop = new RandomShop(new Random(seed));
    String database = server.createDatabase("plan" + seed);
    server.execute(database, RandomShop.TABLES);
    Map<String, String> sets = new LinkedHashMap<>();
    for (int i = 0; i < MIXED + INSERTS; i++) {
      String name = "s" + seed + "_" + i;
      sets.put(name, i < MIXED ? shop.mixedRules(name) : shop.insertRules(name, i % 2 == 0));
    }
    String whole = "whole" + seed;
    server.execute(
        database,
        "CREATE PUBLICATION " + whole + " FOR TABLE plain, pair, whole, coded, log, done, other");
    EngineConfig everything = config(server, database, whole, String.join("", sets.values()));
    Engine.from(everything).prepareDatabase();
    Map<String, EngineConfig> planned = new LinkedHashMap<>();
    for (Map.Entry<String, String> set : sets.entrySet()) {
      planned.put(set.getKey(), planned(server, database, set.getKey(), set.getValue()));
    }

    for (int i = 0; i < TRANSACTIONS; i++) {
      server.execute(database, shop.transaction());
    }
    server.execute(database, "INSERT INTO done VALUES (1)");

    Delivered all = run(everything, whole);
    int events = 0;
    for (Map.Entry<String, EngineConfig> set : planned.entrySet()) {
      String name = set.getKey();
      Delivered mine = run(set.getValue(), name);
      assertThat(mine.lines())
          .as(
              "%s%nby %s",
              sets.get(name), PublicationReview.of(set.getValue(), false, false).plan())
          .containsExactlyElementsOf(all.of(name));
      events += mine.lines().size();
    }
    assertThat(events).as("there is something to compare").isGreaterThan(MIXED + INSERTS);
    dropSlots(server, database);
  }

  /** A server has few. */
  private static void dropSlots(PostgresServer server, String database) {
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

  /** A pipeline whose publication is as planned, and is seen to be. */
  private EngineConfig planned(PostgresServer server, String database, String name, String rules)
      throws Exception {
    EngineConfig config = config(server, database, name, rules);
    PublicationReview made = PublicationReview.of(config, false, true);
    assertThat(made.outcome()).as("%s: %s", rules, made.plan()).isNotNull();
    assertThat(Engine.from(config).prepareDatabase())
        .as("only the slot is missing: %s", made.plan())
        .hasSize(1);
    PublicationPlan plan = PublicationReview.of(config, false, false).plan();
    plan.decisions().stream()
        .filter(PublicationPlan.Decision::pushed)
        .forEach(decision -> pushed.add(decision.part()));
    assertThat(plan.findings()).as(rules).isEmpty();
    assertThat(plan.statements()).as("%s: read back as it was written", rules).isEmpty();
    return config;
  }

  private EngineConfig config(PostgresServer server, String database, String name, String rules)
      throws Exception {
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
                publication: %1$s
            rules: [rules.yaml]
            journal: {sqlite: {file: journal.db}}
            """
                .formatted(
                    name,
                    server.host(),
                    server.port(),
                    database,
                    server.user(),
                    server.password())));
  }

  /** Runs a pipeline until its last row has come. */
  private Delivered run(EngineConfig config, String name) throws Exception {
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
    }
    List<String> lines = new ArrayList<>();
    for (DomainEvent event : events(config)) {
      lines.add(event.extensions().get("rule") + " " + event + " " + event.data());
    }
    lines.removeIf(line -> line.contains("_Done"));
    lines.addAll(deadLetters(config));
    return new Delivered(lines);
  }

  /** What was delivered, each line beginning with its rule. */
  private record Delivered(List<String> lines) {
    List<String> of(String set) {
      return lines.stream().filter(line -> line.startsWith(set + "_")).toList();
    }
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
