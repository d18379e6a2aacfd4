package io.rowbell.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.spi.JournalException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

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
    TopicPartition partition = new TopicPartition(topic, 0);
    long end = connection.ends().written(List.of(partition), doing).getOrDefault(partition, 0L);
    Map<String, byte[]> image = new HashMap<>();
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
          apply(record, image);
        }
      }
    } catch (KafkaException e) {
      throw connection.failures().journalException(doing, e);
    }
    return image;
  }

  /** A dead writer's transaction is given up by the cluster after its own time-out. */
  private static Duration patience(Connection connection) {
    return connection.settings().timeout().plus(connection.settings().transactionTimeout());
  }

  private static void apply(ConsumerRecord<byte[], byte[]> record, Map<String, byte[]> image) {
    if (record.key() == null) {
      return;
    }
    String key = new String(record.key(), UTF_8);
    if (record.value() == null) {
      image.remove(key);
    } else {
      image.put(key, record.value());
    }
  }
}
