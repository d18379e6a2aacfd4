package io.rowbell.kafka;

import static io.rowbell.testkit.Samples.batch;
import static io.rowbell.testkit.Samples.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rowbell.model.DomainEvent;
import io.rowbell.spi.Act;
import io.rowbell.spi.CursorRange;
import io.rowbell.spi.Decision;
import io.rowbell.spi.EventReader.Entry;
import io.rowbell.spi.Journal;
import io.rowbell.spi.Journal.Start;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.Progress;
import io.rowbell.testkit.Samples;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Subscribers of a Kafka journal: what they see of its topics, and their cursors. */
class KafkaSubscribersIT extends KafkaJournalTests {
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
}
