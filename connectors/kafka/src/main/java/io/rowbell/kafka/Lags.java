package io.rowbell.kafka;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many events lie before each subscriber. What was fetched is counted; what was not is the
 * difference of offsets, markers of transactions included. Safe for several threads.
 */
final class Lags {
  private static final Logger LOG = LoggerFactory.getLogger(Lags.class);
  private static final long WAIT_MILLIS = 1_000;
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Admin admin;
  private final Map<TopicPartition, Long> ends = new HashMap<>();
  private long failedAt;
  private boolean failed;

  Lags(Admin admin) {
    this.admin = admin;
  }

  /** By name of the subscriber; as of some seconds ago if the cluster does not answer. */
  synchronized Map<String, Long> of(Collection<KafkaSubscription> subscriptions) {
    Set<TopicPartition> partitions = new HashSet<>();
    for (KafkaSubscription subscription : subscriptions) {
      partitions.addAll(subscription.progress().keySet());
    }
    lookUp(partitions);
    Map<String, Long> lags = new HashMap<>();
    for (KafkaSubscription subscription : subscriptions) {
      long lag = 0;
      for (Map.Entry<TopicPartition, EventFeed.Progress> entry :
          subscription.progress().entrySet()) {
        long scanned = entry.getValue().scanned();
        long end = ends.getOrDefault(entry.getKey(), scanned);
        lag += entry.getValue().unfinished() + Math.max(0, end - scanned);
      }
      lags.put(subscription.name(), lag);
    }
    return lags;
  }

  private void lookUp(Set<TopicPartition> partitions) {
    if (partitions.isEmpty() || (failed && System.nanoTime() - failedAt < PAUSE_NANOS)) {
      return;
    }
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(partition, OffsetSpec.latest()));
    try {
      Map<TopicPartition, ListOffsetsResultInfo> found =
          admin
              .listOffsets(wanted, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
              .all()
              .get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
      found.forEach((partition, info) -> ends.put(partition, info.offset()));
      failed = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | KafkaException | IllegalStateException e) {
      // A measure must not fail what it measures; the append and the poll will tell.
      LOG.debug("the ends of {} are not known", partitions, e);
      failed = true;
      failedAt = System.nanoTime();
    }
  }
}
