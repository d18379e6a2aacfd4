package io.rowbell.kafka;

import io.rowbell.spi.JournalException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Checks topics before anything is sent to them, and makes those that are missing if it may.
 *
 * <p>What was found is kept for as long as the journal is open. Used by the thread that appends;
 * {@link #describe} by any.
 */
final class Topics {
  /** Small segments: only closed ones are compacted, and the whole is read at each opening. */
  private static final Map<String, String> COMPACTED =
      Map.of(
          TopicConfig.CLEANUP_POLICY_CONFIG,
          TopicConfig.CLEANUP_POLICY_COMPACT,
          TopicConfig.SEGMENT_BYTES_CONFIG,
          Integer.toString(16 << 20),
          TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
          "0.1");

  private static final String UNLIMITED = "-1";

  /** Kept until somebody has looked. */
  private static final Map<String, String> KEPT =
      Map.of(
          TopicConfig.CLEANUP_POLICY_CONFIG,
          TopicConfig.CLEANUP_POLICY_DELETE,
          TopicConfig.RETENTION_MS_CONFIG,
          UNLIMITED,
          TopicConfig.RETENTION_BYTES_CONFIG,
          UNLIMITED);

  private final Connection connection;
  private final Map<String, Topic> known = new HashMap<>();
  private final Map<String, String> refused = new ConcurrentHashMap<>();

  /**
   * A topic that is there.
   *
   * @param id Kafka's id: a topic that is deleted and made again has another
   * @param maxRecordBytes the largest record it takes
   * @param ends by partition, where it ended when it was found; empty if it was made here
   */
  record Topic(Uuid id, long maxRecordBytes, Map<Integer, Long> ends) {}

  Topics(Connection connection) {
    this.connection = connection;
  }

  /**
   * Makes sure of the journal's own topics.
   *
   * @throws JournalException FATAL if one is missing and may not be made, or would lose what it is
   *     given
   */
  void ensureOwn() throws JournalException, InterruptedException {
    Names names = connection.names();
    if (!Names.isTopic(names.deadLetters()) || !Names.isTopic(names.subscribers())) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          "the pipeline's name '"
              + names.pipeline()
              + "' cannot be part of a topic's name: use letters, digits, '.', '_' and '-'",
          null);
    }
    String doing = "looking for the topics of the pipeline " + names.pipeline();
    Map<String, TopicDescription> found = describe(names.own(), doing);
    for (String topic : List.of(names.state(), names.subscribers())) {
      TopicDescription description = found.get(topic);
      if (description != null) {
        requireCompacted(description, doing);
      }
    }
    TopicDescription letters = found.get(names.deadLetters());
    if (letters != null) {
      requireKept(letters, doing);
    }
    Map<String, NewTopic> missing = new HashMap<>();
    for (String topic : names.own()) {
      if (!found.containsKey(topic)) {
        boolean kept = topic.equals(names.deadLetters());
        missing.put(topic, newTopic(topic, 1, kept ? KEPT : COMPACTED));
      }
    }
    create(missing, doing);
    inspect(found, doing);
  }

  /**
   * Makes sure of the topics of a batch's events, unless they are known already.
   *
   * @throws JournalException FATAL if one is missing and may not be made
   */
  void ensure(Set<String> topics) throws JournalException, InterruptedException {
    Set<String> unknown = new TreeSet<>();
    for (String topic : topics) {
      if (!known.containsKey(topic) && refusal(topic).isEmpty()) {
        unknown.add(topic);
      }
    }
    if (unknown.isEmpty()) {
      return;
    }
    String doing = "looking for the topics " + unknown;
    Map<String, TopicDescription> found = describe(unknown, doing);
    inspect(found, doing);
    Map<String, NewTopic> missing = new HashMap<>();
    for (String topic : unknown) {
      if (!found.containsKey(topic)) {
        missing.put(topic, newTopic(topic, connection.settings().partitions(), Map.of()));
      }
    }
    create(missing, doing);
  }

  /** Why a name can never be a topic for events; empty if it can. */
  Optional<String> refusal(String topic) {
    if (!Names.isTopic(topic)) {
      return Optional.of(
          "'" + topic + "' is no name for a topic: letters, digits, '.', '_' and '-', at most 249");
    }
    if (connection.names().own().contains(topic) || topic.startsWith("__")) {
      return Optional.of("the topic '" + topic + "' is not for events");
    }
    return Optional.ofNullable(refused.get(topic));
  }

  /**
   * A topic that was ensured.
   *
   * @throws IllegalStateException if it was not
   */
  Topic get(String topic) {
    Topic result = known.get(topic);
    if (result == null) {
      throw new IllegalStateException("topic " + topic + " was not looked for");
    }
    return result;
  }

  /** Those of the topics that are there. */
  Map<String, TopicDescription> describe(Collection<String> topics, String doing)
      throws JournalException, InterruptedException {
    Map<String, TopicDescription> found = new HashMap<>();
    if (topics.isEmpty()) {
      return found;
    }
    for (Map.Entry<String, KafkaFuture<TopicDescription>> answer :
        connection.admin().describeTopics(topics).topicNameValues().entrySet()) {
      try {
        found.put(
            answer.getKey(),
            connection
                .failures()
                .get(
                    answer.getValue(), connection.timeoutMillis(), doing + ": " + answer.getKey()));
      } catch (JournalException e) {
        if (!causedBy(e, UnknownTopicOrPartitionException.class)) {
          throw e;
        }
      }
    }
    return found;
  }

  private void requireCompacted(TopicDescription topic, String doing)
      throws JournalException, InterruptedException {
    requireOnePartition(topic);
    requireSetting(
        topic.name(),
        configs(Set.of(topic.name()), doing),
        TopicConfig.CLEANUP_POLICY_CONFIG,
        TopicConfig.CLEANUP_POLICY_COMPACT,
        "would forget the pipeline's position");
  }

  /** Dead letters are kept until somebody has looked, and what settles one stands behind it. */
  private void requireKept(TopicDescription topic, String doing)
      throws JournalException, InterruptedException {
    requireOnePartition(topic);
    Map<String, Config> configs = configs(Set.of(topic.name()), doing);
    String why = "would forget dead letters that nobody has dealt with";
    requireSetting(
        topic.name(),
        configs,
        TopicConfig.CLEANUP_POLICY_CONFIG,
        TopicConfig.CLEANUP_POLICY_DELETE,
        why);
    requireSetting(topic.name(), configs, TopicConfig.RETENTION_MS_CONFIG, UNLIMITED, why);
    requireSetting(topic.name(), configs, TopicConfig.RETENTION_BYTES_CONFIG, UNLIMITED, why);
  }

  private static void requireOnePartition(TopicDescription topic) throws JournalException {
    if (topic.partitions().size() != 1) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          "the topic "
              + topic.name()
              + " has "
              + topic.partitions().size()
              + " partitions and must have one: make it anew",
          null);
    }
  }

  private static void requireSetting(
      String topic, Map<String, Config> configs, String name, String needed, String why)
      throws JournalException {
    Config config = configs.get(topic);
    String value = config == null ? "" : config.get(name).value();
    if (!value.equals(needed)) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          "the topic "
              + topic
              + " has "
              + name
              + "="
              + value
              + " and "
              + why
              + ": set it to "
              + needed,
          null);
    }
  }

  private void inspect(Map<String, TopicDescription> found, String doing)
      throws JournalException, InterruptedException {
    if (found.isEmpty()) {
      return;
    }
    Map<String, Config> configs = configs(found.keySet(), doing);
    Map<String, Map<Integer, Long>> ends = new HashMap<>();
    connection
        .ends()
        .written(partitions(found.values()), doing)
        .forEach(
            (partition, end) ->
                ends.computeIfAbsent(partition.topic(), name -> new HashMap<>())
                    .put(partition.partition(), end));
    for (TopicDescription topic : found.values()) {
      Config config = configs.get(topic.name());
      if (config != null) {
        known.put(
            topic.name(),
            new Topic(
                topic.topicId(),
                maxRecordBytes(config),
                ends.getOrDefault(topic.name(), Map.of())));
      }
    }
  }

  /** Every partition of these topics. */
  static Set<TopicPartition> partitions(Collection<TopicDescription> topics) {
    Set<TopicPartition> partitions = new HashSet<>();
    for (TopicDescription topic : topics) {
      for (TopicPartitionInfo partition : topic.partitions()) {
        partitions.add(new TopicPartition(topic.name(), partition.partition()));
      }
    }
    return partitions;
  }

  private Map<String, Config> configs(Collection<String> topics, String doing)
      throws JournalException, InterruptedException {
    List<ConfigResource> resources = new ArrayList<>();
    for (String topic : topics) {
      resources.add(new ConfigResource(ConfigResource.Type.TOPIC, topic));
    }
    Map<String, Config> configs = new HashMap<>();
    connection
        .failures()
        .get(connection.admin().describeConfigs(resources).all(), connection.timeoutMillis(), doing)
        .forEach((resource, config) -> configs.put(resource.name(), config));
    return configs;
  }

  /** The largest record that a topic takes which is there. */
  long maxRecordBytes(String topic, String doing) throws JournalException, InterruptedException {
    return maxRecordBytes(Objects.requireNonNull(configs(Set.of(topic), doing).get(topic), topic));
  }

  private long maxRecordBytes(Config config) {
    return Math.min(
        connection.clients().maxRecordBytes(),
        Long.parseLong(config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value()));
  }

  private NewTopic newTopic(String topic, int partitions, Map<String, String> configs) {
    int replicas = connection.settings().replicationFactor();
    Map<String, String> all = new HashMap<>(configs);
    if (replicas >= 3) {
      // One replica alone must not be enough to acknowledge.
      all.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "2");
    }
    return new NewTopic(
            topic,
            partitions == 0 ? Optional.empty() : Optional.of(partitions),
            replicas == 0 ? Optional.empty() : Optional.of((short) replicas))
        .configs(all);
  }

  private void create(Map<String, NewTopic> missing, String doing)
      throws JournalException, InterruptedException {
    if (missing.isEmpty()) {
      return;
    }
    if (!connection.settings().createTopics()) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          "there is no topic "
              + String.join(", ", new TreeSet<>(missing.keySet()))
              + " in Kafka at "
              + connection.clients().bootstrap()
              + ", and create-topics is false: make it, or let Rowbell make it",
          null);
    }
    CreateTopicsResult created = connection.admin().createTopics(missing.values());
    for (String topic : missing.keySet()) {
      String creating = "making the topic " + topic;
      try {
        Uuid id =
            connection.failures().get(created.topicId(topic), connection.timeoutMillis(), creating);
        Config config =
            connection.failures().get(created.config(topic), connection.timeoutMillis(), creating);
        known.put(topic, new Topic(id, maxRecordBytes(config), Map.of()));
      } catch (JournalException e) {
        if (causedBy(e, InvalidTopicException.class)) {
          refused.put(topic, String.valueOf(Failures.root(e).getMessage()));
        } else if (causedBy(e, TopicExistsException.class)) {
          // Made by somebody else just now; brokers hear of it one after the other.
          inspect(describe(Set.of(topic), doing), doing);
          if (!known.containsKey(topic)) {
            throw e;
          }
        } else {
          throw e;
        }
      }
    }
  }

  private static boolean causedBy(JournalException failure, Class<? extends Exception> type) {
    Throwable cause = failure.getCause();
    return cause != null && type.isInstance(Failures.root(cause));
  }
}
