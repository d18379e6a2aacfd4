package io.rowbell.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.spi.Act;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription.ParkedKey;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * What the subscribers' topic holds of one subscriber, by key: {@code cursor/<subscriber>}, which
 * lists the topics taken up, {@code parked/<subscriber>/<topic>[/<key>]} for each parked key, with
 * the value {@code retried} if its dead letters are being delivered again, {@code
 * paused/<subscriber>}, and what people did ({@link ActRecord}). Names within a key are
 * percent-encoded. For one thread.
 */
final class SubscriberState {
  private static final String CURSOR = "cursor/";
  private static final String PARKED = "parked/";
  private static final String PAUSED = "paused/";
  private static final String RETRIED = "retried";

  private final String subscriber;
  private final Map<String, TakenUp> takenUp = new HashMap<>();
  private final Set<ParkedKey> parked = new HashSet<>();
  private final Set<ParkedKey> retried = new HashSet<>();
  private boolean paused;
  private long nextAct;
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
          ParkedKey key =
              new ParkedKey(decode(names[0]), names.length == 1 ? null : decode(names[1]));
          state.parked.add(key);
          if (new String(entry.getValue(), UTF_8).equals(RETRIED)) {
            state.retried.add(key);
          }
        }
      }
      state.paused = image.containsKey(PAUSED + encode(subscriber));
      state.nextAct = ActRecord.next(subscriber, image);
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

  /** Those of them whose dead letters are being delivered again. */
  Set<ParkedKey> retried() {
    return Set.copyOf(retried);
  }

  /** Whether deliveries are paused. */
  boolean isPaused() {
    return paused;
  }

  /** The names of all that have a cursor. */
  static Set<String> subscribers(Map<String, byte[]> image) {
    return image.keySet().stream()
        .filter(key -> key.startsWith(CURSOR))
        .map(key -> decode(key.substring(CURSOR.length())))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The topics that were taken up. */
  Set<String> topics() {
    return Set.copyOf(takenUp.keySet());
  }

  /** Notes that keys are parked, and not retried. */
  void park(Set<ParkedKey> keys) {
    parked.addAll(keys);
    retried.removeAll(keys);
  }

  /** Notes that keys are parked and retried. */
  void retry(Set<ParkedKey> keys) {
    parked.addAll(keys);
    retried.addAll(keys);
  }

  /** Notes that keys are parked no more. */
  void release(Set<ParkedKey> keys) {
    parked.removeAll(keys);
    retried.removeAll(keys);
  }

  /** Notes whether deliveries are paused. */
  void pause(boolean now) {
    paused = now;
  }

  /** An act of somebody's, numbered. */
  ActRecord number(Act act) {
    return new ActRecord(nextAct++, act);
  }

  /** Says whether deliveries are paused. */
  ProducerRecord<byte[], byte[]> pausedRecord(String topic, boolean now) {
    return new ProducerRecord<>(
        topic, 0, (PAUSED + encode(subscriber)).getBytes(UTF_8), now ? new byte[0] : null);
  }

  /** Says that a key is parked and retried. */
  ProducerRecord<byte[], byte[]> retriedRecord(String topic, ParkedKey key) {
    return record(topic, parkedName(key), RETRIED);
  }

  /** Says that a key is parked no more. */
  ProducerRecord<byte[], byte[]> releasedRecord(String topic, ParkedKey key) {
    return new ProducerRecord<>(topic, 0, parkedName(key).getBytes(UTF_8), null);
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

  /** Says that there is no cursor. */
  ProducerRecord<byte[], byte[]> forgottenRecord(String topic) {
    return new ProducerRecord<>(topic, 0, (CURSOR + encode(subscriber)).getBytes(UTF_8), null);
  }

  /** Says that a key is parked. */
  ProducerRecord<byte[], byte[]> parkedRecord(String topic, ParkedKey key) {
    return record(topic, parkedName(key), "");
  }

  private String parkedName(ParkedKey key) {
    String name = PARKED + encode(subscriber) + "/" + encode(key.topic());
    @Nullable String value = key.key();
    return value == null ? name : name + "/" + encode(value);
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
