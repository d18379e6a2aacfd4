package io.rowbell.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Makes Kafka's clients, each with every option that matters said. */
final class Clients {
  /**
   * For closing an admin client all whose answers are in. Without a bound it may wait for many
   * minutes: Kafka's thread for it goes to sleep until metadata are due when the last call ran out
   * of time while it was being closed.
   */
  static final Duration AT_ONCE = Duration.ZERO;

  /** Bounds a producer's memory: it keeps what it once took. */
  private static final int BUFFER_BYTES = 8 << 20;

  private static final int MAX_REQUEST_BYTES = 4 << 20;
  private static final int BATCH_BYTES = 128 << 10;
  private static final int FETCH_BYTES = 4 << 20;
  private static final int PARTITION_FETCH_BYTES = 1 << 20;

  /** How large records are that were fetched, and compressed, is known only when they are taken. */
  private static final int RECORDS_AT_ONCE = 32;

  private final ClientProperties properties;
  private final String name;

  /**
   * @param properties of the cluster
   * @param name what the brokers' logs and quotas call us
   */
  Clients(ClientProperties properties, String name) {
    this.properties = properties;
    this.name = name;
  }

  /** How long one step may take. */
  Duration timeout() {
    return properties.timeout();
  }

  /** Where the brokers are, for messages. */
  String bootstrap() {
    return properties.bootstrap();
  }

  /** The largest record a producer takes. */
  int maxRecordBytes() {
    return Math.min(
        properties.number(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES),
        properties.number(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES));
  }

  Admin admin() {
    return Admin.create(
        properties.with(
            AdminClientConfig.configNames(),
            Map.of(
                AdminClientConfig.CLIENT_ID_CONFIG,
                name + "-admin",
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                requestTimeout(),
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                millis(timeout()))));
  }

  /** A producer whose records are visible after a commit only. */
  Producer<byte[], byte[]> transactional(
      String transactionalId, Duration transactionTimeout, Compression compression) {
    Map<String, Object> own = producing(compression);
    own.put(ProducerConfig.CLIENT_ID_CONFIG, transactionalId);
    own.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    own.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, millis(transactionTimeout));
    return producer(own);
  }

  /** A producer that writes each record once and in order, without transactions. */
  Producer<byte[], byte[]> idempotent(Compression compression) {
    Map<String, Object> own = producing(compression);
    own.put(ProducerConfig.CLIENT_ID_CONFIG, name);
    return producer(own);
  }

  private Map<String, Object> producing(Compression compression) {
    Map<String, Object> own = new HashMap<>();
    own.put(ProducerConfig.ACKS_CONFIG, "all");
    own.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    own.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, compression.kafkaName());
    own.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    // A commit or a flush does not wait for it; it lets a batch fill while we still send.
    own.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    own.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
    own.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
    // After finding its coordinator a producer waits for this long, come what may.
    own.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 20);
    own.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis(timeout()));
    own.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, requestTimeout());
    own.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis(timeout()));
    return own;
  }

  private Producer<byte[], byte[]> producer(Map<String, Object> own) {
    return new KafkaProducer<>(
        properties.with(ProducerConfig.configNames(), own),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  /**
   * A consumer of committed records that reads a topic to its end and is closed then. It asks again
   * soon: what it waits for is often the marker of a transaction that is just being completed.
   */
  Consumer<byte[], byte[]> shortReader(String purpose) {
    Map<String, Object> own = consuming(null, purpose, "earliest");
    own.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10);
    return consumer(own);
  }

  /**
   * A consumer of committed records that is assigned its partitions and commits by hand.
   *
   * @param group the group whose offsets it may commit, or null
   * @param purpose what it is for, in the brokers' logs
   * @param reset what to do where an offset is no longer kept: {@code none} or {@code earliest}
   */
  Consumer<byte[], byte[]> consumer(@Nullable String group, String purpose, String reset) {
    return consumer(consuming(group, purpose, reset));
  }

  private Map<String, Object> consuming(@Nullable String group, String purpose, String reset) {
    Map<String, Object> own = new HashMap<>();
    own.put(ConsumerConfig.CLIENT_ID_CONFIG, name + "-" + purpose);
    if (group != null) {
      own.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    }
    own.put(
        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
        IsolationLevel.READ_COMMITTED.name().toLowerCase(Locale.ROOT));
    own.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    own.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, reset);
    own.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    own.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    own.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
    own.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, PARTITION_FETCH_BYTES);
    own.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RECORDS_AT_ONCE);
    own.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, requestTimeout());
    own.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis(timeout()));
    return own;
  }

  private Consumer<byte[], byte[]> consumer(Map<String, Object> own) {
    return new KafkaConsumer<>(
        properties.with(ConsumerConfig.configNames(), own),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  /** A third of the whole, so that a broker that does not answer leaves time for another try. */
  private int requestTimeout() {
    return millis(timeout()) / 3;
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }
}
