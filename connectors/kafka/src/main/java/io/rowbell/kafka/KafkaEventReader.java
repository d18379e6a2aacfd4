package io.rowbell.kafka;

import io.rowbell.kafka.EventTopics.EventTopic;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the events of a journal, from the oldest or from now on, beside its writer or without one.
 * Follows the state topic too, which names the topics with events: one that is new is read as soon
 * as it is named, a partition that is added to a topic within {@link #LOOK_AROUND}. Belongs to no
 * group and commits nothing.
 */
final class KafkaEventReader implements EventReader {
  private static final Duration SLICE = Duration.ofMillis(100);
  private static final Duration LOOK_AROUND = Duration.ofMinutes(1);

  private final Connection connection;
  private final Topics topics;
  private final Consumer<byte[], byte[]> consumer;
  private final EventFeed feed;
  private final TopicPartition state;
  private final String doing;
  private final Map<String, EventTopic> known = new HashMap<>();
  private Map<TopicPartition, Long> ends = Map.of();
  private long lookedAround;

  private KafkaEventReader(Connection connection, Consumer<byte[], byte[]> consumer) {
    Names names = connection.names();
    this.connection = connection;
    this.topics = new Topics(connection);
    this.consumer = consumer;
    this.state = new TopicPartition(names.state(), 0);
    this.doing = "reading the journal of the pipeline " + names.pipeline();
    this.feed =
        new EventFeed(
            consumer, new CloudEventRecord(names.pipeline()), Set.of(), connection.failures());
  }

  /**
   * @param connection is closed with the reader, or if it cannot be opened
   * @throws JournalException FATAL if there is no journal
   */
  static KafkaEventReader open(Connection connection, Journal.Start start)
      throws JournalException, InterruptedException {
    KafkaEventReader reader = null;
    boolean opened = false;
    try {
      reader =
          new KafkaEventReader(
              connection, connection.clients().consumer(null, "reader", "earliest"));
      reader.start(start);
      opened = true;
      return reader;
    } catch (KafkaException e) {
      throw connection.failures().journalException("opening the journal for reading", e);
    } finally {
      if (!opened) {
        if (reader == null) {
          connection.admin().close(Duration.ZERO);
        } else {
          reader.close();
        }
      }
    }
  }

  private void start(Journal.Start start) throws JournalException, InterruptedException {
    if (topics.describe(Set.of(state.topic()), doing).isEmpty()) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          doing + ": there is none, for there is no topic " + state.topic(),
          null);
    }
    consumer.assign(List.of(state));
    consumer.seekToBeginning(List.of(state));
    readTopics();
    ends = connection.ends().committed(feed.partitions(), doing);
    if (start == Journal.Start.LATEST) {
      feed.add(ends);
    }
    feed.stopAt(ends);
  }

  /** Knows every topic and partition that has events by now. */
  private void readTopics() throws JournalException, InterruptedException {
    long end = connection.ends().committed(List.of(state), doing).getOrDefault(state, 0L);
    Duration timeout = connection.clients().timeout();
    long since = System.nanoTime();
    while (consumer.position(state) < end) {
      if (System.nanoTime() - since > timeout.toNanos()) {
        throw connection.failures().silent(doing, state.topic(), timeout);
      }
      known.putAll(JournalState.topicsIn(feed.fetch(SLICE, doing)));
    }
    lookAround();
  }

  private void lookAround() throws JournalException, InterruptedException {
    lookedAround = System.nanoTime();
    Map<TopicPartition, Long> starts = new HashMap<>();
    for (TopicPartition partition :
        Topics.partitions(topics.describe(known.keySet(), doing).values())) {
      EventTopic topic = known.get(partition.topic());
      if (topic != null && !feed.has(partition)) {
        starts.put(partition, topic.starts().getOrDefault(partition.partition(), 0L));
      }
    }
    if (starts.isEmpty()) {
      return;
    }
    EventFeed.assign(consumer, starts.keySet());
    // Older ones may be kept no longer.
    consumer
        .beginningOffsets(starts.keySet())
        .forEach((partition, beginning) -> starts.merge(partition, beginning, Math::max));
    feed.add(starts);
  }

  @Override
  public List<Entry> poll(int max, long maxBytes, Duration timeout)
      throws JournalException, InterruptedException {
    long start = System.nanoTime();
    long left = timeout.toNanos();
    boolean first = true;
    // Nothing beyond what was there is taken before the caller could see that it has caught up.
    boolean behind = !caughtUp();
    while (feed.isEmpty() && (first || (left > 0 && !(behind && caughtUp())))) {
      Map<String, EventTopic> named =
          JournalState.topicsIn(
              feed.fetch(Duration.ofNanos(Math.min(Math.max(left, 0), SLICE.toNanos())), doing));
      known.putAll(named);
      if (!named.isEmpty() || System.nanoTime() - lookedAround > LOOK_AROUND.toNanos()) {
        try {
          lookAround();
        } catch (KafkaException e) {
          throw connection.failures().journalException(doing, e);
        }
      }
      left = timeout.toNanos() - (System.nanoTime() - start);
      first = false;
    }
    return taken(max, maxBytes);
  }

  /** Whoever is given them is done with them: there is nothing to commit. */
  private List<Entry> taken(int max, long maxBytes) {
    List<Entry> taken = feed.take(max, maxBytes);
    Map<String, Long> next = new HashMap<>();
    taken.forEach(entry -> next.put(entry.partition(), entry.offset() + 1));
    next.forEach(feed::finish);
    return taken;
  }

  @Override
  public boolean caughtUp() {
    return feed.handedOut(ends);
  }

  /**
   * As far as anything was written: what is appended may be committed already where it is not seen
   * yet.
   */
  @Override
  public void lookAhead() throws JournalException, InterruptedException {
    try {
      readTopics();
    } catch (KafkaException e) {
      throw connection.failures().journalException(doing, e);
    }
    ends = connection.ends().written(feed.partitions(), doing);
  }

  /** How far each partition is. */
  Map<TopicPartition, EventFeed.Progress> progress() {
    return feed.progress();
  }

  @Override
  public void close() {
    feed.close();
    connection.admin().close(Duration.ZERO);
  }
}
