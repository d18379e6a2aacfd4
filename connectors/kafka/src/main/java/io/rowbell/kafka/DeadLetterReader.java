package io.rowbell.kafka;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.DeadLetter.Delivery;
import io.rowbell.model.EventId;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription.ParkedKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Finds the dead letters of a journal that were neither delivered later nor dropped. Commits
 * nothing. For one thread.
 *
 * <p>What is kept in memory is where they are, not what they hold: about 200 bytes each.
 */
final class DeadLetterReader implements AutoCloseable {
  /** How many bytes of letters are read at once to be handed on. */
  private static final long PART_BYTES = 8 << 20;

  private final DeadLetterTopic topic;
  private final Failures failures;
  private final Predicate<DeadLetter> wanted;
  private final Map<DeadLetterTopic.Name, Place> found = new LinkedHashMap<>();

  /**
   * Where a letter is.
   *
   * @param heapBytes how much it takes when it is read
   * @param event where its event is, if a subscriber gave it up
   */
  private record Place(
      EventId id,
      TopicPartition partition,
      long offset,
      ParkedKey key,
      long heapBytes,
      @Nullable Spot event) {
    int attempts() {
      return event == null ? 0 : event.attempts;
    }
  }

  private record Spot(String partition, long offset, int attempts) {}

  /**
   * @param wanted which letters to find
   */
  DeadLetterReader(
      Clients clients, Ends ends, Names names, Failures failures, Predicate<DeadLetter> wanted) {
    this.topic = new DeadLetterTopic(clients, ends, names);
    this.failures = failures;
    this.wanted = wanted;
  }

  /** Something to read with a reader that is closed afterwards. */
  @FunctionalInterface
  interface Reading<T> {
    T read(DeadLetterReader reader) throws JournalException, InterruptedException;
  }

  /**
   * Reads once.
   *
   * @throws JournalException FATAL if there is no journal; UNAVAILABLE if not all of them can be
   *     seen just now
   */
  static <T> T once(
      Clients clients,
      Names names,
      Failures failures,
      Predicate<DeadLetter> wanted,
      Reading<T> reading)
      throws JournalException, InterruptedException {
    Admin admin = clients.admin();
    try (DeadLetterReader reader =
        new DeadLetterReader(
            clients, new Ends(admin, failures, clients.timeout()), names, failures, wanted)) {
      return reading.read(reader);
    } finally {
      admin.close(Clients.AT_ONCE);
    }
  }

  /** The last ones, in the order in which they were written first, without their payloads. */
  List<DeadLetter> last(int max) throws JournalException, InterruptedException {
    return guarded(reader -> fetch(lastPlaces(max), DeadLetter::withoutPayload));
  }

  /**
   * The last ones, in the order in which they were written first; a few at a time.
   *
   * @return how many
   */
  int last(int max, Consumer<DeadLetter> to) throws JournalException, InterruptedException {
    return guarded(
        reader -> {
          List<Place> places = lastPlaces(max);
          for (int done = 0; done < places.size(); ) {
            List<Place> part =
                first(places.subList(done, places.size()), Integer.MAX_VALUE, PART_BYTES);
            fetch(part, UnaryOperator.identity()).forEach(to);
            done += part.size();
          }
          return places.size();
        });
  }

  private List<Place> lastPlaces(int max) throws JournalException, InterruptedException {
    topic.news(this::note);
    List<Place> places = List.copyOf(found.values());
    return places.subList(Math.max(0, places.size() - max), places.size());
  }

  /** Those of a key, in the order of their events. */
  List<DeadLetter> of(ParkedKey key, int max, long maxBytes)
      throws JournalException, InterruptedException {
    return guarded(reader -> fetch(first(placesOf(key), max, maxBytes), UnaryOperator.identity()));
  }

  /** The ids of those of a key, in the order of their events. */
  List<EventId> idsOf(ParkedKey key, int max) throws JournalException, InterruptedException {
    return guarded(reader -> placesOf(key).stream().limit(max).map(Place::id).toList());
  }

