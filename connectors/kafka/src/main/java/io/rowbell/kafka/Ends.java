package io.rowbell.kafka;

import io.rowbell.spi.JournalException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * Where partitions end, so that everything lies before that was committed when it was asked.
 *
 * <p>A commit answers before its marker is in the log, and until then the committed end lies before
 * the transaction. So this waits until the committed end has passed what was the log's end at
 * first.
 *
 * <p>It does not wait for ever, as somebody else's transaction may be open on an event topic for an
 * hour. An end that is answered without it lies too early, never too late: a cursor that is made
 * there is given some events more, a skip to it skips less, and a reader knows it has caught up a
 * little before. Whoever must not miss anything, as a reader of dead letters, looks at {@link
 * #written} and refuses.
 */
final class Ends {
  /** Markers take milliseconds; what takes longer is a transaction that nobody finishes. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final long PAUSE_MILLIS = 2;

  private final Admin admin;
  private final Failures failures;
  private final Duration timeout;

  /**
   * @param timeout for one answer of the cluster
   */
  Ends(Admin admin, Failures failures, Duration timeout) {
    this.admin = admin;
    this.failures = failures;
    this.timeout = timeout;
  }

  /** The first offset that is not committed, by partition. */
  synchronized Map<TopicPartition, Long> committed(
      Collection<TopicPartition> partitions, String doing)
      throws JournalException, InterruptedException {
    if (partitions.isEmpty()) {
      return Map.of();
    }
    Map<TopicPartition, Long> log = look(partitions, IsolationLevel.READ_UNCOMMITTED, doing);
    long start = System.nanoTime();
    while (true) {
      Map<TopicPartition, Long> committed = look(partitions, IsolationLevel.READ_COMMITTED, doing);
      boolean settled =
          log.entrySet().stream()
              .allMatch(end -> committed.getOrDefault(end.getKey(), 0L) >= end.getValue());
      if (settled || System.nanoTime() - start > PATIENCE.toNanos()) {
        return committed;
      }
      wait(PAUSE_MILLIS);
    }
  }

  /** Where each partition's log ends, committed or not. */
  Map<TopicPartition, Long> written(Collection<TopicPartition> partitions, String doing)
      throws JournalException, InterruptedException {
    return look(partitions, IsolationLevel.READ_UNCOMMITTED, doing);
  }

  private Map<TopicPartition, Long> look(
      Collection<TopicPartition> partitions, IsolationLevel isolation, String doing)
      throws JournalException, InterruptedException {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(partition, OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new HashMap<>();
    failures
        .get(
            admin.listOffsets(wanted, new ListOffsetsOptions(isolation)).all(),
            timeout.toMillis(),
            doing)
        .forEach((partition, info) -> ends.put(partition, info.offset()));
    return ends;
  }
}
