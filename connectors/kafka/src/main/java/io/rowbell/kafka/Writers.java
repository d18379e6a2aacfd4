package io.rowbell.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The journal's transactional producers, which take turns.
 *
 * <p>One would do, but a commit answers before the cluster has written its markers to every
 * partition, and a producer that begins again before that is made to wait 20 ms and more. Taking
 * turns, each has had the time of the others' transactions.
 *
 * <p><b>Why there is still one writer.</b> Opening initialises every transactional id, in order,
 * and then commits a transaction on each. Whoever opens later fences all. If two open at once, so
 * that each ends up with some of the ids, then for at least one of them an id was taken between its
 * initialising and its committing, and that one fails. And nothing is read before all are ours:
 * what an older writer could still commit while we initialised is seen.
 */
final class Writers {
  /** Measured: 2 lift the rate of small appends threefold, 3 the slow hundredth too, 4 nothing. */
  static final int COUNT = 3;

  private final List<Producer<byte[], byte[]>> producers = new ArrayList<>();
  private int turn;

  /**
   * Fences whoever had the transactional ids.
   *
   * @param open makes the producer of one index
   */
  void open(IntFunction<Producer<byte[], byte[]>> open) {
    for (int i = 0; i < COUNT; i++) {
      Producer<byte[], byte[]> producer = open.apply(i);
      producers.add(producer);
      producer.initTransactions();
    }
  }

  /** Commits one record with each, which proves that all are ours at the same time. */
  void claim(ProducerRecord<byte[], byte[]> claim) {
    for (Producer<byte[], byte[]> producer : producers) {
      Transaction transaction = Transaction.begin(producer);
      transaction.send(claim);
      transaction.commit();
    }
  }

  /** Begins a transaction with the producer whose turn it is. */
  Transaction begin() {
    turn = (turn + 1) % producers.size();
    return Transaction.begin(producers.get(turn));
  }

  /** Aborts what is open, and closes. Idempotent. */
  void close(Duration timeout) {
    // Closing waits, and would not if this thread was interrupted before.
    boolean interrupted = Thread.interrupted();
    producers.forEach(producer -> producer.close(timeout));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
