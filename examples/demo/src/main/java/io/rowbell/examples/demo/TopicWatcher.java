package io.rowbell.examples.demo;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;

/** An independent consumer: knows Kafka and CloudEvents, and nothing of Rowbell. */
final class TopicWatcher implements AutoCloseable {
  private final KafkaConsumer<String, String> consumer;
  private final Consumer<Alert> alerts;
  private final Thread thread = new Thread(this::run, "topic-watcher");

  TopicWatcher(String bootstrapServers, String topic, Consumer<Alert> alerts) {
    this.alerts = alerts;
    consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.GROUP_ID_CONFIG,
                "alerts",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                // Without it a consumer also sees what an aborted transaction wrote.
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.METADATA_MAX_AGE_CONFIG,
                500,
                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                false),
            new StringDeserializer(),
            new StringDeserializer());
    consumer.subscribe(List.of(topic));
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try (consumer) {
      while (true) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
          alerts.accept(
              new Alert(
                  header(record, "ce_type"),
                  record.value(),
                  Instant.parse(header(record, "ce_time"))));
        }
      }
    } catch (WakeupException e) {
      // close() was called; the consumer is closed on this thread, as Kafka wants it.
      return;
    }
  }

  private static String header(ConsumerRecord<String, String> record, String name) {
    Header header = record.headers().lastHeader(name);
    if (header == null) {
      throw new IllegalStateException("a record without " + name + ": " + record);
    }
    return new String(header.value(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
