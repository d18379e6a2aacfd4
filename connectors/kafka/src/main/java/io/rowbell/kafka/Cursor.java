package io.rowbell.kafka;

import static java.util.stream.Collectors.joining;

import io.rowbell.kafka.DeadLetterRecord.Outcome;
import io.rowbell.kafka.EventTopics.EventTopic;
import io.rowbell.model.DeadLetter;
import io.rowbell.spi.Act;
import io.rowbell.spi.Decision;
import io.rowbell.spi.Journal.Start;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription.ParkedKey;
import io.rowbell.spi.Subscription.Progress;
import io.rowbell.spi.Subscription.Redelivered;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a subscriber is: the offsets of a consumer group, and beside them, in a compacted topic,
 * which partitions the cursor has taken up and which keys it has parked.
 *
 * <p>Group offsets alone would not do: a cluster forgets them some days after the last commit, and
 * a partition without one would look like a new one, to be delivered from its beginning again. A
 * partition that was taken up and has no offset is an error instead.
 *
 * <p>Every move is a transaction, by a producer whose transactional id is the subscriber's own:
 * opening the cursor fences whoever had it. A commit of offsets alone would be atomic as well, but
 * nobody fences it: a process that hung, and wakes when another one has its place, would move the
 * cursor back, or on past events that it was configured not to deliver and the other one has yet
 * to. For one thread.
 */
