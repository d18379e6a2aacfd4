package io.rowbell.testkit;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads what a journal holds as those do who have no Rowbell: the file with SQL, topics with a
 * consumer that sees committed records only. In order; on Kafka, in order for each partition.
 */
public final class JournalEvents {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private JournalEvents() {}

  /** The events of a SQLite journal; none if there is no file yet. */
  public static List<JournalEvent> ofFile(Path file) throws SQLException {
    List<JournalEvent> events = new ArrayList<>();
    if (!Files.exists(file)) {
      return events;
    }
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 10000");
      if (count(statement, "SELECT count(*) FROM sqlite_master WHERE name = 'events'") == 0) {
        return events;
      }
      try (ResultSet row =
          statement.executeQuery(
              """
              SELECT id, type, key, data, json_extract(extensions, '$.missing')
              FROM events ORDER BY seq
              """)) {
        while (row.next()) {
          events.add(
              new JournalEvent(
                  row.getString(1),
                  row.getString(2),
                  row.getString(3),
                  row.getString(4),
                  row.getString(5)));
        }
      }
    }
    return events;
  }

  private static long count(Statement statement, String query) throws SQLException {
    try (ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** The committed events of topics; none of those that do not exist yet. */
  public static List<JournalEvent> ofTopics(String bootstrapServers, Collection<String> topics) {
    return read(bootstrapServers, topics, JournalEvents::event);
  }

  /** The record that was committed last to a topic of one partition. */
  static ConsumerRecord<byte[], byte[]> lastOf(String bootstrapServers, String topic) {
    List<ConsumerRecord<byte[], byte[]>> records =
        read(bootstrapServers, List.of(topic), Function.identity());
    return records.get(records.size() - 1);
  }

  /** Of each record only what is asked for is kept: its headers take more room than all else. */
  static <T> List<T> read(
      String bootstrapServers,
      Collection<String> topics,
      Function<ConsumerRecord<byte[], byte[]>, T> each) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "isolation.level",
            "read_committed",
            "allow.auto.create.topics",
            false);
    List<T> read = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var known = consumer.listTopics(PATIENCE);
      List<TopicPartition> partitions = new ArrayList<>();
      for (String topic : topics) {
        known
            .getOrDefault(topic, List.of())
            .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
      Deadline deadline = Deadline.in(PATIENCE);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(record -> read.add(each.apply(record)));
        if (deadline.passed()) {
          throw new IllegalStateException("the topics could not be read within " + PATIENCE);
        }
      }
    }
    return read;
  }

  private static JournalEvent event(ConsumerRecord<byte[], byte[]> record) {
    return new JournalEvent(
        header(record, "ce_id"),
        header(record, "ce_type"),
        record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8),
        new String(record.value(), StandardCharsets.UTF_8),
        record.headers().lastHeader("ce_missing") == null ? null : header(record, "ce_missing"));
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}
