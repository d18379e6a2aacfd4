package io.rowbell.kafka;

import io.rowbell.spi.JournalException;
import org.apache.kafka.common.KafkaException;

/**
 * Whether a journal is still ours. Who opens it fences whoever had it, and then writes its own name
 * into the state topic. For any thread.
 *
 * @param identity our name
 */
record Ownership(Connection connection, String identity) {
  /**
   * What a failure means in which a transaction may be gone: because somebody else has opened the
   * journal, or because the cluster gave it up. The cluster does not tell the two apart; the name
   * in the state topic does.
   *
   * @param limit after what the cluster gives a transaction up, for the message
   */
  JournalException journalException(String doing, String limit, KafkaException failure)
      throws InterruptedException {
    if (!Failures.lostTransaction(failure)) {
      return connection.failures().journalException(doing, failure);
    }
    return takenOver(doing)
        ? new JournalException(
            JournalException.Kind.FENCED,
            doing + ": another writer has opened this journal; this one must end",
            failure)
        : new JournalException(
            JournalException.Kind.UNAVAILABLE,
            doing
                + ": the cluster gave the transaction up, as it does after "
                + limit
                + "; no other writer has opened the journal",
            failure);
  }

  private boolean takenOver(String doing) throws InterruptedException {
    try {
      return !identity.equals(JournalState.read(connection, doing).writer());
    } catch (JournalException e) {
      // Not known. The next opening will find out: it fences, or it is refused.
      return false;
    }
  }
}