final class Cursor implements AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private static final Comparator<TopicPartition> BY_NAME =
      Comparator.comparing(TopicPartition::toString);

  /** A commit holds little; a dead owner's must not be in the way for long. */
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(15);

  private final Ownership ownership;
  private final Connection connection;
  private final Topics topics;
  private final String subscriber;
  private final Consumer<byte[], byte[]> consumer;
  private final Producer<byte[], byte[]> producer;
  private final SubscriberState state;
  private final Set<TopicPartition> placed = new HashSet<>();
  private final Set<TopicPartition> forgotten = new TreeSet<>(BY_NAME);

  private Cursor(
      Ownership ownership,
      Topics topics,
      String subscriber,
      Consumer<byte[], byte[]> consumer,
      Producer<byte[], byte[]> producer,
      SubscriberState state) {
    this.ownership = ownership;
    this.connection = ownership.connection();
    this.topics = topics;
    this.subscriber = subscriber;
    this.consumer = consumer;
    this.producer = producer;
    this.state = state;
  }

  /**
   * Opens it and fences whoever had it.
   *
   * @param consumer of the subscriber's group
   */
  static Cursor open(
      Ownership ownership, Topics topics, String subscriber, Consumer<byte[], byte[]> consumer)
      throws JournalException, InterruptedException {
    Connection connection = ownership.connection();
    String doing = "opening the cursor of the subscriber " + subscriber;
    Names names = connection.names();
    Producer<byte[], byte[]> producer = producer(connection, subscriber);
    boolean opened = false;
    try {
      producer.initTransactions();
      SubscriberState state =
          SubscriberState.of(
              names.subscribers(),
              subscriber,
              CompactedTopic.read(connection, names.subscribers(), doing));
      opened = true;
      return new Cursor(ownership, topics, subscriber, consumer, producer, state);
    } finally {
      if (!opened) {
        producer.close(Duration.ZERO);
      }
    }
  }

  /**
   * Forgets a cursor, in one durable step, and fences whoever has it. The group's offsets stay
   * until the cluster forgets them, and are nobody's.
   */
  static void forget(Ownership ownership, String subscriber, Act act)
      throws JournalException, InterruptedException {
    String doing = "forgetting the subscriber " + subscriber;
    Connection connection = ownership.connection();
    Names names = connection.names();
    Producer<byte[], byte[]> producer = producer(connection, subscriber);
    try {
      producer.initTransactions();
      String topic = names.subscribers();
      SubscriberState state =
          SubscriberState.of(topic, subscriber, CompactedTopic.read(connection, topic, doing));
      Transaction transaction = Transaction.begin(producer);
      state.parked().forEach(key -> transaction.send(state.releasedRecord(topic, key)));
      transaction.send(state.pausedRecord(topic, false));
      transaction.send(state.forgottenRecord(topic));
      transaction.send(state.number(act).encode(topic));
      transaction.commit();
    } catch (KafkaException e) {
      throw failed(ownership, doing, e);
    } finally {
      producer.close(CLOSE_TIMEOUT);
    }
  }

  private static Producer<byte[], byte[]> producer(Connection connection, String subscriber)
      throws JournalException {
    return connection
        .clients()
        .transactional(
            connection.names().committer(subscriber),
            TRANSACTION_TIMEOUT,
            connection.settings().compression());
  }

  /** The keys that are parked. */
  Set<ParkedKey> parked() {
    return state.parked();
  }

  /**
   * Takes up what is new: partitions of these topics that it has no place in yet. Durable when it
   * returns. A partition whose place the cluster has forgotten is none of them: see {@link
   * #forgotten}.
   *
   * @param start where a cursor begins that is made only now; everything that appears later is read
   *     from its beginning
   * @return where to read on in each partition that is new to this object
   */
  Map<TopicPartition, Long> takeUp(Map<String, EventTopic> eventTopics, Start start)
      throws JournalException, InterruptedException {
    String doing = "taking up topics for the subscriber " + subscriber;
    Map<String, TopicDescription> found = topics.describe(eventTopics.keySet(), doing);
    Set<TopicPartition> unplaced = Topics.partitions(found.values());
    unplaced.removeAll(placed);
    if (unplaced.isEmpty() && state.made()) {
      return Map.of();
    }
    try {
      EventFeed.assign(consumer, unplaced);
      Map<TopicPartition, Long> places = new HashMap<>();
      Set<TopicPartition> fresh = new HashSet<>();
      consumer
          .committed(unplaced)
          .forEach(
              (partition, offset) -> {
                // Offsets without a cursor are those of one that was forgotten.
                if (offset == null || !state.made()) {
                  fresh.add(partition);
                } else {
                  places.put(partition, offset.offset());
                }
              });
      fresh.removeIf(partition -> isForgotten(partition, found));
      boolean atTheEnd = !state.made() && start == Start.LATEST;
      Map<TopicPartition, Long> starts =
          new HashMap<>(
              atTheEnd
                  ? connection.ends().committed(fresh, doing)
                  : consumer.beginningOffsets(fresh));
      // What others wrote to the topic before we did is not ours to read.
      starts.replaceAll((partition, offset) -> Math.max(offset, begin(eventTopics, partition)));
      if (!fresh.isEmpty() || !state.made()) {
        fresh.forEach(
            partition -> {
              TopicDescription topic = found.get(partition.topic());
              if (topic != null) {
                state.takeUp(topic.name(), topic.topicId(), topic.partitions().size());
              }
            });
        state.make();
        Transaction transaction = Transaction.begin(producer);
        transaction.send(state.cursorRecord(connection.names().subscribers()));
        transaction.send(offsets(starts), consumer.groupMetadata());
        transaction.commit();
      }
      places.putAll(starts);
      placed.addAll(places.keySet());
      return places;
    } catch (KafkaException e) {
      throw failed(doing, e);
    }
  }

  private static long begin(Map<String, EventTopic> topics, TopicPartition partition) {
    EventTopic topic = topics.get(partition.topic());
    return topic == null ? 0 : topic.starts().getOrDefault(partition.partition(), 0L);
  }

  private boolean isForgotten(TopicPartition partition, Map<String, TopicDescription> found) {
    TopicDescription topic = found.get(partition.topic());
    boolean known =
        topic != null && state.hasTakenUp(topic.name(), topic.topicId(), partition.partition());
    if (known) {
      forgotten.add(partition);
    }
    return known;
  }

  /** Where the cursor had a place that the cluster has forgotten: nobody knows what was done. */
  Set<TopicPartition> forgotten() {
    return Set.copyOf(forgotten);
  }

  /**
   * @throws JournalException FATAL if the cluster has forgotten a place that there was
   */
  void requireEveryPlace() throws JournalException {
    if (!forgotten.isEmpty()) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          "Kafka has forgotten where the subscriber '%1$s' was in %2$s (offsets.retention.minutes), so what it was given is not known. Say where it goes on: rowbell subscribers skip '%1$s' --to earliest delivers all that is kept, some of it perhaps again; with a time instead, what was committed since; with latest, nothing of it"
              .formatted(
                  subscriber,
                  forgotten.stream().map(TopicPartition::toString).collect(joining(", "))),
          null);
    }
  }

  /**
   * Moves on, in one durable step.
   *
   * @param reached how far each partition is done
   */
  void commit(Map<TopicPartition, Long> reached, Progress progress)
      throws JournalException, InterruptedException {
    try {
      Names names = connection.names();
      long limit = topics.get(names.deadLetters()).maxRecordBytes();
      Redelivered redelivered = progress.redelivered();
      Transaction transaction = Transaction.begin(producer);
      for (DeadLetter letter : progress.deadLetters()) {
        transaction.send(DeadLetterRecord.fitting(letter, names, limit));
      }
      for (DeadLetter letter : redelivered.failed()) {
        transaction.send(DeadLetterRecord.fitting(letter, names, limit));
      }
      for (DeadLetter letter : redelivered.delivered()) {
        transaction.send(DeadLetterRecord.settled(letter, names, Outcome.DELIVERED));
      }
      for (ParkedKey key : redelivered.released()) {
        transaction.send(state.releasedRecord(names.subscribers(), key));
      }
      for (ParkedKey key : progress.parked()) {
        transaction.send(state.parkedRecord(names.subscribers(), key));
      }
      transaction.send(offsets(reached), consumer.groupMetadata());
      transaction.commit();
      state.release(redelivered.released());
      state.park(progress.parked());
    } catch (KafkaException e) {
      throw failed("committing the cursor of the subscriber " + subscriber, e);
    }
  }

  /**
   * Carries a decision out, in one durable step.
   *
   * @param offsets where the cursor goes; empty if it stays
   */
  void decide(Decision decision, Map<TopicPartition, Long> offsets, Act act)
      throws JournalException, InterruptedException {
    try {
      Names names = connection.names();
      String topic = names.subscribers();
      Transaction transaction = Transaction.begin(producer);
      if (decision instanceof Decision.Retry retry) {
        retry.keys().forEach(key -> transaction.send(state.retriedRecord(topic, key)));
      } else if (decision instanceof Decision.Drop drop) {
        for (DeadLetter letter : drop.letters()) {
          transaction.send(DeadLetterRecord.settled(letter, names, Outcome.DROPPED));
        }
        drop.released().forEach(key -> transaction.send(state.releasedRecord(topic, key)));
      } else if (decision instanceof Decision.Pause) {
        transaction.send(state.pausedRecord(topic, true));
      } else if (decision instanceof Decision.Resume) {
        transaction.send(state.pausedRecord(topic, false));
      }
      if (!offsets.isEmpty()) {
        transaction.send(offsets(offsets), consumer.groupMetadata());
      }
      transaction.send(state.number(act).encode(topic));
      transaction.commit();
      decided(decision);
    } catch (KafkaException e) {
      throw failed("deciding about the subscriber " + subscriber, e);
    }
  }

  private JournalException failed(String doing, KafkaException failure)
      throws InterruptedException {
    return failed(ownership, doing, failure);
  }

  private static JournalException failed(Ownership ownership, String doing, KafkaException failure)
      throws InterruptedException {
    return ownership.journalException(doing, TRANSACTION_TIMEOUT.toSeconds() + " s", failure);
  }

  private void decided(Decision decision) {
    if (decision instanceof Decision.Retry retry) {
      state.retry(retry.keys());
    } else if (decision instanceof Decision.Drop drop) {
      state.release(drop.released());
    } else if (decision instanceof Decision.Pause) {
      state.pause(true);
    } else if (decision instanceof Decision.Resume) {
      state.pause(false);
    }
  }

  /** Those of the parked keys whose dead letters are being delivered again. */
  Set<ParkedKey> retried() {
    return state.retried();
  }

  /** Whether deliveries are paused. */
  boolean isPaused() {
    return state.isPaused();
  }

  private static Map<TopicPartition, OffsetAndMetadata> offsets(Map<TopicPartition, Long> reached) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    reached.forEach((partition, offset) -> offsets.put(partition, new OffsetAndMetadata(offset)));
    return offsets;
  }

  /** Aborts what is open. Idempotent. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    producer.close(CLOSE_TIMEOUT);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
