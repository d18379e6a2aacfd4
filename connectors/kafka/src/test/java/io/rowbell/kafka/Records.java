package io.rowbell.kafka;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What an independent consumer finds in a topic, without any of our code. */
final class Records {
  private Records() {}

  static List<ConsumerRecord<String, String>> committed(String bootstrap, String topic) {
    return read(bootstrap, topic, "read_committed");
  }

  static List<ConsumerRecord<String, String>> uncommitted(String bootstrap, String topic) {
    return read(bootstrap, topic, "read_uncommitted");
  }

  /** All up to the end of the log as it is now, transactions that are being completed included. */
  private static List<ConsumerRecord<String, String>> read(
      String bootstrap, String topic, String isolation) {
    Map<TopicPartition, Long> ends;
    try (KafkaConsumer<String, String> consumer = consumer(bootstrap, "read_uncommitted")) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      ends = consumer.endOffsets(partitions);
    }
    try (KafkaConsumer<String, String> consumer = consumer(bootstrap, isolation)) {
      consumer.assign(ends.keySet());
      consumer.seekToBeginning(ends.keySet());
      List<ConsumerRecord<String, String>> records = new ArrayList<>();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(50)).forEach(records::add);
                return ends.entrySet().stream()
                    .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
              });
      return records;
    }
  }

  private static KafkaConsumer<String, String> consumer(String bootstrap, String isolation) {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrap,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            isolation,
            ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
            10),
        new StringDeserializer(),
        new StringDeserializer());
  }
}
