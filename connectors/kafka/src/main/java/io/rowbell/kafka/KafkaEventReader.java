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
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the events of a journal, from the oldest or from now on, beside its writer or without one.
 * Follows the state topic too, which names the topics with events: one that is new is read as soon
 * as it is named. Belongs to no group and commits nothing.
 */
final class KafkaEventReader implements EventReader {
  private static final Duration SLICE = Duration.ofMillis(100);

  private final Consumer<byte[], byte[]> consumer;
  private final EventFeed feed;
  private final TopicPartition state;
  private final Failures failures;
  private final Duration timeout;
  private final String doing;
  private Map<TopicPartition, Long> ends = Map.of();

  private KafkaEventReader(
      Consumer<byte[], byte[]> consumer, Names names, Failures failures, Duration timeout) {
    this.consumer = consumer;
    this.failures = failures;
    this.timeout = timeout;
    this.state = new TopicPartition(names.state(), 0);
    this.doing = "reading the journal of the pipeline " + names.pipeline();
    this.feed = new EventFeed(consumer, new CloudEventRecord(names.pipeline()), Set.of(), failures);
  }

  /**
   * @throws JournalException FATAL if there is no journal
   */
  static KafkaEventReader open(Clients clients, Names names, Failures failures, Journal.Start start)
      throws JournalException, InterruptedException {
    Consumer<byte[], byte[]> consumer = clients.consumer(null, "reader", "earliest");
    KafkaEventReader reader = new KafkaEventReader(consumer, names, failures, clients.timeout());
    boolean opened = false;
    try {
      reader.start(clients, start);
      opened = true;
      return reader;
    } catch (KafkaException e) {
      throw failures.journalException(reader.doing, e);
    } finally {
      if (!opened) {
        reader.close();
      }
    }
  }

  private void start(Clients clients, Journal.Start start)
      throws JournalException, InterruptedException {
    if (partitions(state.topic()).isEmpty()) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          doing + ": there is none, for there is no topic " + state.topic(),
          null);
    }
    consumer.assign(List.of(state));
    consumer.seekToBeginning(List.of(state));
    try (Admin admin = clients.admin()) {
      Ends partitionEnds = new Ends(admin, failures, timeout);
      readTopics(partitionEnds.committed(List.of(state), doing).getOrDefault(state, 0L));
      ends = partitionEnds.committed(feed.partitions(), doing);
    }
    if (start == Journal.Start.LATEST) {
      feed.add(ends);
    }
    feed.stopAt(ends);
  }

  private void readTopics(long end) throws JournalException, InterruptedException {
    Map<String, EventTopic> named = new HashMap<>();
    long since = System.nanoTime();
    while (consumer.position(state) < end) {
      if (System.nanoTime() - since > timeout.toNanos()) {
        throw failures.silent(doing, state.topic(), timeout);
      }
      named.putAll(JournalState.topicsIn(feed.fetch(SLICE, doing)));
    }
    read(named);
  }

  private void read(Map<String, EventTopic> named) {
    Map<TopicPartition, Long> starts = new HashMap<>();
    named.forEach(
        (topic, known) -> {
          for (PartitionInfo info : partitions(topic)) {
            TopicPartition partition = new TopicPartition(topic, info.partition());
            if (!feed.has(partition)) {
              starts.put(partition, known.starts().getOrDefault(info.partition(), 0L));
            }
          }
        });
    EventFeed.assign(consumer, starts.keySet());
    // Older ones may be kept no longer.
    consumer
        .beginningOffsets(starts.keySet())
        .forEach((partition, beginning) -> starts.merge(partition, beginning, Math::max));
    feed.add(starts);
  }

  /** Those of a topic; none if there is no such topic. */
  private List<PartitionInfo> partitions(String topic) {
    List<PartitionInfo> partitions = consumer.partitionsFor(topic);
    return partitions == null ? List.of() : partitions;
  }

  @Override
  public List<Entry> poll(int max, Duration timeout) throws JournalException, InterruptedException {
    long start = System.nanoTime();
    long left = timeout.toNanos();
    boolean first = true;
    while (feed.isEmpty() && (first || left > 0)) {
      Map<String, EventTopic> named =
          JournalState.topicsIn(
              feed.fetch(Duration.ofNanos(Math.min(Math.max(left, 0), SLICE.toNanos())), doing));
      try {
        read(named);
      } catch (KafkaException e) {
        throw failures.journalException(doing, e);
      }
      left = timeout.toNanos() - (System.nanoTime() - start);
      first = false;
    }
    return feed.take(max);
  }

  @Override
  public boolean caughtUp() {
    return feed.handedOut(ends);
  }

  @Override
  public void close() {
    feed.close();
  }
}
