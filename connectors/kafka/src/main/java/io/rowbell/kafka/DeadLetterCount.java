package io.rowbell.kafka;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.JournalException;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * How many dead letters a journal keeps. The topic is read once, and then what is added. For one
 * thread.
 *
 * <p>Each that is known by name takes about 150 bytes, so there is a bound. Those beyond are only
 * counted: one that is written again, as after a retry that failed, counts twice then.
 */
final class DeadLetterCount implements AutoCloseable {
  private final DeadLetterTopic topic;
  private final int most;
  private final Set<DeadLetterTopic.Name> kept = new HashSet<>();
  private long beyond;

  /**
   * @param topic is closed with it
   * @param most how many are known by name at most
   */
  DeadLetterCount(DeadLetterTopic topic, int most) {
    this.topic = topic;
    this.most = most;
  }

  /**
   * As of now.
   *
   * @throws JournalException if not all can be seen now
   */
  long now() throws JournalException, InterruptedException {
    topic.news(this::note);
    return kept.size() + beyond;
  }

  private void note(ConsumerRecord<byte[], byte[]> record) {
    DeadLetter letter = DeadLetterRecord.decode(record);
    DeadLetterTopic.Name name = DeadLetterTopic.Name.of(letter);
    if (DeadLetterRecord.isSettled(record)) {
      if (!kept.remove(name)) {
        beyond = Math.max(0, beyond - 1);
      }
    } else if (kept.size() < most) {
      kept.add(name);
    } else if (!kept.contains(name)) {
      beyond++;
    }
  }

  @Override
  public void close() {
    topic.close();
  }
}
