package io.rowbell.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.kafka.EventTopics.EventTopic;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Position;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.StateChange;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * What the state topic holds, by key:
 *
 * <table>
 * <caption>Keys of the state topic</caption>
 * <tr><td>{@code checkpoint}</td><td>{@code <system identifier> <position> <open xid> <rows>
 * <database>}: D and whose</td></tr>
 * <tr><td>{@code writer}</td><td>{@code <format> <uuid>}: who opened the journal last</td></tr>
 * <tr><td>{@code topic/<name>}</td><td>{@code <topic id>} and for each partition
 * {@code <partition>:<offset>}: a topic with events, and where they may begin</td></tr>
 * <tr><td>{@code state/<name>}</td><td>a named value, as it was given</td></tr>
 * </table>
 *
 * <p>Every key stands for itself, so compaction may drop all but the last record of each.
 * Immutable.
 *
 * @param resume position and named values
 * @param topics the topics with events, by name
 * @param writer who opened the journal last; null if it is new
 */
record JournalState(Resume resume, Map<String, EventTopic> topics, @Nullable String writer) {
  private static final String CHECKPOINT = "checkpoint";
  private static final String WRITER = "writer";
  private static final String TOPIC = "topic/";
  private static final String STATE = "state/";
  private static final int FORMAT = 1;

  JournalState {
    topics = Map.copyOf(topics);
  }

  /**
   * @param topic the state topic, for messages
   * @param image its last values
   * @throws JournalException if they are not what this version of Rowbell writes
   */
  static JournalState of(String topic, Map<String, byte[]> image) throws JournalException {
    Map<String, byte[]> state = new HashMap<>();
    Map<String, EventTopic> topics = new HashMap<>();
    DatabaseId database = null;
    Checkpoint checkpoint = null;
    String writer = null;
    try {
      for (Map.Entry<String, byte[]> entry : image.entrySet()) {
        String key = entry.getKey();
        byte[] value = entry.getValue();
        if (key.startsWith(STATE)) {
          state.put(key.substring(STATE.length()), value);
        } else if (key.startsWith(TOPIC)) {
          topics.put(key.substring(TOPIC.length()), eventTopic(new String(value, UTF_8)));
        } else if (key.equals(WRITER)) {
          writer = writer(new String(value, UTF_8));
        } else if (key.equals(CHECKPOINT)) {
          String[] fields = new String(value, UTF_8).split(" ", 5);
          database = new DatabaseId(fields[0], fields[4]);
          checkpoint =
              new Checkpoint(
                  Position.parse(fields[1]), Long.parseLong(fields[2]), Long.parseLong(fields[3]));
        } else {
          throw new IllegalArgumentException("unknown key '" + key + "'");
        }
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          "the topic "
              + topic
              + " is not what this version of Rowbell writes: "
              + e.getMessage()
              + "; was it written by a newer one, or by something else?",
          e);
    }
    return new JournalState(new Resume(database, checkpoint, state), topics, writer);
  }

  /**
   * What the pipeline's state topic holds now: the named values are those of the checkpoint, though
   * the journal is being written to. An append ends with its {@link #checkpointRecord}.
   */
  static JournalState read(Connection connection, String doing)
      throws JournalException, InterruptedException {
    String topic = connection.names().state();
    return of(
        topic,
        CompactedTopic.read(connection, topic, doing, key -> key.startsWith(STATE), CHECKPOINT));
  }

  private static String writer(String text) {
    int space = text.indexOf(' ');
    int format = Integer.parseInt(text.substring(0, space));
    if (format != FORMAT) {
      throw new IllegalArgumentException("its format is " + format + ", not " + FORMAT);
    }
    return text.substring(space + 1);
  }

  /** Says who has opened the journal. */
  static ProducerRecord<byte[], byte[]> writerRecord(String topic, String writer) {
    return record(topic, WRITER, (FORMAT + " " + writer).getBytes(UTF_8));
  }

  /** Says how far which database's log is in the journal. */
  static ProducerRecord<byte[], byte[]> checkpointRecord(
      String topic, DatabaseId database, Checkpoint checkpoint) {
    String value =
        String.join(
            " ",
            database.systemIdentifier(),
            checkpoint.position().toString(),
            Long.toString(checkpoint.openXid()),
            Long.toString(checkpoint.rows()),
            database.database());
    return record(topic, CHECKPOINT, value.getBytes(UTF_8));
  }

  /** Says that a topic has events. */
  static ProducerRecord<byte[], byte[]> topicRecord(
      String topic, String eventTopic, EventTopic value) {
    StringBuilder text = new StringBuilder(value.id().toString());
    new TreeMap<>(value.starts())
        .forEach(
            (partition, offset) -> text.append(' ').append(partition).append(':').append(offset));
    return record(topic, TOPIC + eventTopic, text.toString().getBytes(UTF_8));
  }

  private static EventTopic eventTopic(String text) {
    String[] fields = text.split(" ", -1);
    Map<Integer, Long> starts = new HashMap<>();
    for (int i = 1; i < fields.length; i++) {
      int colon = fields[i].indexOf(':');
      starts.put(
          Integer.parseInt(fields[i].substring(0, colon)),
          Long.parseLong(fields[i].substring(colon + 1)));
    }
    return new EventTopic(Uuid.fromString(fields[0]), starts);
  }

  /** A named value, or that it is forgotten. */
  static ProducerRecord<byte[], byte[]> stateRecord(String topic, StateChange change) {
    return record(topic, STATE + change.name(), change.value());
  }

  /** The topics with events that a part of the state topic names. */
  static Map<String, EventTopic> topicsIn(Iterable<ConsumerRecord<byte[], byte[]>> records) {
    Map<String, EventTopic> topics = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      String key = record.key() == null ? "" : new String(record.key(), UTF_8);
      if (key.startsWith(TOPIC) && record.value() != null) {
        topics.put(key.substring(TOPIC.length()), eventTopic(new String(record.value(), UTF_8)));
      }
    }
    return topics;
  }

  private static ProducerRecord<byte[], byte[]> record(
      String topic, String key, byte @Nullable [] value) {
    return new ProducerRecord<>(topic, 0, key.getBytes(UTF_8), value);
  }
}
