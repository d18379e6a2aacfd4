package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.model.DomainEvent;
import io.rowbell.spi.EventReader;
import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shop's rule file, in which everything of the language stands, against a real database: each
 * rule fires and does not fire, and the engine is killed in the middle of both rules with {@code
 * for}.
 */
@Timeout(300)
class WholeLanguageIT {
  private static final Duration BOUND = Duration.ofSeconds(90);
  private static final Path SHOP = Path.of("../examples/shop");

  @TempDir private Path directory;

  @Test
  void everyRuleFiresAndStaysSilentThroughAKill() throws Exception {
    try (PostgresServer postgres = PostgresServer.start()) {
      postgres.createDatabase("shop");
      postgres.execute("shop", Files.readString(SHOP.resolve("schema.sql")));
      Path file = configure(postgres);
      EngineConfig config = ConfigLoader.load(file);
      Engine.from(config).prepareDatabase();
      try (JavaProcess engine = engine(file)) {
        trade(postgres);
        awaitEvents(config, 9, engine);
        begin(postgres);
        awaitEvents(config, 12, engine);
        engine.kill();
      }
      whileNobodyListens(postgres);
      List<String> events;
      try (JavaProcess engine = engine(file)) {
        awaitEvents(config, 16, engine);
        postgres.execute("shop", "INSERT INTO metrics (host, cpu) VALUES ('a', 69)");
        events = awaitEvents(config, 17, engine);
      }
      assertThat(events)
          .containsExactlyInAnyOrder(
              "UserRegistered 1 shop.users {\"id\":1,\"email\":\"***\",\"plan\":\"pro\"}",
              "UserDeactivated 1 shop.users {\"id\":1,\"deleted_at\":\"2026-11-20T12:00:00Z\"}",
              "StockAbove100 1 shop.stocks {\"symbol\":\"ACME\",\"price\":104.99}",
              "StockPriceMoved 1 shop.stocks"
                  + " {\"symbol\":\"ACME\",\"price\":105.00,\"previous\":100.00,\"move\":5}",
              "PaymentCaptured 7 payments.card {\"payment_id\":1,\"order_id\":7,\"amount\":9.90}",
              "OrderPlaced 7 shop.orders"
                  + " {\"id\":7,\"customer_id\":3,\"total\":9.90,\"lines\":[]}",
              "OrderPlaced 8 shop.orders {\"id\":8,\"customer_id\":3,\"total\":20.00,"
                  + "\"lines\":[{\"sku\":\"A\",\"qty\":2},{\"sku\":\"B\",\"qty\":1}]}",
              "OrderPlaced 10 shop.orders"
                  + " {\"id\":10,\"customer_id\":4,\"total\":1.00,\"lines\":[]}",
              "ParcelShipped p1 outbox.parcel {\"weight\": 3}",
              "ReportRequested null shop.messages \"monthly\"",
              "CpuHigh c shop.metrics {\"host\":\"c\",\"cpu\":99}",
              "CpuRecovered c shop.metrics {\"host\":\"c\",\"cpu\":1}",
              // After the kill:
              "OrderPlaced 9 shop.orders"
                  + " {\"id\":9,\"customer_id\":3,\"total\":5.00,\"lines\":[]}",
              "PaymentOverdue 7 shop.orders {\"id\":7,\"customer_id\":3,\"total\":9.90}",
              "PaymentOverdue 9 shop.orders {\"id\":9,\"customer_id\":3,\"total\":5.00}",
              "CpuHigh a shop.metrics {\"host\":\"a\",\"cpu\":99}",
              "CpuRecovered a shop.metrics {\"host\":\"a\",\"cpu\":69}");
    }
  }

