package io.rowbell.kafka;

import static io.rowbell.testkit.Samples.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.EventReader.Entry;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription;
import io.rowbell.testkit.KafkaBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringSerializer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A broker with a pipeline for each test, and what tests of its journal do with them. */
abstract class KafkaJournalTests {
  static final Duration PATIENCE = Duration.ofSeconds(30);
  static KafkaBroker broker;
  static Admin admin;

  final KafkaJournalFactory factory = new KafkaJournalFactory();
  AdapterContext pipeline;
  Names names;
  String topic;

  @BeforeAll
  static void startBroker() {
    broker = KafkaBroker.with("log.cleaner.backoff.ms", "200").start();
    admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()));
  }

  @AfterAll
  static void stopBroker() {
    admin.close(Duration.ZERO);
    broker.close();
  }

  @BeforeEach
  void newPipeline() {
    pipeline = Settings.newPipeline();
    names = new Names(pipeline.pipeline());
    topic = "events." + UUID.randomUUID();
  }

  final KafkaJournalSettings settings() {
    return Settings.journal(broker.bootstrapServers());
  }

  final KafkaJournalSettings withoutCreating() {
    return Settings.journal(
        broker.bootstrapServers(), false, Duration.ofSeconds(15), Duration.ofSeconds(30));
  }

  final Journal open() throws JournalException, InterruptedException {
    return factory.open(settings(), pipeline);
  }

  final DomainEvent to(String where, DomainEvent event) {
    return new DomainEvent(
        event.id(),
        event.source(),
        event.type(),
        event.version(),
        event.key(),
        event.time(),
        where,
        event.extensions(),
        event.data());
  }

  final DomainEvent numbered(int number) {
    return to(topic, event("A", "k" + number % 3, number));
  }

  static List<DomainEvent> read(Subscription subscription, int count) {
    List<DomainEvent> events = new ArrayList<>();
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              for (Entry entry : subscription.poll(count, Duration.ofMillis(200))) {
                events.add(entry.event());
              }
              return events.size() >= count;
            });
    assertThat(events).hasSize(count);
    return events;
  }

  static JournalException failure(ThrowingCallable call) {
    return catchThrowableOfType(JournalException.class, call);
  }

  final List<DeadLetter> deadLetters() throws JournalException, InterruptedException {
    List<DeadLetter> letters = new ArrayList<>();
    factory.readDeadLetters(settings(), pipeline, letter -> true, 100, letters::add);
    return letters;
  }

  static void configure(String topic, Map<String, String> configs) throws Exception {
    List<AlterConfigOp> changes =
        configs.entrySet().stream()
            .map(
                entry ->
                    new AlterConfigOp(
                        new ConfigEntry(entry.getKey(), entry.getValue()),
                        AlterConfigOp.OpType.SET))
            .toList();
    admin
        .incrementalAlterConfigs(
            Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), changes))
        .all()
        .get();
  }

  static KafkaProducer<String, String> stranger() {
    return new KafkaProducer<>(
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()),
        new StringSerializer(),
        new StringSerializer());
  }
}
