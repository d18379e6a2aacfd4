package io.rowbell.testkit;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * What the operators of a Kafka cluster do: make topics, take permissions away, look at
 * transactions. For one thread.
 */
public final class KafkaOperator implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final Admin admin;

  /** Of a broker that asks nobody who they are. */
  public KafkaOperator(KafkaBroker broker) {
    admin =
        Admin.create(
            Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.directBootstrapServers()));
  }

  /** Makes a topic of one partition. */
  public void makeTopic(String name, Map<String, String> settings) {
    get(
        admin
            .createTopics(
                List.of(
                    new NewTopic(name, Optional.of(1), Optional.of((short) 1)).configs(settings)))
            .all());
  }

  /**
   * Lets nobody use a topic any more. The broker needs an authorizer, and {@code
   * allow.everyone.if.no.acl.found=true}.
   */
  public void withdraw(String topic) {
    get(admin.createAcls(List.of(somebodyElse(topic))).all());
  }

  /** Lets everybody use a topic again. */
  public void permit(String topic) {
    Collection<AclBinding> unused =
        get(admin.deleteAcls(List.of(somebodyElse(topic).toFilter())).all());
  }

  /** Where one principal has a right, all others have none. */
  private static AclBinding somebodyElse(String topic) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
        new AccessControlEntry(
            "User:somebody-else", "*", AclOperation.ALL, AclPermissionType.ALLOW));
  }

  /** Whether the last transaction of any transactional id that begins so was aborted. */
  public boolean hasAborted(String prefix) {
    List<String> ids =
        get(admin.listTransactions().all()).stream()
            .map(listed -> listed.transactionalId())
            .filter(id -> id.startsWith(prefix))
            .toList();
    return get(admin.describeTransactions(ids).all()).values().stream()
        .anyMatch(transaction -> transaction.state() == TransactionState.COMPLETE_ABORT);
  }

  private static <T> T get(KafkaFuture<T> answer) {
    try {
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the cluster refused it", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the cluster was asked", e);
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }
}
