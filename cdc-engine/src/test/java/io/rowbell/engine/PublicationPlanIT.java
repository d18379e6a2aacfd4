package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.ShopPipelines.Delivered;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.spi.PublicationPlan;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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
    EngineConfig everything =
        pipelines(server, database)
            .config(whole, String.join("", sets.values()) + ShopPipelines.COUNTING);
    Engine.from(everything).prepareDatabase();
    Map<String, EngineConfig> planned = new LinkedHashMap<>();
    for (Map.Entry<String, String> set : sets.entrySet()) {
      planned.put(set.getKey(), planned(server, database, set.getKey(), set.getValue()));
    }

    for (int i = 0; i < TRANSACTIONS; i++) {
      server.execute(database, shop.transaction());
    }
    server.execute(database, "INSERT INTO done VALUES (1)");

    Delivered all = ShopPipelines.run(everything, whole);
    int events = 0;
    for (Map.Entry<String, EngineConfig> set : planned.entrySet()) {
      String name = set.getKey();
      Delivered mine = ShopPipelines.run(set.getValue(), name);
      assertThat(mine.lines())
          .as(
              "%s%nby %s",
              sets.get(name), PublicationReview.of(set.getValue(), false, false).plan())
          .containsExactlyElementsOf(all.of(name));
      events += mine.lines().size();
    }
    assertThat(events).as("there is something to compare").isGreaterThan(MIXED + INSERTS);
    pipelines(server, database).dropSlots();
  }

  /** A pipeline whose publication is as planned, and is seen to be. */
  private EngineConfig planned(PostgresServer server, String database, String name, String rules)
      throws Exception {
    EngineConfig config = pipelines(server, database).config(name, rules);
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

  private ShopPipelines pipelines(PostgresServer server, String database) {
    return new ShopPipelines(server, database, directory);
  }
}