  /** What fires, each beside something like it that must not. */
  private static void trade(PostgresServer postgres) throws SQLException {
    for (String transaction :
        List.of(
            "INSERT INTO users VALUES (1, 'ann@example.com', 'pro', 'secret')",
            "UPDATE users SET plan = 'free', deleted_at = '2026-11-20 12:00+00' WHERE id = 1",
            "UPDATE users SET deleted_at = '2026-11-21 12:00+00' WHERE id = 1",
            "INSERT INTO stocks VALUES (1, 'ACME', 100.00)",
            "UPDATE stocks SET price = 104.99 WHERE id = 1",
            "UPDATE stocks SET price = 105.00 WHERE id = 1",
            "UPDATE stocks SET price = 200.00 WHERE id = 1", // in its cooldown
            "INSERT INTO payments VALUES (1, 7, 'AUTHORIZED', 'card', 9.90),"
                + " (2, 8, 'REFUSED', 'card', 1)",
            "UPDATE payments SET amount = 9.90, status = 'CAPTURED'",
            "INSERT INTO outbox VALUES (gen_random_uuid(), 'ParcelShipped', 'parcel', 'p1',"
                + " '{\"weight\": 3}')",
            "SELECT pg_logical_emit_message(true, 'reports', 'monthly')",
            "SELECT pg_logical_emit_message(true, 'others', 'weekly')",
            // A peak that ends before it has lasted, one that lasts and ends, one that goes on.
            "INSERT INTO metrics (host, cpu) VALUES ('b', 95)",
            "INSERT INTO metrics (host, cpu) VALUES ('b', 60)",
            "INSERT INTO orders VALUES (10, 4, 'PAID', 1)",
            "INSERT INTO metrics (host, cpu) VALUES ('c', 99)")) {
      postgres.execute("shop", transaction);
    }
  }

  /** What is still being waited for at the kill. */
  private static void begin(PostgresServer postgres) throws SQLException {
    postgres.execute("shop", "INSERT INTO metrics (host, cpu) VALUES ('c', 1)");
    postgres.execute("shop", "INSERT INTO metrics (host, cpu) VALUES ('a', 99)");
    postgres.execute("shop", "INSERT INTO orders VALUES (7, 3, 'PENDING', 9.90)");
    postgres.execute(
        "shop",
        "BEGIN; INSERT INTO order_lines VALUES (8, 'A', 2);"
            + " INSERT INTO orders VALUES (8, 3, 'PENDING', 20);"
            + " INSERT INTO order_lines VALUES (8, 'B', 1), (9, 'C', 1); COMMIT");
  }

  private static void whileNobodyListens(PostgresServer postgres) throws SQLException {
    postgres.execute("shop", "UPDATE orders SET status = 'PAID' WHERE id = 8");
    postgres.execute("shop", "INSERT INTO orders VALUES (9, 3, 'PENDING', 5)");
  }

  /** Half an hour and five minutes become seconds: the rest of the file is as it is. */
  private Path configure(PostgresServer postgres) throws java.io.IOException {
    String rules = Files.readString(SHOP.resolve("rules.yaml"));
    Files.writeString(
        directory.resolve("rules.yaml"),
        rules.replace("for: 30m", "for: 10s").replace("for: 5m", "for: 10s"));
    return Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        name: shop
        source:
          postgres: {host: %s, port: %d, database: shop, user: %s, password: "%s"}
        rules: [rules.yaml]
        journal: {sqlite: {file: journal.db}}
        """
            .formatted(postgres.host(), postgres.port(), postgres.user(), postgres.password()));
  }

  private static JavaProcess engine(Path file) {
    return JavaProcess.of(HaltingEngine.class)
        .testLog()
        .jvm("-Xmx192m")
        .args(file.toString(), HaltingEngine.Place.NOWHERE.name(), "0")
        .start();
  }

  private static List<String> awaitEvents(EngineConfig config, int count, JavaProcess engine)
      throws Exception {
    long end = System.nanoTime() + BOUND.toNanos();
    List<String> events = new ArrayList<>();
    try (EventReader reader = config.journal().openReader(config.context())) {
      while (events.size() < count && end - System.nanoTime() > 0 && engine.running()) {
        reader
            .poll(1_000, Duration.ofMillis(100))
            .forEach(entry -> events.add(text(entry.event())));
      }
      // What comes too many must have a chance to come.
      reader.poll(1_000, Duration.ofMillis(500)).forEach(entry -> events.add(text(entry.event())));
    }
    assertThat(engine.running()).as("the engine runs: %s", engine.output()).isTrue();
    return events;
  }

  private static String text(DomainEvent event) {
    return "%s %s %s %s"
        .formatted(
            event.type(),
            event.key(),
            event.topic(),
            new String(event.data().bytes(), StandardCharsets.UTF_8));
  }
}
