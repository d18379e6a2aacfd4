package io.rowbell.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription.ParkedKey;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * What the subscribers' topic holds of one subscriber, by key: {@code cursor/<subscriber>}, which
 * lists the topics taken up, and {@code parked/<subscriber>/<topic>[/<key>]} for each parked key.
 * Names within a key are percent-encoded. For one thread.
 */
final class SubscriberState {
  private static final String CURSOR = "cursor/";
  private static final String PARKED = "parked/";

  private final String subscriber;
  private final Map<String, TakenUp> takenUp = new HashMap<>();
  private final Set<ParkedKey> parked = new HashSet<>();
  private boolean made;

  /**
   * A topic that the cursor has offsets for.
   *
   * @param id Kafka's id: a topic that was deleted and made again is another
   * @param partitions how many of its partitions
   */
  private record TakenUp(Uuid id, int partitions) {}

  private SubscriberState(String subscriber) {
    this.subscriber = subscriber;
  }

  /**
   * @param topic the subscribers' topic, for messages
   * @param image its last values
   * @throws JournalException if they are not what this version of Rowbell writes
   */
  static SubscriberState of(String topic, String subscriber, Map<String, byte[]> image)
      throws JournalException {
    SubscriberState state = new SubscriberState(subscriber);
    String parkedPrefix = PARKED + encode(subscriber) + "/";
    try {
      for (Map.Entry<String, byte[]> entry : image.entrySet()) {
        if (entry.getKey().equals(CURSOR + encode(subscriber))) {
          state.readCursor(new String(entry.getValue(), UTF_8));
        } else if (entry.getKey().startsWith(parkedPrefix)) {
          String[] names = entry.getKey().substring(parkedPrefix.length()).split("/", 2);
          state.parked.add(
              new ParkedKey(decode(names[0]), names.length == 1 ? null : decode(names[1])));
        }
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          "the topic " + topic + " is not what this version of Rowbell writes: " + e.getMessage(),
          e);
    }
    return state;
  }

  private void readCursor(String text) {
    made = true;
    for (String line : text.lines().toList()) {
      String[] fields = line.split(" ", 3);
      takenUp.put(fields[2], new TakenUp(Uuid.fromString(fields[0]), Integer.parseInt(fields[1])));
    }
  }

  /** Whether the cursor was made before. */
  boolean made() {
    return made;
  }

  /** Whether the cursor had an offset for a partition. */
  boolean hasTakenUp(String topic, Uuid id, int partition) {
    TakenUp known = takenUp.get(topic);
    return known != null && known.id.equals(id) && partition < known.partitions;
  }

  /** Notes that the cursor has offsets for these. */
  void takeUp(String topic, Uuid id, int partitions) {
    made = true;
    takenUp.put(topic, new TakenUp(id, partitions));
  }

  /** Notes that the cursor is there. */
  void make() {
    made = true;
  }

  /** The keys that are parked. */
  Set<ParkedKey> parked() {
    return Set.copyOf(parked);
  }

  /** Notes that keys are parked. */
  void park(Set<ParkedKey> keys) {
    parked.addAll(keys);
  }

  /** Says that the cursor is there and what it has taken up. */
  ProducerRecord<byte[], byte[]> cursorRecord(String topic) {
    String text =
        takenUp.entrySet().stream()
            .map(
                entry ->
                    entry.getValue().id + " " + entry.getValue().partitions + " " + entry.getKey())
            .sorted()
            .collect(Collectors.joining("\n"));
    return record(topic, CURSOR + encode(subscriber), text);
  }

  /** Says that a key is parked. */
  ProducerRecord<byte[], byte[]> parkedRecord(String topic, ParkedKey key) {
    String name = PARKED + encode(subscriber) + "/" + encode(key.topic());
    @Nullable String value = key.key();
    return record(topic, value == null ? name : name + "/" + encode(value), "");
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, String key, String value) {
    return new ProducerRecord<>(topic, 0, key.getBytes(UTF_8), value.getBytes(UTF_8));
  }

  private static String encode(String name) {
    return URLEncoder.encode(name, UTF_8);
  }

  private static String decode(String name) {
    return URLDecoder.decode(name, UTF_8);
  }
}
