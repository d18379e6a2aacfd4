package io.rowbell.kafka;

import io.rowbell.spi.AdapterContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/** Settings of tests: everything at its default, except what a test says. */
final class Settings {
  private Settings() {}

  static KafkaJournalSettings journal(String bootstrap) {
    return journal(bootstrap, true, Duration.ofSeconds(15), Duration.ofSeconds(30));
  }

  static KafkaJournalSettings journal(
      String bootstrap, boolean createTopics, Duration timeout, Duration transactionTimeout) {
    return new KafkaJournalSettings(
        bootstrap,
        createTopics,
        3,
        1,
        Compression.LZ4,
        timeout,
        transactionTimeout,
        null,
        Map.of());
  }

  /** A pipeline that no other test has. */
  static AdapterContext newPipeline() {
    return pipeline("test-" + UUID.randomUUID());
  }

  static AdapterContext pipeline(String name) {
    return new AdapterContext(name, Path.of(""), Map.of());
  }
}
