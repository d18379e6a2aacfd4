package io.rowbell.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class KafkaBrokerIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  void keepsWhatATransactionCommittedThroughAKillAndARestart() throws Exception {
    try (KafkaBroker broker = KafkaBroker.with("auto.create.topics.enable", "true").start()) {
      String before = broker.bootstrapServers();
      try (Producer<String, String> producer =
          new KafkaProducer<>(
              properties(broker, Map.of("transactional.id", "t")),
              new StringSerializer(),
              new StringSerializer())) {
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("topic", "key", "value")).get(30, TimeUnit.SECONDS);
        producer.commitTransaction();
      }
      // A commit is answered before its markers are written: only what is seen is surely there.
      assertThat(committed(broker)).containsExactly("value");
      broker.kill();
      broker.restart();
      assertThat(broker.bootstrapServers()).isEqualTo(before);
      assertThat(committed(broker)).containsExactly("value");
      assertThat(broker.logFile()).isNotEmptyFile();
    }
  }

  private static List<String> committed(KafkaBroker broker) {
    try (Consumer<String, String> consumer =
        new KafkaConsumer<>(
            properties(broker, Map.of("isolation.level", "read_committed")),
            new StringDeserializer(),
            new StringDeserializer())) {
      TopicPartition partition = new TopicPartition("topic", 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = System.nanoTime() + PATIENCE.toNanos();
      List<String> values = new ArrayList<>();
      while (values.isEmpty() && end - System.nanoTime() > 0) {
        consumer.poll(Duration.ofSeconds(1)).forEach(record -> values.add(record.value()));
      }
      return values;
    }
  }

  @Test
  void aBrokerThatDoesNotStartShowsWhyAndLeavesNothing() {
    assertThatThrownBy(() -> KafkaBroker.with("node.id", "none").start())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Invalid value none");
    KafkaBroker broker = KafkaBroker.start();
    broker.close();
    assertThat(Files.exists(broker.logFile().getParent())).isFalse();
  }

  private static Properties properties(KafkaBroker broker, Map<String, String> more) {
    Properties properties = new Properties();
    properties.putAll(more);
    properties.put("bootstrap.servers", broker.bootstrapServers());
    return properties;
  }
}
