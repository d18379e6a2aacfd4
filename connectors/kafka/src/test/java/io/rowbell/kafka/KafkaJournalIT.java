package io.rowbell.kafka;

import static io.rowbell.testkit.Samples.DATABASE;
import static io.rowbell.testkit.Samples.batch;
import static io.rowbell.testkit.Samples.event;
import static io.rowbell.testkit.Samples.stateBatch;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.Position;
import io.rowbell.spi.Act;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.Batch;
import io.rowbell.spi.CursorRange;
import io.rowbell.spi.Decision;
import io.rowbell.spi.EventReader.Entry;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Journal;
import io.rowbell.spi.Journal.Start;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.StateChange;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.Progress;
import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.Samples;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringSerializer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What is Kafka's own about the journal: topics, sizes, names, retention, and what consumers see.
 */
class KafkaJournalIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static KafkaBroker broker;
  private static Admin admin;

  private final KafkaJournalFactory factory = new KafkaJournalFactory();
  private AdapterContext pipeline;
  private Names names;
  private String topic;

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

  private KafkaJournalSettings settings() {
    return Settings.journal(broker.bootstrapServers());
  }

  private KafkaJournalSettings withoutCreating() {
    return Settings.journal(
        broker.bootstrapServers(), false, Duration.ofSeconds(15), Duration.ofSeconds(30));
  }

  private Journal open() throws JournalException, InterruptedException {
    return factory.open(settings(), pipeline);
  }

  private DomainEvent to(String where, DomainEvent event) {
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

  private DomainEvent numbered(int number) {
    return to(topic, event("A", "k" + number % 3, number));
  }

  private static List<DomainEvent> read(Subscription subscription, int count) {
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

  private static JournalException failure(ThrowingCallable call) {
    return catchThrowableOfType(JournalException.class, call);
  }

  private List<DeadLetter> deadLetters() throws JournalException, InterruptedException {
    return factory.readDeadLetters(settings(), pipeline, letter -> true, 100);
  }

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

  // Topics

  @Test
  void aMissingTopicThatMayNotBeMadeIsNamed() throws Exception {
    JournalException own = failure(() -> factory.open(withoutCreating(), pipeline));
    assertThat(own.kind()).isEqualTo(JournalException.Kind.FATAL);
    assertThat(own).hasMessageContaining(names.state()).hasMessageContaining(names.deadLetters());
    open().close();
    try (Journal journal = factory.open(withoutCreating(), pipeline)) {
      JournalException missing = failure(() -> journal.append(batch(1, numbered(1))));
      assertThat(missing.kind()).isEqualTo(JournalException.Kind.FATAL);
      assertThat(missing).hasMessageContaining(topic).hasMessageContaining("create-topics");
    }
    admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    try (Journal journal = factory.open(withoutCreating(), pipeline)) {
      assertThat(journal.resume().checkpoint()).isNull();
      journal.append(batch(1, numbered(1)));
    }
    assertThat(Records.committed(broker.bootstrapServers(), topic)).hasSize(1);
  }

  @Test
  void anEventWithoutAPlaceInKafkaIsADeadLetterAndTheOthersFlow() throws Exception {
    List<String> places =
        List.of("no topic", "", "..", "x".repeat(250), names.state(), "__consumer_offsets");
    List<DomainEvent> events = new ArrayList<>(List.of(numbered(100)));
    for (int i = 0; i < places.size(); i++) {
      events.add(to(places.get(i), event("A", "k", i)));
    }
    DomainEvent badExtension = numbered(99);
    events.add(
        new DomainEvent(
            badExtension.id(),
            badExtension.source(),
            badExtension.type(),
            1,
            null,
            badExtension.time(),
            topic,
            Map.of("id", "x"),
            badExtension.data()));
    events.add(numbered(101));
    try (Journal journal = open()) {
      journal.append(batch(1, events));
      assertThat(journal.resume().checkpoint()).isEqualTo(Checkpoint.at(new Position(1)));
    }
    assertThat(Records.committed(broker.bootstrapServers(), topic)).hasSize(2);
    assertThat(deadLetters())
        .hasSize(places.size() + 1)
        .allSatisfy(letter -> assertThat(letter.code()).isEqualTo("X412"))
        .anySatisfy(
            letter -> assertThat(letter.payload().toString()).contains("\"data\":{\"n\":0"));
  }

  @Test
  void aTopicWhoseNameTheClusterRefusesGivesDeadLetters() throws Exception {
    // Names that differ in '.' and '_' only would collide in the broker's metrics.
    String dotted = topic.replace('-', '.');
    String underscored = dotted.replace('.', '_');
    try (Journal journal = open()) {
      journal.append(batch(1, to(dotted, event("A", "k", 1))));
      journal.append(batch(2, to(underscored, event("A", "k", 2))));
      journal.append(batch(3, to(dotted, event("A", "k", 3))));
    }
    assertThat(deadLetters())
        .singleElement()
        .satisfies(letter -> assertThat(letter.topic()).isEqualTo(underscored));
    assertThat(Records.committed(broker.bootstrapServers(), dotted)).hasSize(2);
  }

  @Test
  void anEventLargerThanItsTopicTakesIsADeadLetterInTheSameAppend() throws Exception {
    admin
        .createTopics(
            List.of(
                new NewTopic(topic, 1, (short) 1).configs(Map.of("max.message.bytes", "20000"))))
        .all()
        .get();
    DomainEvent fits = event("A", "k", 1, EventData.ofJson(quoted(15_000)));
    DomainEvent large = event("A", "k", 2, EventData.ofJson(quoted(20_000)));
    DomainEvent huge = event("A", "k", 3, EventData.ofJson(quoted(2_000_000)));
    try (Journal journal = open()) {
      journal.append(batch(1, to(topic, fits), to(topic, large), to(topic, huge)));
    }
    assertThat(Records.committed(broker.bootstrapServers(), topic)).hasSize(1);
    List<DeadLetter> letters = deadLetters();
    assertThat(letters)
        .hasSize(2)
        .allSatisfy(
            letter -> {
              assertThat(letter.code()).isEqualTo("X402");
              assertThat(letter.reason()).contains("max.message.bytes").contains(topic);
            });
    assertThat(letters.get(0).payload().toString()).contains(quoted(20_000));
    assertThat(letters.get(1).payload().bytes().length).isLessThan(100);
    assertThat(letters.get(1).reason()).contains("too large for the dead letters");
  }

  /** Hard to compress: what fits is measured before compression. */
  private static String quoted(int length) {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder("\"");
    for (int i = 2; i < length; i++) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    return text.append('"').toString();
  }

  @Test
  void whatIsTooLargeEvenForTheDeadLettersOrForTheStateEndsThePipeline() throws Exception {
    String hugeKey = "k".repeat(2_000_000);
    try (Journal journal = open()) {
      JournalException failure =
          failure(() -> journal.append(batch(1, to(topic, event("A", hugeKey, 1)))));
      assertThat(failure.kind()).isEqualTo(JournalException.Kind.FATAL);
      assertThat(failure).hasMessageContaining(names.deadLetters());
    }
    try (Journal journal = open()) {
      JournalException failure =
          failure(() -> journal.append(stateBatch(1, new StateChange("big", new byte[2_000_000]))));
      assertThat(failure.kind()).isEqualTo(JournalException.Kind.FATAL);
      assertThat(failure).hasMessageContaining("'big'").hasMessageContaining(names.state());
    }
    try (Journal journal = open()) {
      assertThat(journal.resume().checkpoint()).isNull();
    }
    assertThat(Records.committed(broker.bootstrapServers(), topic)).isEmpty();
  }

  @Test
  void aStateTopicThatTakesLessIsWhatTheJournalSaysItTakes() throws Exception {
    open().close();
    configure(names.state(), Map.of("max.message.bytes", "20000"));
    String name = "rule/" + "r".repeat(100) + "/" + "€".repeat(200);
    try (Journal journal = open()) {
      int largest = journal.largestState();
      assertThat(largest).isBetween(18_000, 19_999);
      assertThat(factory.largestState(settings(), pipeline)).as("beside it").isEqualTo(largest);
      byte[] state = new byte[largest];
      new Random(1).nextBytes(state);
      journal.append(stateBatch(1, new StateChange(name, state)));
      assertThat(journal.resume().state().get(name)).isEqualTo(state);
    }
  }

  @Test
  void aTopicThatTakesLessThanBeforeIsLookedAtAgainAfterReopening() throws Exception {
    AtomicInteger last = new AtomicInteger(1);
    try (Journal journal = open()) {
      journal.append(batch(1, numbered(1)));
      configure(topic, Map.of("max.message.bytes", "20000"));
      // The broker hears of it a little later than the controller that has answered.
      await()
          .until(
              () -> failure(() -> journal.append(large(last.incrementAndGet()))),
              failure -> failure != null && failure.kind() == JournalException.Kind.UNAVAILABLE);
    }
    try (Journal journal = open()) {
      journal.append(large(last.get()));
    }
    assertThat(deadLetters()).singleElement().extracting(DeadLetter::code).isEqualTo("X402");
  }

  private Batch large(int number) {
    EventData data = EventData.ofJson(quoted(100_000));
    return batch(number, to(topic, event("A", "k", number, data)));
  }

  @Test
  void aStateTopicThatForgetsIsRefused() throws Exception {
    admin.createTopics(List.of(new NewTopic(names.state(), 1, (short) 1))).all().get();
    JournalException failure = failure(this::open);
    assertThat(failure.kind()).isEqualTo(JournalException.Kind.FATAL);
    assertThat(failure).hasMessageContaining("cleanup.policy=delete");
  }

  @Test
  void aStateTopicOfSeveralPartitionsIsRefused() throws Exception {
    admin
        .createTopics(
            List.of(
                new NewTopic(names.state(), 2, (short) 1)
                    .configs(Map.of("cleanup.policy", "compact"))))
        .all()
        .get();
    JournalException failure = failure(this::open);
    assertThat(failure.kind()).isEqualTo(JournalException.Kind.FATAL);
    assertThat(failure).hasMessageContaining("2 partitions");
  }

  @Test
  void aTopicThatForgetsDeadLettersOrSpreadsThemIsRefused() throws Exception {
    open().close();
    Map<String, String> kept =
        Map.of("cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1");
    for (Map.Entry<String, String> forgetful :
        Map.of(
                "cleanup.policy", "compact",
                "retention.ms", "604800000",
                "retention.bytes", "1000000")
            .entrySet()) {
      configure(names.deadLetters(), Map.of(forgetful.getKey(), forgetful.getValue()));
      JournalException failure = failure(this::open);
      assertThat(failure.kind()).isEqualTo(JournalException.Kind.FATAL);
      assertThat(failure)
          .hasMessageContaining(names.deadLetters() + " has " + forgetful)
          .hasMessageEndingWith("set it to " + kept.get(forgetful.getKey()));
      configure(names.deadLetters(), kept);
    }
    open().close();
    admin.createPartitions(Map.of(names.deadLetters(), NewPartitions.increaseTo(2))).all().get();
    assertThat(failure(this::open)).hasMessageContaining("has 2 partitions and must have one");
  }

  @Test
  void aStateTopicOfSomethingElseIsRefused() throws Exception {
    open().close();
    try (KafkaProducer<String, String> stranger = stranger()) {
      stranger.send(new ProducerRecord<>(names.state(), "checkpoint", "nonsense")).get();
    }
    JournalException failure = failure(this::open);
    assertThat(failure.kind()).isEqualTo(JournalException.Kind.FATAL);
    assertThat(failure).hasMessageContaining(names.state());
  }

  private static KafkaProducer<String, String> stranger() {
    return new KafkaProducer<>(
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()),
        new StringSerializer(),
        new StringSerializer());
  }

  @Test
  void compactionTakesNothingThatIsNeeded() throws Exception {
    open().close();
    configure(
        names.state(),
        Map.of(
            "segment.ms", "50",
            "min.cleanable.dirty.ratio", "0.001",
            "delete.retention.ms", "0",
            "max.compaction.lag.ms", "100"));
    try (Journal journal = open()) {
      journal.append(batch(1, numbered(1)));
      journal.append(
          stateBatch(
              2,
              new StateChange("kept", "1".getBytes(UTF_8)),
              new StateChange("gone", "1".getBytes(UTF_8))));
      journal.append(stateBatch(3, StateChange.forget("gone")));
      int[] position = {3};
      // Each append closes the segment before it, and the cleaner works on closed ones.
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(100))
          .until(
              () -> {
                position[0]++;
                journal.append(
                    stateBatch(
                        position[0], new StateChange("n", (position[0] + "").getBytes(UTF_8))));
                return position[0] > 20
                    && Records.committed(broker.bootstrapServers(), names.state()).size()
                        < position[0];
              });
      try (Journal reopened = open()) {
        assertThat(reopened.resume().database()).isEqualTo(DATABASE);
        assertThat(reopened.resume().checkpoint())
            .isEqualTo(Checkpoint.at(new Position(position[0])));
        assertThat(reopened.resume().state()).containsOnlyKeys("kept", "n");
        try (Subscription subscription = reopened.subscribe("s", Set.of(), Start.EARLIEST)) {
          assertThat(read(subscription, 1)).containsExactly(numbered(1));
        }
      }
    }
  }

  private static void configure(String topic, Map<String, String> configs) throws Exception {
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

  @Test
  void aTopicThatIsDeletedAndMadeAgainIsReadFromItsBeginning() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(1, numbered(1), numbered(2)));
      try (Subscription subscription = journal.subscribe("s", Set.of(), Start.EARLIEST)) {
        read(subscription, 2);
        subscription.commit(new Progress(Map.of(), List.of(), Set.of()));
      }
    }
    admin.deleteTopics(List.of(topic)).all().get();
    try (Journal journal = open()) {
      journal.append(batch(2, numbered(3)));
      try (Subscription subscription = journal.subscribe("s", Set.of(), Start.LATEST)) {
        assertThat(read(subscription, 1)).containsExactly(numbered(3));
      }
    }
  }

  // Subscribers

  @Test
  void whatOthersWriteToTheTopicIsNotOurs() throws Exception {
    admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    try (KafkaProducer<String, String> stranger = stranger();
        Journal journal = open();
        Journal neighbour = factory.open(settings(), Settings.newPipeline())) {
      stranger.send(new ProducerRecord<>(topic, "k", "not even JSON")).get();
      neighbour.append(batch(1, numbered(100)));
      journal.append(batch(1, numbered(1)));
      stranger.send(new ProducerRecord<>(topic, "k", "nor this")).get();
      neighbour.append(batch(2, numbered(101)));
      journal.append(batch(2, numbered(2)));
      try (Subscription subscription = journal.subscribe("s", Set.of(), Start.EARLIEST)) {
        assertThat(read(subscription, 2)).containsExactly(numbered(1), numbered(2));
        assertThat(subscription.poll(10, Duration.ofMillis(200))).isEmpty();
      }
    }
  }

  @Test
  void aTopicOrPartitionThatAppearsLaterIsReadFromItsBeginning() throws Exception {
    String later = topic + ".later";
    try (Journal journal = open();
        Subscription subscription = journal.subscribe("s", Set.of(), Start.LATEST)) {
      journal.append(batch(1, numbered(1)));
      assertThat(read(subscription, 1)).containsExactly(numbered(1));
      journal.append(batch(2, to(later, event("A", "k", 2))));
      assertThat(read(subscription, 1)).containsExactly(to(later, event("A", "k", 2)));
    }
    admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(12))).all().get();
    List<DomainEvent> more =
        IntStream.range(10, 40).mapToObj(i -> to(topic, event("A", "key" + i, i))).toList();
    try (Journal journal = open()) {
      journal.append(batch(3, more));
      try (Subscription subscription = journal.subscribe("s", Set.of(), Start.LATEST)) {
        assertThat(read(subscription, more.size() + 2)).containsAll(more);
      }
    }
  }

  @Test
  void aReaderThatLooksAheadFindsPartitionsThatWereAddedAndHoldsNothing() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(1, numbered(1)));
    }
    try (KafkaEventReader reader =
        (KafkaEventReader) factory.openReader(settings(), pipeline, Start.LATEST)) {
      admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(12))).all().get();
      List<DomainEvent> more =
          IntStream.range(10, 40).mapToObj(i -> to(topic, event("A", "key" + i, i))).toList();
      try (Journal journal = open()) {
        journal.append(batch(2, more));
      }
      reader.lookAhead();
      List<DomainEvent> read = new ArrayList<>();
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                reader.poll(7, Duration.ofMillis(100)).forEach(entry -> read.add(entry.event()));
                return reader.caughtUp();
              });
      assertThat(read).containsExactlyInAnyOrderElementsOf(more);
      assertThat(reader.progress().values())
          .extracting(EventFeed.Progress::unfinished)
          .containsOnly(0);
    }
  }

  @Test
  void aCursorThatTheClusterForgotIsNotStartedAnew() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(1, numbered(1), numbered(2)));
      journal.subscribe("s", Set.of(), Start.LATEST).close();
      admin.deleteConsumerGroups(List.of(names.group("s"))).all().get();
      JournalException failure = failure(() -> journal.subscribe("s", Set.of(), Start.LATEST));
      assertThat(failure.kind()).isEqualTo(JournalException.Kind.FATAL);
      assertThat(failure)
          .hasMessageContainingAll(topic, "rowbell subscribers skip 's' --to earliest");

      try (Subscription cursor = journal.openToDecide("s")) {
        assertThat(cursor.ranges().values()).noneMatch(CursorRange::isKnown);
        goToTheOldest(cursor);
      }
      try (Subscription subscription = journal.subscribe("s", Set.of(), Start.LATEST)) {
        assertThat(read(subscription, 2)).containsExactlyInAnyOrder(numbered(1), numbered(2));
      }
    }
    assertThat(factory.readActs(settings(), pipeline, 9)).hasSize(1);
  }

  /** As {@code rowbell subscribers skip --to earliest} has it. */
  private static void goToTheOldest(Subscription cursor) throws Exception {
    Map<String, Long> oldest = new TreeMap<>();
    cursor.ranges().forEach((partition, range) -> oldest.put(partition, range.oldest()));
    cursor.decide(
        new Decision.Move(oldest), new Act(Instant.EPOCH, "test", "s", "skip to earliest", ""));
  }

  @Test
  void eventsThatWereDeletedBeforeTheSubscriberSawThemAreNotSkippedSilently() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(1, to(topic, event("A", "k", 1)), to(topic, event("A", "k", 2))));
      try (Subscription running = journal.subscribe("s", Set.of(), Start.EARLIEST)) {
        assertThat(read(running, 2)).hasSize(2);
        deleteAll();
        journal.append(batch(2, numbered(3)));
        requireDeletedIsTold(() -> journal.subscribe("s", Set.of(), Start.LATEST).close());
      }
      // Paused, it ends nobody, until it is resumed.
      try (Subscription cursor = journal.openToDecide("s")) {
        cursor.decide(new Decision.Pause(), new Act(Instant.EPOCH, "test", "s", "pause", ""));
      }
      try (Subscription paused = journal.subscribe("s", Set.of(), Start.LATEST)) {
        assertThat(paused.isPaused()).isTrue();
        assertThat(paused.caughtUp()).isFalse();
        assertThat(paused.ranges().values().stream().mapToLong(CursorRange::gone).sum())
            .isBetween(2L, 3L);
        paused.decide(new Decision.Resume(), new Act(Instant.EPOCH, "test", "s", "resume", ""));
        requireDeletedIsTold(() -> read(paused, 1));
      }
      try (Subscription cursor = journal.openToDecide("s")) {
        goToTheOldest(cursor);
      }
      try (Subscription subscription = journal.subscribe("s", Set.of(), Start.LATEST)) {
        assertThat(read(subscription, 1)).containsExactly(numbered(3));
      }
      // A new one begins with what is kept.
      try (Subscription subscription = journal.subscribe("new", Set.of(), Start.EARLIEST)) {
        assertThat(read(subscription, 1)).containsExactly(numbered(3));
      }
    }
    assertThat(factory.readActs(settings(), pipeline, 9)).hasSize(3);
  }

  private void deleteAll() throws Exception {
    for (int i = 0; i < 3; i++) {
      admin
          .deleteRecords(Map.of(new TopicPartition(topic, i), RecordsToDelete.beforeOffset(-1)))
          .all()
          .get();
    }
  }

  private void requireDeletedIsTold(ThrowingCallable reading) {
    JournalException failure = failure(reading);
    assertThat(failure.kind()).isEqualTo(JournalException.Kind.FATAL);
    assertThat(failure.getMessage())
        .containsPattern("up to [23] events that the subscriber 's' has not passed")
        .containsPattern(topic + "-[0-2] from 0 to [12]")
        .contains("rowbell subscribers skip 's' --to earliest");
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
  void whoOpensTheJournalAndACursorFencesWhoHadThem() throws Exception {
    try (Journal hung = open()) {
      hung.append(batch(1, numbered(1), numbered(2)));
      try (Subscription first = hung.subscribe("s", Set.of(), Start.EARLIEST);
          Subscription other = hung.subscribe("t", Set.of(), Start.EARLIEST);
          Journal journal = open();
          Subscription second = journal.subscribe("s", Set.of(), Start.EARLIEST);
          Subscription another = journal.subscribe("t", Set.of(), Start.EARLIEST)) {
        assertThat(read(second, 2)).hasSize(2);
        assertThat(read(another, 2)).hasSize(2);
        Progress givenUp =
            new Progress(Map.of(), List.of(Samples.deadLetter("s", "k", 1)), Set.of());
        assertThat(failure(() -> first.commit(givenUp)).kind())
            .isEqualTo(JournalException.Kind.FENCED);
        second.commit(givenUp);

        List<Entry> delivered = new ArrayList<>();
        await()
            .atMost(PATIENCE)
            .until(() -> delivered.addAll(other.poll(10, Duration.ofMillis(200))));
        long before = cursor("t");
        Entry last = delivered.get(delivered.size() - 1);
        Progress moved =
            new Progress(Map.of(last.partition(), last.offset() + 1), List.of(), Set.of());
        assertThat(failure(() -> other.commit(moved)).kind())
            .isEqualTo(JournalException.Kind.FENCED);
        assertThat(cursor("t")).isEqualTo(before);
        another.commit(moved);
        assertThat(cursor("t")).isGreaterThan(before);
      }
    }
    assertThat(deadLetters()).hasSize(1);
  }

  private long cursor(String subscriber) throws Exception {
    return factory.readSubscribers(settings(), pipeline).stream()
        .filter(record -> record.name().equals(subscriber))
        .flatMap(record -> record.ranges().values().stream())
        .mapToLong(CursorRange::next)
        .sum();
  }

  @Test
  void aCursorWhoseTransactionIsGoneIsNotTakenOverWhileTheJournalIsOurs() throws Exception {
    try (Journal journal = open()) {
      journal.append(batch(1, numbered(1)));
      try (Subscription lapsed = journal.subscribe("s", Set.of(), Start.EARLIEST);
          Subscription again = journal.subscribe("s", Set.of(), Start.EARLIEST)) {
        Progress givenUp =
            new Progress(Map.of(), List.of(Samples.deadLetter("s", "k", 1)), Set.of());
        assertThat(failure(() -> lapsed.commit(givenUp)).kind())
            .isEqualTo(JournalException.Kind.UNAVAILABLE);
        again.commit(givenUp);
      }
    }
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
          failure(() -> factory.readDeadLetters(hasty, pipeline, letter -> true, 100));
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
