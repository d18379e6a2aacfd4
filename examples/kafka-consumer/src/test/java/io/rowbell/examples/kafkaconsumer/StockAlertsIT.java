package io.rowbell.examples.kafkaconsumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.Engine;
import io.rowbell.engine.RuleBench;
import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class StockAlertsIT {
  @Test
  @Timeout(180)
  void onlyJumpsOfFivePercentReachTheConsumerEachOnce() throws Exception {
    try (PostgresServer postgres = PostgresServer.start();
        KafkaBroker broker = KafkaBroker.start()) {
      postgres.createDatabase("market");
      postgres.execute("market", Files.readString(Path.of("schema.sql")));
      Map<String, String> environment = postgres.environment();
      environment.put("KAFKA", broker.bootstrapServers());
      assertThat(RuleBench.of(Path.of("rowbell.yaml"), List.of(), environment).failures())
          .isEmpty();
      Engine.Builder builder =
          Engine.from(ConfigLoader.load(Path.of("rowbell.yaml"), environment).config());
      builder.prepareDatabase();
      List<String> lines = new ArrayList<>();
      try (Engine engine = builder.start();
          StockAlerts alerts = new StockAlerts(broker.bootstrapServers(), lines::add)) {
        postgres.execute("market", "UPDATE stocks SET price = 104.99 WHERE symbol = 'ACME'");
        postgres.execute("market", "UPDATE stocks SET price = 110.24 WHERE symbol = 'ACME'");
        postgres.execute("market", "BEGIN; UPDATE stocks SET price = 1; ROLLBACK");
        postgres.execute("market", "UPDATE stocks SET price = 37.00 WHERE symbol = 'GLOBEX'");
        while (lines.size() < 2 && engine.failure().isEmpty()) {
          alerts.step(Duration.ofMillis(200));
        }
        assertThat(engine.failure()).isEmpty();
      }
      assertThat(lines).hasSize(2);
      assertThat(lines.get(0))
          .startsWith(
              "StockPriceMoved ACME {\"symbol\":\"ACME\",\"price\":110.24,\"previous\":104.99,\"percent\":5.0} (");
      assertThat(lines.get(1))
          .startsWith("StockPriceMoved GLOBEX {\"symbol\":\"GLOBEX\",\"price\":37.00,");
    }
  }
}
