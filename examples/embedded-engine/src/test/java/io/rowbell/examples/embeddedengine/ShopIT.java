package io.rowbell.examples.embeddedengine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.Engine;
import io.rowbell.engine.RuleBench;
import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ShopIT {
  @Test
  @Timeout(120)
  void handlersSeePlacedAndPaidOrders(@TempDir Path directory) throws Exception {
    try (PostgresServer postgres = PostgresServer.start()) {
      postgres.createDatabase("shop");
      postgres.execute("shop", Files.readString(Path.of("schema.sql")));
      Map<String, String> environment = postgres.environment();
      environment.put("JOURNAL", directory.resolve("shop.db").toString());
      assertThat(RuleBench.of(Path.of("rowbell.yaml"), List.of(), environment).failures())
          .isEmpty();
      Engine.Builder builder =
          Engine.from(ConfigLoader.load(Path.of("rowbell.yaml"), environment).config());
      builder.prepareDatabase();
      BlockingQueue<String> lines = new LinkedBlockingQueue<>();
      try (Engine engine = Shop.handlers(builder, lines::add).start()) {
        postgres.execute("shop", "INSERT INTO orders VALUES (7, 'Ada', 9.90)");
        assertThat(lines.poll(60, TimeUnit.SECONDS)).isEqualTo("thank you for order 7");
        postgres.execute("shop", "UPDATE orders SET status = 'PAID' WHERE id = 7");
        assertThat(lines.poll(60, TimeUnit.SECONDS))
            .isEqualTo("packing order 7: {\"id\":7,\"customer\":\"Ada\",\"total\":9.90}");
        postgres.execute("shop", "UPDATE orders SET status = 'SHIPPED' WHERE id = 7");
        assertThat(engine.failure()).isEmpty();
      }
      assertThat(List.copyOf(lines)).isEmpty();
    }
  }
}
