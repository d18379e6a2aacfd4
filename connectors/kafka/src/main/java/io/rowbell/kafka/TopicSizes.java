package io.rowbell.kafka;

import io.rowbell.spi.JournalException;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How much room topics take on the brokers' disks. For one thread. */
final class TopicSizes {
  private static final Logger LOG = LoggerFactory.getLogger(TopicSizes.class);
  private static final String DOING = "asking for the size of the journal's topics";

  private final Connection connection;
  private boolean told;

  TopicSizes(Connection connection) {
    this.connection = connection;
  }

  /**
   * @return bytes, of all replicas; -1 if the cluster does not say
   * @throws JournalException if it cannot be asked
   */
  long of(Set<String> topics) throws JournalException, InterruptedException {
    try {
      Set<Integer> brokers =
          get(connection.admin().describeCluster().nodes()).stream()
              .map(Node::id)
              .collect(Collectors.toSet());
      return sum(topics, get(connection.admin().describeLogDirs(brokers).allDescriptions()));
    } catch (JournalException e) {
      if (e.getCause() == null
          || !(Failures.root(e.getCause()) instanceof ClusterAuthorizationException)) {
        throw e;
      }
      if (!told) {
        told = true;
        LOG.info(
            "pipeline {}: how much room the journal's topics take is not known (rowbell_journal_bytes"
                + " is NaN): that needs the permission Describe on the cluster",
            connection.names().pipeline());
      }
      return -1;
    }
  }

  private static long sum(
      Set<String> topics, Map<Integer, Map<String, LogDirDescription>> directories) {
    long bytes = 0;
    boolean found = false;
    for (Map<String, LogDirDescription> ofBroker : directories.values()) {
      for (LogDirDescription directory : ofBroker.values()) {
        for (Map.Entry<TopicPartition, ReplicaInfo> replica : directory.replicaInfos().entrySet()) {
          if (topics.contains(replica.getKey().topic())) {
            bytes += replica.getValue().size();
            found = true;
          }
        }
      }
    }
    return found ? bytes : -1;
  }

  private <T> T get(KafkaFuture<T> answer) throws JournalException, InterruptedException {
    return connection.failures().get(answer, connection.timeoutMillis(), DOING);
  }
}
