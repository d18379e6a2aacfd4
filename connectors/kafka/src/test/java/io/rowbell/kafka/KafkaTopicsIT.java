package io.rowbell.kafka;

import static io.rowbell.testkit.Samples.DATABASE;
import static io.rowbell.testkit.Samples.batch;
import static io.rowbell.testkit.Samples.event;
import static io.rowbell.testkit.Samples.stateBatch;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.Position;
import io.rowbell.spi.Batch;
import io.rowbell.spi.Journal;
import io.rowbell.spi.Journal.Start;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.StateChange;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/**
 * The topics of a Kafka journal: which it makes, refuses and needs, their sizes and names, and
 * compaction.
 */
class KafkaTopicsIT extends KafkaJournalTests {
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
}
