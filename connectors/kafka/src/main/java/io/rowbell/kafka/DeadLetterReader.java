package io.rowbell.kafka;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.JournalException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** Reads the last dead letters of a journal. Commits nothing. */
final class DeadLetterReader {
  private static final Duration SLICE = Duration.ofMillis(100);

  private final Consumer<byte[], byte[]> consumer;
  private final Failures failures;
  private final Duration timeout;
  private final String topic;
  private final String doing;

  private DeadLetterReader(
      Consumer<byte[], byte[]> consumer, Failures failures, Duration timeout, Names names) {
    this.consumer = consumer;
    this.failures = failures;
    this.timeout = timeout;
    this.topic = names.deadLetters();
    this.doing = "reading the dead letters of the pipeline " + names.pipeline();
  }

  /**
   * @param max how many at most
   * @return in the order in which they were written
   * @throws JournalException FATAL if there is no journal
   */
  static List<DeadLetter> read(Clients clients, Names names, Failures failures, int max)
      throws JournalException, InterruptedException {
    Consumer<byte[], byte[]> consumer = clients.shortReader("dead-letters");
    DeadLetterReader reader = new DeadLetterReader(consumer, failures, clients.timeout(), names);
    try {
      return reader.last(clients, max);
    } catch (KafkaException e) {
      throw failures.journalException(reader.doing, e);
    } catch (IllegalArgumentException e) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          reader.doing + ": the topic " + reader.topic + " holds something else: " + e.getMessage(),
          e);
    } finally {
      EventFeed.close(consumer);
    }
  }

  private List<DeadLetter> last(Clients clients, int max)
      throws JournalException, InterruptedException {
    List<PartitionInfo> infos = consumer.partitionsFor(topic);
    if (infos == null || infos.isEmpty()) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          doing + ": there is no journal, for there is no topic " + topic,
          null);
    }
    List<TopicPartition> partitions =
        infos.stream().map(info -> new TopicPartition(topic, info.partition())).toList();
    consumer.assign(partitions);
    Map<TopicPartition, Long> ends = committedEnds(clients, partitions);
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
    // Offsets count markers and aborted records too: look further back until there are enough.
    for (long back = 2L * max; ; back *= 4) {
      boolean all = true;
      Map<TopicPartition, Long> starts = new HashMap<>();
      for (TopicPartition partition : partitions) {
        long beginning = beginnings.getOrDefault(partition, 0L);
        long start = Math.max(beginning, ends.getOrDefault(partition, 0L) - back);
        starts.put(partition, start);
        all &= start == beginning;
      }
      List<ConsumerRecord<byte[], byte[]>> records = between(starts, ends);
      if (all || records.size() >= max) {
        return records.subList(Math.max(0, records.size() - max), records.size()).stream()
            .map(DeadLetterRecord::decode)
            .toList();
      }
    }
  }

  private Map<TopicPartition, Long> committedEnds(Clients clients, List<TopicPartition> partitions)
      throws JournalException, InterruptedException {
    try (Admin admin = clients.admin()) {
      return new Ends(admin, failures, timeout).committed(partitions, doing);
    }
  }

  private List<ConsumerRecord<byte[], byte[]>> between(
      Map<TopicPartition, Long> starts, Map<TopicPartition, Long> ends) throws JournalException {
    long since = System.nanoTime();
    starts.forEach(consumer::seek);
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      if (System.nanoTime() - since > timeout.toNanos()) {
        throw failures.silent(doing, topic, timeout);
      }
      consumer.poll(SLICE).forEach(records::add);
    }
    // Within a partition the order stays; one that we made has no other.
    records.sort(Comparator.comparingLong(ConsumerRecord::timestamp));
    return records;
  }
}
