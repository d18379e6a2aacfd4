package io.rowbell.kafka;

import io.rowbell.spi.JournalException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTxnStateException;

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
 * initialising and its committing, and that one fails.
 *
 * <p><b>Why one look is enough.</b> It comes after all ids were initialised and before any is
 * committed on. What an older writer committed while we initialised it sees, for Kafka initialises
 * an id only when its last transaction is over, markers and all. And what is committed after it,
 * behind our back, takes an id that somebody initialised after us. If our commits succeed, then
 * each id was taken either before we initialised it or after we committed on it. Not some so and
 * some so: who takes ids takes all of them before it commits on any, and so do we. So whoever
 * opened before us had committed its last before the look; and whoever opens after us has fenced
 * all of ours before it writes anything, and nothing that we do with what we saw comes to be.
 */
final class Writers {
  /** Measured: 2 lift the rate of small appends threefold, 3 the slow hundredth too, 4 nothing. */
  static final int COUNT = 3;

  /** Each try fences all others that open at the same time: they must come to an end. */
  private static final int TRIES = 3;

  private final List<Producer<byte[], byte[]>> producers = new ArrayList<>();
  private int turn;

  /**
   * Fences whoever had the transactional ids, and commits one record with each, which proves that
   * all are ours at the same time.
   *
   * <p>A cluster may answer {@code INVALID_TXN_STATE} though nobody else is there: when it gave the
   * transaction up, and, seen once in thousands of openings, on a busy broker of version 4.3 soon
   * after the last owner had closed. Nothing hangs on such a claim, so it begins anew.
   *
   * @param producer makes the producer of one index
   * @param look looks at the journal when nobody else can write to it, before the claim is written
   * @return what it saw: all that was committed before this claim
   * @throws JournalException if {@code look} refuses it: nothing was written
   */
  <T> T open(
      IntFunction<Producer<byte[], byte[]>> producer,
      Look<T> look,
      ProducerRecord<byte[], byte[]> claim)
      throws JournalException, InterruptedException {
    for (int left = TRIES; ; left--) {
      initialise(producer);
      T seen = look.look();
      try {
        claim(claim);
        return seen;
      } catch (KafkaException e) {
        if (left == 1 || !(Failures.root(e) instanceof InvalidTxnStateException)) {
          throw e;
        }
        close(Duration.ZERO);
        producers.clear();
      }
    }
  }

  /** A look at what is there. */
  @FunctionalInterface
  interface Look<T> {
    T look() throws JournalException, InterruptedException;
  }

  private void initialise(IntFunction<Producer<byte[], byte[]>> open) {
    for (int i = 0; i < COUNT; i++) {
      Producer<byte[], byte[]> producer = open.apply(i);
      producers.add(producer);
      producer.initTransactions();
    }
  }

  private void claim(ProducerRecord<byte[], byte[]> claim) {
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
