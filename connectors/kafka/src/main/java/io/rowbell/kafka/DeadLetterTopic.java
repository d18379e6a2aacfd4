package io.rowbell.kafka;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.EventId;
import io.rowbell.spi.JournalException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a journal's topic of dead letters. Commits nothing. For one thread. Besides
 * what is declared, methods throw what the consumer does.
 */
final class DeadLetterTopic implements AutoCloseable {
  private static final Duration SLICE = Duration.ofMillis(100);

  private final Consumer<byte[], byte[]> consumer;
  private final Ends ends;
  private final Duration timeout;
  private final String name;
  private final String doing;
  private final Map<TopicPartition, Long> scanned = new HashMap<>();

  /** What a letter is known by: one subscriber's about one event. */
  record Name(EventId id, @Nullable String subscriber) {
    static Name of(DeadLetter letter) {
      return new Name(letter.id(), letter.subscriber());
    }
  }

  DeadLetterTopic(Clients clients, Ends ends, Names names) {
    this.consumer = clients.shortReader("dead-letters");
    this.ends = ends;
    this.timeout = clients.timeout();
    this.name = names.deadLetters();
    this.doing = "reading the dead letters of the pipeline " + names.pipeline();
  }

  /** The topic's name. */
  String name() {
    return name;
  }

  /** What it does, for messages. */
  String doing() {
    return doing;
  }

  /**
   * Reads every committed record that was written since it was looked at last. After a failure some
   * come again.
   *
   * <p>A reader of committed records stops where the oldest open transaction began. Less than all
   * there is would be wrong: a key's first letters alone look like all of them, and what hides may
   * settle what is seen. So nothing may be open below the end.
   *
   * @throws JournalException FATAL if there is no journal; UNAVAILABLE if not all can be seen now
   */
  void news(java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> reader)
      throws JournalException, InterruptedException {
    List<PartitionInfo> infos = consumer.partitionsFor(name);
    if (infos == null || infos.isEmpty()) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          doing + ": there is no journal, for there is no topic " + name,
          null);
    }
    List<TopicPartition> partitions =
        infos.stream().map(info -> new TopicPartition(name, info.partition())).toList();
    Map<TopicPartition, Long> until = ends.written(partitions, doing);
    consumer.assign(partitions);
    consumer
        .beginningOffsets(partitions)
        .forEach((partition, beginning) -> scanned.merge(partition, beginning, Math::max));
    read(scanned, until, reader);
    until.forEach((partition, end) -> scanned.merge(partition, end, Math::max));
  }

  /**
   * Reads every committed record from offsets up to others.
   *
   * @throws JournalException UNAVAILABLE if not all can be seen now
   */
  void read(
      Map<TopicPartition, Long> from,
      Map<TopicPartition, Long> until,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> reader)
      throws JournalException {
    long since = System.nanoTime();
    consumer.assign(from.keySet());
    from.forEach(consumer::seek);
    while (from.keySet().stream().anyMatch(p -> consumer.position(p) < until.getOrDefault(p, 0L))) {
      if (System.nanoTime() - since > timeout.toNanos()) {
        throw new JournalException(
            JournalException.Kind.UNAVAILABLE,
            doing
                + ": not all of the topic "
                + name
                + " can be seen: for "
                + timeout
                + " Kafka gave nothing, or a transaction on it is open, which"
                + " kafka-transactions.sh find-hanging shows",
            null);
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(SLICE)) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < until.getOrDefault(partition, 0L)) {
          reader.accept(record);
          // Silence is what takes too long, not a long topic.
          since = System.nanoTime();
        }
      }
    }
  }

  @Override
  public void close() {
    EventFeed.close(consumer);
  }
}
