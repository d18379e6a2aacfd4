package io.rowbell.kafka;

import static io.rowbell.testkit.Samples.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.RejectedEventException;
import io.rowbell.spi.RetryableException;
import io.rowbell.spi.Sink;
import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KafkaSinkIT {
  private static KafkaBroker broker;

  private String topic;

  @BeforeAll
  static void startBroker() {
    broker = KafkaBroker.start();
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void newTopic() {
    topic = "events." + UUID.randomUUID();
  }

  private void create(Map<String, String> configs) throws Exception {
    try (Admin admin =
        Admin.create(
            Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()))) {
      admin.createTopics(List.of(new NewTopic(topic, 3, (short) 1).configs(configs))).all().get();
    }
  }

  private static Sink open(@Nullable String topic, Duration timeout) {
    return new KafkaSinkFactory()
        .open(
            new KafkaSinkSettings(
                broker.bootstrapServers(), topic, 500, Compression.LZ4, timeout, null, Map.of()),
            Settings.pipeline("sink"));
  }

  private Sink open() {
    return open(topic, Duration.ofSeconds(15));
  }

  private List<ConsumerRecord<String, String>> records() {
    return Records.committed(broker.bootstrapServers(), topic);
  }

  private static String id(ConsumerRecord<String, String> record) {
    return new String(record.headers().lastHeader("ce_id").value(), UTF_8);
  }

  private List<String> ids(String key) {
    return records().stream()
        .filter(record -> key.equals(record.key()))
        .map(KafkaSinkIT::id)
        .toList();
  }

  private static String id(int number) {
    return Samples.id(number).toString();
  }

  @Test
  void eventsArriveInTheOrderOfTheirKeys() throws Exception {
    create(Map.of());
    List<DomainEvent> events =
        IntStream.range(0, 300).mapToObj(i -> event("A", "k" + i % 7, i)).toList();
    try (Sink sink = open()) {
      assertThat(sink.maxBatch()).isEqualTo(500);
      sink.deliver(events);
    }
    assertThat(records()).hasSize(300);
    for (int key = 0; key < 7; key++) {
      int first = key;
      assertThat(ids("k" + key))
          .isEqualTo(
              IntStream.range(0, 300)
                  .filter(i -> i % 7 == first)
                  .mapToObj(KafkaSinkIT::id)
                  .toList());
    }
    assertThat(records().get(0).headers().lastHeader("rowbell-pipeline")).isNull();
  }

  @Test
  void anEventGoesToItsOwnTopicIfNoneIsSet() throws Exception {
    create(Map.of());
    DomainEvent sample = event("A", "k", 1);
    try (Sink sink = open(null, Duration.ofSeconds(15))) {
      sink.deliver(
          List.of(
              new DomainEvent(
                  sample.id(),
                  sample.source(),
                  "A",
                  1,
                  "k",
                  sample.time(),
                  topic,
                  Map.of(),
                  sample.data())));
    }
    assertThat(ids("k")).containsExactly(id(1));
  }

  @Test
  void whatNoClusterTakesIsRejectedAndOnlyWhatIsBeforeItHasArrived() throws Exception {
    create(Map.of());
    EventData huge = EventData.ofJson("\"" + "x".repeat(9 << 20) + "\"");
    try (Sink sink = open()) {
      RejectedEventException rejected =
          catchThrowableOfType(
              RejectedEventException.class,
              () ->
                  sink.deliver(
                      List.of(event("A", "a", 1), event("A", "b", 2, huge), event("A", "c", 3))));
      assertThat(rejected.event()).isEqualTo(Samples.id(2));
      assertThat(records()).extracting(KafkaSinkIT::id).containsExactly(id(1));
    }
  }

  @Test
  void whatThisTopicRefusesIsFoundOneByOne() throws Exception {
    create(Map.of("max.message.bytes", "5000"));
    StringBuilder noise = new StringBuilder("\"");
    new Random(1).ints(20_000, 'a', 'z').forEach(c -> noise.append((char) c));
    EventData large = EventData.ofJson(noise.append('"').toString());
    List<DomainEvent> events =
        List.of(event("A", "a", 1), event("A", "b", 2, large), event("A", "c", 3));
    try (Sink sink = open()) {
      assertThat(catchThrowableOfType(RetryableException.class, () -> sink.deliver(events)))
          .isNotNull();
      int arrivedBefore = ids("c").size();
      RejectedEventException rejected =
          catchThrowableOfType(RejectedEventException.class, () -> sink.deliver(events));
      assertThat(rejected.event()).isEqualTo(Samples.id(2));
      assertThat(ids("a")).contains(id(1));
      assertThat(ids("b")).isEmpty();
      assertThat(ids("c")).as("not sent behind it").hasSize(arrivedBefore);
      sink.deliver(events.subList(2, 3));
      assertThat(ids("c")).contains(id(3));
    }
  }

  @Test
  void aMissingTopicAndABrokerThatHangsAreRetryable() throws Exception {
    List<DomainEvent> events = new ArrayList<>();
    IntStream.range(0, 4).forEach(i -> events.add(event("A", "k", i)));
    try (Sink sink = open(topic, Duration.ofSeconds(3))) {
      RetryableException missing =
          catchThrowableOfType(RetryableException.class, () -> sink.deliver(events));
      assertThat(missing).hasMessageContaining(topic);
      create(Map.of());
      sink.deliver(events.subList(0, 2));
      broker.suspend();
      try {
        assertThat(
                catchThrowableOfType(
                    RetryableException.class, () -> sink.deliver(events.subList(2, 4))))
            .isNotNull();
      } finally {
        broker.resume();
      }
    }
    try (Sink sink = open()) {
      sink.deliver(events.subList(2, 4));
    }
    // Repeats are allowed, overtaking is not: once the ids are told apart, the order is right.
    assertThat(ids("k").stream().distinct().toList()).containsExactly(id(0), id(1), id(2), id(3));
  }

  @Test
  void anInterruptedDeliveryIsInterrupted() throws Exception {
    create(Map.of());
    try (Sink sink = open()) {
      Thread.currentThread().interrupt();
      assertThat(
              catchThrowableOfType(
                  InterruptedException.class, () -> sink.deliver(List.of(event("A", "k", 1)))))
          .isNotNull();
      assertThat(Thread.interrupted()).isFalse();
      sink.deliver(List.of(event("A", "k", 2)));
      assertThat(ids("k")).contains(id(2));
    }
  }

  @Test
  void settingsThatCannotBeUsedAreNamed() {
    InvalidSettingException refused =
        catchThrowableOfType(
            InvalidSettingException.class, () -> open("no topic", Duration.ofSeconds(1)));
    assertThat(refused.key()).isEqualTo("topic");
  }
}
