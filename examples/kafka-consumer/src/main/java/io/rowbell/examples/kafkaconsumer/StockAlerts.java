package io.rowbell.examples.kafkaconsumer;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Prints a line for every stock whose price jumped. Knows Kafka and CloudEvents, and nothing of
 * Rowbell.
 */
public final class StockAlerts implements AutoCloseable {
  private final KafkaConsumer<String, String> consumer;
  private final Consumer<String> out;

  /**
   * Subscribes to {@code market.alerts}.
   *
   * @param bootstrapServers the cluster
   * @param out gets a line for each event
   */
  public StockAlerts(String bootstrapServers, Consumer<String> out) {
    this.out = out;
    consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.GROUP_ID_CONFIG,
                "stock-alerts",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                // A topic that does not exist yet is noticed this soon.
                ConsumerConfig.METADATA_MAX_AGE_CONFIG,
                1_000),
            new StringDeserializer(),
            new StringDeserializer());
    consumer.subscribe(List.of("market.alerts"));
  }

  /** Handles what has come, waiting at most so long for something, and commits. */
  public void step(Duration timeout) {
    for (ConsumerRecord<String, String> record : consumer.poll(timeout)) {
      out.accept(
          "%s %s %s (%s)"
              .formatted(
                  header(record, "ce_type"),
                  record.key(),
                  record.value(),
                  header(record, "ce_id")));
    }
    consumer.commitSync();
  }

  private static String header(ConsumerRecord<String, String> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    consumer.close();
  }

  /**
   * Runs until it is killed.
   *
   * @param args bootstrap servers; {@code localhost:9092} if left out
   */
  public static void main(String[] args) {
    Consumer<String> out = System.out::println;
    try (StockAlerts alerts = new StockAlerts(args.length > 0 ? args[0] : "localhost:9092", out)) {
      while (true) {
        alerts.step(Duration.ofSeconds(1));
      }
    }
  }
}
