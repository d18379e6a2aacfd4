package io.rowbell.kafka;

import io.rowbell.kafka.EventTopics.EventTopic;
import io.rowbell.spi.Act;
import io.rowbell.spi.CursorRange;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.SubscriberRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What the topics say of subscribers and of what people did, for whoever asks beside the journal's
 * writer. Commits nothing.
 */
final class SubscriberReader {
  private static final Duration SLICE = Duration.ofMillis(100);

  private final Connection connection;
  private final CloudEventRecord codec;
  private final String doing;

  SubscriberReader(Connection connection) {
    this.connection = connection;
    this.codec = new CloudEventRecord(connection.names().pipeline());
    this.doing = "reading the subscribers of the pipeline " + connection.names().pipeline();
  }

  /**
   * @throws JournalException FATAL if there is no journal
   */
  List<SubscriberRecord> subscribers() throws JournalException, InterruptedException {
    Map<String, byte[]> image = image();
    Names names = connection.names();
    Map<String, EventTopic> topics =
        JournalState.of(names.state(), CompactedTopic.read(connection, names.state(), doing))
            .topics();
    List<SubscriberRecord> records = new ArrayList<>();
    try (Consumer<byte[], byte[]> consumer = connection.clients().shortReader("subscribers")) {
      for (String name : SubscriberState.subscribers(image)) {
        records.add(
            record(name, SubscriberState.of(names.subscribers(), name, image), topics, consumer));
      }
    } catch (KafkaException e) {
      throw connection.failures().journalException(doing, e);
    }
    return records;
  }

  /**
   * @param max how many at most: the last ones
   * @throws JournalException FATAL if there is no journal
   */
  List<Act> acts(int max) throws JournalException, InterruptedException {
    List<Act> acts = ActRecord.all(image());
    return acts.subList(Math.max(0, acts.size() - max), acts.size());
  }

  private Map<String, byte[]> image() throws JournalException, InterruptedException {
    String topic = connection.names().subscribers();
    if (new Topics(connection).describe(Set.of(topic), doing).isEmpty()) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          doing + ": there is no journal, for there is no topic " + topic,
          null);
    }
    return CompactedTopic.read(connection, topic, doing);
  }

  private SubscriberRecord record(
      String name,
      SubscriberState state,
      Map<String, EventTopic> topics,
      Consumer<byte[], byte[]> consumer)
      throws JournalException, InterruptedException {
    Map<TopicPartition, Long> next = new HashMap<>();
    connection
        .failures()
        .get(
            connection
                .admin()
                .listConsumerGroupOffsets(connection.names().group(name))
                .partitionsToOffsetAndMetadata(),
            connection.timeoutMillis(),
            doing)
        .forEach((partition, offset) -> put(next, partition, offset));
    // A topic whose first events have just come is not taken up yet: all of it lies before.
    Set<TopicPartition> partitions = new HashSet<>(next.keySet());
    for (String topic : topics.keySet()) {
      if (!state.topics().contains(topic)) {
        consumer
            .partitionsFor(topic)
            .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
      }
    }
    consumer.assign(partitions);
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = connection.ends().committed(partitions, doing);
    Map<String, CursorRange> ranges = new HashMap<>();
    Instant behind = null;
    for (TopicPartition partition : partitions) {
      EventTopic topic = topics.get(partition.topic());
      long start = topic == null ? 0 : topic.starts().getOrDefault(partition.partition(), 0L);
      long oldest = Math.max(start, beginnings.getOrDefault(partition, 0L));
      long end = ends.getOrDefault(partition, oldest);
      long at = next.getOrDefault(partition, oldest);
      ConsumerRecord<byte[], byte[]> first =
          firstEvent(consumer, partition, Math.max(at, oldest), end);
      if (first == null) {
        // Only markers of transactions, and what others wrote.
        ranges.put(
            partition.toString(), new CursorRange(oldest, Math.max(at, end), Math.max(at, end)));
      } else {
        ranges.put(partition.toString(), new CursorRange(oldest, at, end));
        Instant time = codec.decode(first).orElseThrow().time();
        behind = behind == null || time.isBefore(behind) ? time : behind;
      }
    }
    return new SubscriberRecord(
        name, ranges, behind, state.isPaused(), state.parked(), state.retried());
  }

  private static void put(
      Map<TopicPartition, Long> next,
      TopicPartition partition,
      @Nullable OffsetAndMetadata offset) {
    if (offset != null) {
      next.put(partition, offset.offset());
    }
  }

  private @Nullable ConsumerRecord<byte[], byte[]> firstEvent(
      Consumer<byte[], byte[]> consumer, TopicPartition partition, long from, long end)
      throws JournalException {
    if (from >= end) {
      return null;
    }
    long since = System.nanoTime();
    consumer.assign(List.of(partition));
    consumer.seek(partition, from);
    while (consumer.position(partition) < end) {
      if (System.nanoTime() - since > connection.settings().timeout().toNanos()) {
        throw connection
            .failures()
            .silent(doing, partition.topic(), connection.settings().timeout());
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(SLICE)) {
        if (record.offset() < end && codec.decode(record).isPresent()) {
          return record;
        }
      }
    }
    return null;
  }
}
