package io.rowbell.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.RuleBench;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The tests that the rule files carry of the demo, of docker-compose.yml and of the shop. */
class MarketRulesIT {
  private static final Path RESOURCES = Path.of("src/main/resources/demo");
  private static final Path COMPOSE = Path.of("../compose");
  private static final Path EVERYTHING = Path.of("../shop");

  @Test
  @Timeout(120)
  void theRulesDoWhatTheirTestsSay(@TempDir Path directory) throws Exception {
    Path config = directory.resolve("rowbell.yaml");
    Files.writeString(
        config,
        """
        source:
          postgres:
            host: ${env:PGHOST}
            port: ${env:PGPORT}
            database: ${env:PGDATABASE}
            user: ${env:PGUSER}
            password: ${env:PGPASSWORD}
        rules: [rules.yaml]
        """);
    try (PostgresServer postgres = PostgresServer.start()) {
      assertPass(
          postgres,
          "market",
          RESOURCES.resolve("schema.sql"),
          RESOURCES.resolve("market.yaml"),
          config);
      assertPass(
          postgres,
          "shop",
          COMPOSE.resolve("initdb/20-shop.sql"),
          COMPOSE.resolve("rules/shop.yaml"),
          config);
      assertPass(
          postgres,
          "everything",
          EVERYTHING.resolve("schema.sql"),
          EVERYTHING.resolve("rules.yaml"),
          config);
    }
  }

  private static void assertPass(
      PostgresServer postgres, String database, Path schema, Path rules, Path config)
      throws Exception {
    postgres.createDatabase(database);
    postgres.execute(database, Files.readString(schema));
    Map<String, String> environment = postgres.environment();
    environment.put("PGDATABASE", database);
    Files.copy(rules, config.resolveSibling("rules.yaml"), StandardCopyOption.REPLACE_EXISTING);
    RuleBench bench = RuleBench.of(config, List.of(), environment);
    assertThat(bench.schema()).isEqualTo("the database");
    assertThat(bench.failures()).isEmpty();
  }
}