  private List<Place> placesOf(ParkedKey key) throws JournalException, InterruptedException {
    topic.news(this::note);
    List<Place> places = new ArrayList<>();
    Map<String, Integer> partitions = new HashMap<>();
    for (Place place : found.values()) {
      if (place.key.equals(key) || isAlone(place, key)) {
        places.add(place);
        partitions.putIfAbsent(eventPartition(place), partitions.size());
      }
    }
    // A key changes its partition only when a topic is given more of them.
    places.sort(
        Comparator.comparing((Place place) -> partitions.get(eventPartition(place)))
            .thenComparing(place -> place.event == null ? -1L : place.event.offset));
    return places;
  }

  private static List<Place> first(List<Place> places, int max, long maxBytes) {
    int count = 0;
    long bytes = 0;
    while (count < Math.min(max, places.size()) && bytes < maxBytes) {
      bytes += places.get(count++).heapBytes;
    }
    return places.subList(0, count);
  }

  private static boolean isAlone(Place place, ParkedKey key) {
    Spot event = place.event;
    return event != null && key.equals(ParkedKey.alone(event.partition, event.offset));
  }

  private static String eventPartition(Place place) {
    return place.event == null ? "" : place.event.partition;
  }

  private <T> T guarded(Reading<T> reading) throws JournalException, InterruptedException {
    try {
      return reading.read(this);
    } catch (KafkaException e) {
      throw failures.journalException(topic.doing(), e);
    } catch (IllegalArgumentException e) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          "%s: the topic %s holds something else: %s"
              .formatted(topic.doing(), topic.name(), e.getMessage()),
          e);
    }
  }

  private void note(ConsumerRecord<byte[], byte[]> record) {
    DeadLetter letter = DeadLetterRecord.decode(record);
    DeadLetterTopic.Name name = DeadLetterTopic.Name.of(letter);
    if (DeadLetterRecord.isSettled(record)) {
      found.remove(name);
      return;
    }
    if (!wanted.test(letter)) {
      return;
    }
    Delivery delivery = letter.delivery();
    Place place =
        new Place(
            letter.id(),
            new TopicPartition(record.topic(), record.partition()),
            record.offset(),
            ParkedKey.of(letter),
            letter.heapBytes(),
            delivery == null
                ? null
                : new Spot(delivery.partition(), delivery.offset(), delivery.attempts()));
    // What was tried again stays in its place; what was merely given up twice stays what it was.
    found.merge(name, place, (old, now) -> now.attempts() > old.attempts() ? now : old);
  }

  /**
   * @param kept what is kept in memory of each
   */
  private List<DeadLetter> fetch(List<Place> places, UnaryOperator<DeadLetter> kept)
      throws JournalException, InterruptedException {
    Map<TopicPartition, Long> from = new HashMap<>();
    Map<TopicPartition, Long> until = new HashMap<>();
    Map<TopicPartition, Map<Long, DeadLetter>> letters = new HashMap<>();
    for (Place place : places) {
      from.merge(place.partition, place.offset, Math::min);
      until.merge(place.partition, place.offset + 1, Math::max);
    }
    Map<TopicPartition, Set<Long>> offsets = new HashMap<>();
    places.forEach(
        place -> offsets.computeIfAbsent(place.partition, p -> new HashSet<>()).add(place.offset));
    topic.read(
        from,
        until,
        record -> {
          TopicPartition partition = new TopicPartition(record.topic(), record.partition());
          if (offsets.getOrDefault(partition, Set.of()).contains(record.offset())) {
            letters
                .computeIfAbsent(partition, p -> new HashMap<>())
                .put(record.offset(), kept.apply(DeadLetterRecord.decode(record)));
          }
        });
    List<DeadLetter> result = new ArrayList<>(places.size());
    for (Place place : places) {
      DeadLetter letter = letters.getOrDefault(place.partition, Map.of()).get(place.offset);
      if (letter == null) {
        throw new IllegalArgumentException(
            "there is nothing at offset " + place.offset + " of " + place.partition + " any more");
      }
      result.add(letter);
    }
    return result;
  }

  @Override
  public void close() {
    topic.close();
  }
}
