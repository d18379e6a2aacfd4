package io.rowbell.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.spi.JournalException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** A compacted topic of one partition, read as the map that it is. */
final class CompactedTopic {
  private static final Duration SLICE = Duration.ofMillis(50);

  private CompactedTopic() {}

  /**
   * Reads what is committed up to the very end of the log as it is now.
   *
   * <p>A reader of committed records stops where the oldest open transaction began, and what was
   * committed behind it would be missed. So this waits until nothing is open below the end.
   *
   * @param doing for messages
   * @return the last value of each key
   * @throws JournalException if the end is not reached in time
   */
  static Map<String, byte[]> read(Connection connection, String topic, String doing)
      throws JournalException, InterruptedException {
    return read(connection, topic, doing, new Image(key -> false, ""));
  }

  /**
   * As {@link #read(Connection, String, String)}, of a topic that somebody may be writing to: of
   * what is written in one transaction nothing is seen or all. The end may lie within one, and so
   * may the last records that are read.
   *
   * @param together the keys that belong together with {@code last}
   * @param last the key with which each transaction ends that writes any of them
   */
  static Map<String, byte[]> read(
      Connection connection, String topic, String doing, Predicate<String> together, String last)
      throws JournalException, InterruptedException {
    return read(connection, topic, doing, new Image(together, last));
  }

  private static Map<String, byte[]> read(
      Connection connection, String topic, String doing, Image image)
      throws JournalException, InterruptedException {
    TopicPartition partition = new TopicPartition(topic, 0);
    long end = connection.ends().written(List.of(partition), doing).getOrDefault(partition, 0L);
    long start = System.nanoTime();
    try (Consumer<byte[], byte[]> consumer = connection.clients().shortReader("state")) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (consumer.position(partition) < end) {
        if (System.nanoTime() - start > patience(connection).toNanos()) {
          throw new JournalException(
              JournalException.Kind.UNAVAILABLE,
              doing
                  + ": a transaction on the topic "
                  + topic
                  + " has been open since offset "
                  + consumer.position(partition)
                  + ", and what lies behind it cannot be seen; find it with kafka-transactions.sh"
                  + " find-hanging",
              null);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(SLICE)) {
          image.add(record);
        }
      }
    } catch (KafkaException e) {
      throw connection.failures().journalException(doing, e);
    }
    return image.whole;
  }

  /** A dead writer's transaction is given up by the cluster after its own time-out. */
  private static Duration patience(Connection connection) {
    return connection.settings().timeout().plus(connection.settings().transactionTimeout());
  }

  /** The last values, and those of a transaction of which not all has been read. */
  private static final class Image {
    private final Map<String, byte[]> whole = new HashMap<>();
    private final Map<String, byte @Nullable []> part = new HashMap<>();
    private final Predicate<String> together;
    private final String last;

    Image(Predicate<String> together, String last) {
      this.together = together;
      this.last = last;
    }

    void add(ConsumerRecord<byte[], byte[]> record) {
      if (record.key() == null) {
        return;
      }
      String key = new String(record.key(), UTF_8);
      if (together.test(key)) {
        part.put(key, record.value());
        return;
      }
      if (key.equals(last)) {
        part.forEach(this::put);
        part.clear();
      }
      put(key, record.value());
    }

    private void put(String key, byte @Nullable [] value) {
      if (value == null) {
        whole.remove(key);
      } else {
        whole.put(key, value);
      }
    }
  }
}
