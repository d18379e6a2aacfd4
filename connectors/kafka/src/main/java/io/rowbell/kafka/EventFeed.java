package io.rowbell.kafka;

import io.rowbell.model.DomainEvent;
import io.rowbell.spi.EventReader.Entry;
import io.rowbell.spi.JournalException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Committed records of assigned partitions, turned into events; and how far each partition has been
 * fetched, handed out and finished with. For one thread, except {@link #progress}.
 */
final class EventFeed implements AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final Consumer<byte[], byte[]> consumer;
  private final CloudEventRecord codec;
  private final Set<String> types;
  private final Failures failures;
  private final Map<TopicPartition, Place> places = new HashMap<>();
  private final Map<String, Place> byName = new HashMap<>();
  private final Deque<Entry> fetched = new ArrayDeque<>();
  private volatile Map<TopicPartition, Progress> progress = Map.of();
  private Map<TopicPartition, Long> stops = Map.of();

  /** How far one partition is. Offsets are those of the first record that is not yet so. */
  private static final class Place {
    final TopicPartition partition;
    final Deque<Long> handedOut = new ArrayDeque<>();
    long finished;
    long scanned;
    int waiting;

    Place(TopicPartition partition, long start) {
      this.partition = partition;
      this.finished = start;
      this.scanned = start;
    }

    void finish(long nextOffset) {
      finished = Math.max(finished, nextOffset);
      while (!handedOut.isEmpty() && handedOut.peek() < finished) {
        handedOut.remove();
      }
    }

    int unfinished() {
      return waiting + handedOut.size();
    }

    /** With nothing left to be done, past what nobody wanted to see: markers, other types. */
    long reached() {
      return unfinished() == 0 ? Math.max(finished, scanned) : finished;
    }
  }

  /**
   * How far a partition is, for another thread.
   *
   * @param scanned the first offset that was not looked at
   * @param unfinished how many events before it are not finished
   */
  record Progress(long scanned, int unfinished) {}

  /**
   * @param types the event types to hand out; empty for all
   */
  EventFeed(
      Consumer<byte[], byte[]> consumer,
      CloudEventRecord codec,
      Set<String> types,
      Failures failures) {
    this.consumer = consumer;
    this.codec = codec;
    this.types = Set.copyOf(types);
    this.failures = failures;
  }

  /** The consumer, for what is not fetching. */
  Consumer<byte[], byte[]> consumer() {
    return consumer;
  }

  /** Reads these partitions too, each from its offset. */
  void add(Map<TopicPartition, Long> starts) {
    if (starts.isEmpty()) {
      return;
    }
    assign(consumer, starts.keySet());
    starts.forEach(
        (partition, offset) -> {
          consumer.seek(partition, offset);
          Place place = new Place(partition, offset);
          places.put(partition, place);
          byName.put(partition.toString(), place);
        });
    publish();
  }

  /**
   * Assigns partitions beside those that are assigned already. To be done before asking where they
   * begin or end, too: a consumer warns of answers for what it is not assigned.
   */
  static void assign(Consumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
    Set<TopicPartition> all = new HashSet<>(consumer.assignment());
    if (all.addAll(partitions)) {
      consumer.assign(all);
    }
  }

  /** Hands out nothing at or beyond these offsets until all before them has been handed out. */
  void stopAt(Map<TopicPartition, Long> offsets) {
    stops = Map.copyOf(offsets);
  }

  /** Whether a partition is read. */
  boolean has(TopicPartition partition) {
    return places.containsKey(partition);
  }

  /** Whether events are waiting to be taken. */
  boolean isEmpty() {
    return fetched.isEmpty();
  }

  /**
   * Waits for records, at most for {@code timeout}.
   *
   * @return those of partitions that were not added here
   */
  List<ConsumerRecord<byte[], byte[]>> fetch(Duration timeout, String doing)
      throws JournalException, InterruptedException {
    List<ConsumerRecord<byte[], byte[]>> others = new ArrayList<>();
    try {
      if (!stops.isEmpty() && handedOut(stops)) {
        stops = Map.of();
        consumer.resume(consumer.paused());
      }
      ConsumerRecords<byte[], byte[]> records = consumer.poll(timeout);
      for (TopicPartition partition : records.partitions()) {
        Place place = places.get(partition);
        if (place == null) {
          others.addAll(records.records(partition));
        } else {
          accept(records.records(partition), place);
        }
      }
      for (Place place : places.values()) {
        // Past the markers of transactions and aborted records, which are not returned.
        place.scanned = consumer.position(place.partition);
        if (place.scanned >= stops.getOrDefault(place.partition, Long.MAX_VALUE)) {
          consumer.pause(List.of(place.partition));
        }
      }
      publish();
    } catch (KafkaException e) {
      throw failures.journalException(doing, e);
    } catch (IllegalArgumentException e) {
      throw new JournalException(JournalException.Kind.FATAL, doing + ": " + e.getMessage(), e);
    }
    return others;
  }

  private void accept(List<ConsumerRecord<byte[], byte[]>> records, Place place) {
    long stop = stops.getOrDefault(place.partition, Long.MAX_VALUE);
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (record.offset() >= stop) {
        consumer.seek(place.partition, record.offset());
        return;
      }
      Optional<DomainEvent> event = codec.decode(record);
      if (event.isPresent() && (types.isEmpty() || types.contains(event.get().type()))) {
        fetched.add(new Entry(place.partition.toString(), record.offset(), event.get()));
        place.waiting++;
      }
    }
  }

  /** The next events, in the order in which they came; {@link Clients} bounds what waits here. */
  List<Entry> take(int max, long maxBytes) {
    List<Entry> taken = new ArrayList<>(Math.min(max, fetched.size()));
    long bytes = 0;
    while (taken.size() < max && bytes < maxBytes && !fetched.isEmpty()) {
      Entry entry = fetched.remove();
      bytes += entry.event().heapBytes();
      Place place = place(entry.partition());
      place.waiting--;
      place.handedOut.add(entry.offset());
      taken.add(entry);
    }
    return taken;
  }

  /** Takes a partition's events before this offset as done. */
  void finish(String partition, long nextOffset) {
    place(partition).finish(nextOffset);
    publish();
  }

  private void publish() {
    Map<TopicPartition, Progress> now = new HashMap<>();
    places.forEach(
        (partition, place) -> now.put(partition, new Progress(place.scanned, place.unfinished())));
    progress = Map.copyOf(now);
  }

  /** How far each partition is. For any thread. */
  Map<TopicPartition, Progress> progress() {
    return progress;
  }

  private Place place(String partition) {
    Place place = byName.get(partition);
    if (place == null) {
      throw new IllegalArgumentException("no partition of this reader: " + partition);
    }
    return place;
  }

  /** How far each partition is done: past what nobody wanted to see, too. */
  Map<TopicPartition, Long> reached() {
    Map<TopicPartition, Long> reached = new HashMap<>();
    places.forEach((partition, place) -> reached.put(partition, place.reached()));
    return reached;
  }

  /** Whether all before these offsets has been handed out. */
  boolean handedOut(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(
            end -> {
              Place place = places.get(end.getKey());
              return place != null && place.waiting == 0 && place.scanned >= end.getValue();
            });
  }

  /** The partitions that are read. */
  Set<TopicPartition> partitions() {
    return Set.copyOf(places.keySet());
  }

  @Override
  public void close() {
    close(consumer);
  }

  static void close(Consumer<byte[], byte[]> consumer) {
    // Closing waits, and would not if this thread was interrupted before.
    boolean interrupted = Thread.interrupted();
    consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
