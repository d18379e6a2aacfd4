package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.ShopPipelines.Delivered;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random rules of every kind read the same log twice, once with the rows that none of them needs
 * left out of the stream, once with all of them: the events, their ids and order, and the dead
 * letters are the same.
 *
 * <p>{@code -Drowbell.needless.rounds=20 -Drowbell.needless.seed=7} runs more, from a seed on.
 */
@Timeout(900)
class NeedlessRowsIT {
  private static final int SETS = 4;
  private static final int TRANSACTIONS = 150;

  @TempDir private Path directory;

  @Test
  void whatIsLeftOutOfTheStreamChangesNoEvent() throws Exception {
    long first = Long.getLong("rowbell.needless.seed", 1);
    int rounds = Integer.getInteger("rowbell.needless.rounds", 1);
    try (PostgresServer server = PostgresServer.start()) {
      for (long seed = first; seed < first + rounds; seed++) {
        try {
          round(server, seed);
        } catch (Throwable e) {
          throw new AssertionError("with -Drowbell.needless.seed=" + seed, e);
        }
      }
    }
  }

  private void round(PostgresServer server, long seed) throws Exception {
    LivelyShop shop = new LivelyShop(new Random(seed));
    String database = server.createDatabase("needless" + seed);
    server.execute(database, LivelyShop.TABLES);
    server.execute(database, "CREATE PUBLICATION everything FOR ALL TABLES");
    ShopPipelines pipelines = new ShopPipelines(server, database, directory);
    Map<String, String> sets = shop.ruleSets("n" + seed, SETS);
    Map<String, EngineConfig> each = new LinkedHashMap<>();
    for (Map.Entry<String, String> set : sets.entrySet()) {
      each.put(set.getKey(), prepared(pipelines, set.getKey(), set.getValue()));
    }
    String whole = "n" + seed;
    EngineConfig counting =
        prepared(pipelines, whole, String.join("", sets.values()) + ShopPipelines.COUNTING);

    for (int i = 0; i < TRANSACTIONS; i++) {
      server.execute(database, i == TRANSACTIONS / 2 ? LivelyShop.ALTERED : shop.transaction());
    }
    // What is to last has lasted when the last row comes.
    server.execute(database, "SELECT pg_sleep(0.2)");
    server.execute(database, "INSERT INTO done VALUES (1)");

    Delivered all = ShopPipelines.run(counting, whole);
    int events = 0;
    for (Map.Entry<String, EngineConfig> set : each.entrySet()) {
      String name = set.getKey();
      Delivered mine = ShopPipelines.run(set.getValue(), name);
      assertThat(mine.lines()).as(sets.get(name)).containsExactlyElementsOf(all.of(name));
      events += mine.lines().size();
      assertThat(mine.changes()).as("some were left out").isLessThan(all.changes());
    }
    assertThat(events).as("there is something to compare").isGreaterThan(20);
    pipelines.dropSlots();
  }

  private static EngineConfig prepared(ShopPipelines pipelines, String name, String rules)
      throws Exception {
    EngineConfig config = pipelines.config(name, "everything", rules);
    assertThat(Engine.from(config).prepareDatabase()).as("only the slot is missing").hasSize(1);
    return config;
  }
}
