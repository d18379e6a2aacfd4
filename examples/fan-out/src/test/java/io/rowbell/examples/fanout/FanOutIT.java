package io.rowbell.examples.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rowbell.engine.Engine;
import io.rowbell.engine.RuleBench;
import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FanOutIT {
  @Test
  @Timeout(120)
  void theServiceThatIsDownHoldsNoOtherAndMissesNothing(@TempDir Path directory) throws Exception {
    try (PostgresServer postgres = PostgresServer.start()) {
      postgres.createDatabase("app");
      postgres.execute("app", Files.readString(Path.of("schema.sql")));
      Map<String, String> environment = postgres.environment();
      environment.put("JOURNAL", directory.resolve("registration.db").toString());
      assertThat(RuleBench.of(Path.of("rowbell.yaml"), List.of(), environment).failures())
          .isEmpty();
      Engine.Builder builder =
          Engine.from(ConfigLoader.load(Path.of("rowbell.yaml"), environment).config());
      builder.prepareDatabase();
      try (Engine engine = builder.start()) {
        postgres.execute("app", "INSERT INTO users VALUES (1, 'Ada', 'ada@example.org', 'pro')");
        postgres.execute("app", "INSERT INTO users VALUES (2, 'Bob', 'bob@example.org', 'free')");
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> of("rewards: 100").size() == 2 || engine.failure().isPresent());
        assertThat(engine.failure()).isEmpty();
      }
    }
    assertThat(of("email")).containsExactly("email: welcome, user 1", "email: welcome, user 2");
    assertThat(of("analytics")).hasSize(2).noneMatch(line -> line.contains("ada@example.org"));
    assertThat(of("rewards: down")).hasSize(3);
    List<String> lines = Outbox.lines();
    assertThat(lines.indexOf("email: welcome, user 2"))
        .as("e-mail did not wait for rewards: %s", lines)
        .isLessThan(lines.indexOf("rewards: 100 points for user 1"));
  }

  private static List<String> of(String service) {
    return Outbox.lines().stream().filter(line -> line.startsWith(service)).toList();
  }
}
