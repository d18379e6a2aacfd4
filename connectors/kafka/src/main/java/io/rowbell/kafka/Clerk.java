package io.rowbell.kafka;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.Act;
import io.rowbell.spi.JournalException;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;

/**
 * Drops dead letters of rules: by a producer of its own, as those of appends belong to the thread
 * that appends, which does not wait for it. Safe for several threads.
 */
final class Clerk {
  /** For messages. */
  static final String DOING = "dropping dead letters";

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final Connection connection;

  Clerk(Connection connection) {
    this.connection = connection;
  }

  /** Drops letters in one durable step with the note of it. */
  synchronized void drop(List<DeadLetter> letters, Act act)
      throws JournalException, InterruptedException {
    Names names = connection.names();
    long number = ActRecord.next(null, CompactedTopic.read(connection, names.subscribers(), DOING));
    Producer<byte[], byte[]> producer = null;
    try {
      producer =
          connection
              .clients()
              .transactional(
                  names.clerk(),
                  connection.settings().timeout(),
                  connection.settings().compression());
      producer.initTransactions();
      Transaction transaction = Transaction.begin(producer);
      for (DeadLetter letter : letters) {
        transaction.send(DeadLetterRecord.settled(letter, names, DeadLetterRecord.Outcome.DROPPED));
      }
      transaction.send(new ActRecord(number, act).encode(names.subscribers()));
      transaction.commit();
    } catch (KafkaException e) {
      throw connection.failures().journalException(DOING, e);
    } finally {
      if (producer != null) {
        producer.close(CLOSE_TIMEOUT);
      }
    }
  }
}
