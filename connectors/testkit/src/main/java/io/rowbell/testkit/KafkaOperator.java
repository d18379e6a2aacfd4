package io.rowbell.testkit;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * What the operators of a Kafka cluster do: make and delete topics, write to them by hand, take
 * permissions away, look at transactions. For one thread.
 */
public final class KafkaOperator implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final Admin admin;
  private final String bootstrap;

  /** Of a broker that asks nobody who they are. */
  public KafkaOperator(KafkaBroker broker) {
    bootstrap = broker.directBootstrapServers();
    admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap));
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

  /** Deletes the topics whose names begin so, and waits until they are gone. */
  public void deleteTopics(String prefix) {
    List<String> found = topics(prefix);
    get(admin.deleteTopics(found).all());
    Deadline deadline = Deadline.in(Duration.ofSeconds(PATIENCE_SECONDS));
    while (!topics(prefix).isEmpty()) {
      if (deadline.passed()) {
        throw new IllegalStateException("the topics " + topics(prefix) + " are still there");
      }
      deadline.pause();
    }
  }

  private List<String> topics(String prefix) {
    return get(admin.listTopics().names()).stream()
        .filter(name -> name.startsWith(prefix))
        .toList();
  }

  /**
   * What a topic of one partition says last of a key, as text.
   *
   * @throws IllegalStateException if it says nothing of it
   */
  public String valueOf(String topic, String key) {
    return JournalEvents.read(bootstrap, List.of(topic), Function.identity()).stream()
        .filter(record -> key.equals(new String(record.key(), StandardCharsets.UTF_8)))
        .reduce((before, last) -> last)
        .map(record -> new String(record.value(), StandardCharsets.UTF_8))
        .orElseThrow(() -> new IllegalStateException(topic + " has no " + key));
  }

  /**
   * Lets a topic say something else of a key.
   *
   * @param value text; null to have it say nothing any more
   */
  public void put(String topic, String key, @Nullable String value) {
    send(
        new ProducerRecord<>(
            topic,
            0,
            key.getBytes(StandardCharsets.UTF_8),
            value == null ? null : value.getBytes(StandardCharsets.UTF_8)));
  }

  private void send(ProducerRecord<byte[], byte[]> record) {
    Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      RecordMetadata unused = get(producer.send(record));
    }
  }

  /** Deletes topics. */
  public void deleteTopics(Collection<String> names) {
    get(admin.deleteTopics(names).all());
  }

  /** Deletes what a topic holds now, as its retention does. */
  public void deleteRecords(String topic) {
    Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
    for (TopicDescription description :
        get(admin.describeTopics(List.of(topic)).allTopicNames()).values()) {
      for (TopicPartitionInfo partition : description.partitions()) {
        all.put(new TopicPartition(topic, partition.partition()), RecordsToDelete.beforeOffset(-1));
      }
    }
    get(admin.deleteRecords(all).all());
  }

  /**
   * Writes the last committed event of a topic to it once more.
   *
   * @param id what it has for an id then; null for its own
   */
  public void repeatLast(String topic, @Nullable String id) {
    ConsumerRecord<byte[], byte[]> last = JournalEvents.lastOf(bootstrap, topic);
    RecordHeaders headers = new RecordHeaders(last.headers());
    if (id != null) {
      headers.remove("ce_id").add("ce_id", id.getBytes(StandardCharsets.UTF_8));
    }
    send(new ProducerRecord<>(topic, last.partition(), last.key(), last.value(), headers));
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
    return get(answer.toCompletionStage().toCompletableFuture());
  }

  private static <T> T get(Future<T> answer) {
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
