package io.rowbell.kafka;

import static io.rowbell.testkit.Samples.batch;
import static io.rowbell.testkit.Samples.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.spi.Act;
import io.rowbell.spi.Batch;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.testkit.Samples;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/**
 * What is Kafka's own about the journal: what other consumers see, what metrics tell, who fences
 * whom, and clusters that are not there.
 */
class KafkaJournalIT extends KafkaJournalTests {
  // What other consumers see

  @Test
  void aConsumerSeesACloudEventInBinaryMode() throws Exception {
    DomainEvent event =
        new DomainEvent(
            Samples.id(1),
            "/shop/public.orders",
            "OrderPaid",
            2,
            "7",
            Instant.parse("2026-11-20T08:15:30.123456Z"),
            topic,
            Map.of("missing", "note"),
            EventData.ofJson("{\"id\":7}"));
    try (Journal journal = open()) {
      journal.append(batch(1, event));
    }
    ConsumerRecord<String, String> record =
        Records.committed(broker.bootstrapServers(), topic).get(0);
    assertThat(record.key()).isEqualTo("7");
    assertThat(record.value()).isEqualTo("{\"id\":7}");
    Map<String, String> headers = new TreeMap<>();
    record
        .headers()
        .forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
    assertThat(headers)
        .isEqualTo(
            Map.of(
                "ce_specversion", "1.0",
                "ce_id", Samples.id(1).toString(),
                "ce_source", "/shop/public.orders",
                "ce_type", "OrderPaid",
                "ce_subject", "7",
                "ce_time", "2026-11-20T08:15:30.123456Z",
                "ce_dataversion", "2",
                "ce_missing", "note",
                "content-type", "application/json",
                "rowbell-pipeline", pipeline.pipeline()));
  }

  // What metrics tell

  @Test
  void theDeadLettersThatAreKeptAndTheSizeAreTold() throws Exception {
    try (Journal journal = open()) {
      journal.append(
          batch(1, to("no topic", numbered(1)), numbered(2), to("no topic", numbered(3))));
      await().atMost(PATIENCE).until(() -> journal.status().deadLetters() == 2);
      assertThat(journal.status().bytes()).isPositive();
      try (DeadLetterCount one = count(1);
          DeadLetterCount all = count(9)) {
        assertThat(one.now()).isEqualTo(2);
        assertThat(all.now()).isEqualTo(2);
        journal.drop(deadLetters().subList(0, 1), new Act(Instant.EPOCH, "test", null, "drop", ""));
        assertThat(one.now()).isOne();
        assertThat(all.now()).isOne();
        journal.append(batch(2, to("no topic", numbered(4))));
        assertThat(one.now()).isEqualTo(2);
        assertThat(all.now()).isEqualTo(2);
      }
    }
  }

  private DeadLetterCount count(int most) {
    Clients clients =
        new Clients(new ClientProperties(Cluster.of(settings(), pipeline.directory())), "count");
    Ends ends = new Ends(admin, new Failures(broker.bootstrapServers()), clients.timeout());
    return new DeadLetterCount(new DeadLetterTopic(clients, ends, names), most);
  }

  @Test
  void deadLettersThatAnOpenTransactionHidesAreNotTakenForNone() throws Exception {
    KafkaJournalSettings hasty =
        Settings.journal(
            broker.bootstrapServers(), true, Duration.ofSeconds(4), Duration.ofSeconds(30));
    try (Journal journal = open();
        KafkaProducer<String, String> stranger = transactionalStranger()) {
      stranger.initTransactions();
      stranger.beginTransaction();
      stranger.send(new ProducerRecord<>(names.deadLetters(), "k", "open")).get();
      journal.append(batch(1, to("no topic", numbered(1))));
      JournalException failure =
          failure(() -> factory.listDeadLetters(hasty, pipeline, letter -> true, 100));
      assertThat(failure.kind()).isEqualTo(JournalException.Kind.UNAVAILABLE);
      assertThat(failure).hasMessageContaining("a transaction on it is open");
      stranger.abortTransaction();
      assertThat(deadLetters()).hasSize(1);
    }
  }

  private static KafkaProducer<String, String> transactionalStranger() {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            broker.bootstrapServers(),
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            "stranger-" + UUID.randomUUID()),
        new StringSerializer(),
        new StringSerializer());
  }

  // Clusters that are not there

  @Test
  void aClusterThatIsNotThereIsUnavailableInBoundedTime() throws Exception {
    for (String bootstrap : List.of("127.0.0.1:1", "no-such-host.invalid:9092")) {
      KafkaJournalSettings absent =
          Settings.journal(bootstrap, true, Duration.ofSeconds(2), Duration.ofSeconds(10));
      long start = System.nanoTime();
      JournalException failure = failure(() -> factory.open(absent, pipeline));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
      assertThat(failure.kind()).isEqualTo(JournalException.Kind.UNAVAILABLE);
      assertThat(failure).hasMessageContaining(bootstrap);
      assertThat(failure(() -> factory.openReader(absent, pipeline)).kind())
          .isEqualTo(JournalException.Kind.UNAVAILABLE);
    }
  }

  @Test
  void aTransactionTimeoutThatTheClusterRefusesIsFatal() throws Exception {
    KafkaJournalSettings patient =
        Settings.journal(
            broker.bootstrapServers(), true, Duration.ofSeconds(15), Duration.ofHours(1));
    JournalException failure = failure(() -> factory.open(patient, pipeline));
    assertThat(failure.kind()).isEqualTo(JournalException.Kind.FATAL);
    assertThatThrownBy(
            () ->
                factory.open(
                    Settings.journal(
                        broker.bootstrapServers(),
                        true,
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(15)),
                    pipeline))
        .isInstanceOfSatisfying(
            InvalidSettingException.class,
            e -> assertThat(e.key()).isEqualTo("transaction-timeout"));
  }

  @Test
  void everyCompressionWorks() throws Exception {
    Batch batch = batch(1, numbered(1), numbered(2));
    for (Compression compression : Compression.values()) {
      KafkaJournalSettings settings = settings();
      KafkaJournalSettings compressed =
          new KafkaJournalSettings(
              settings.bootstrap(),
              true,
              1,
              1,
              compression,
              settings.timeout(),
              settings.transactionTimeout(),
              null,
              Map.of());
      try (Journal journal = factory.open(compressed, Settings.newPipeline())) {
        journal.append(batch);
      }
    }
    assertThat(Records.committed(broker.bootstrapServers(), topic))
        .hasSize(2 * Compression.values().length);
  }
}
