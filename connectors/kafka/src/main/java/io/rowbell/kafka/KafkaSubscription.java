package io.rowbell.kafka;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.EventId;
import io.rowbell.spi.Act;
import io.rowbell.spi.CursorRange;
import io.rowbell.spi.Decision;
import io.rowbell.spi.Journal.Start;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber's way through the journal's event topics. It is assigned every partition by hand: a
 * pipeline has one process, and nothing to share out.
 *
 * <p>Topics that the journal begins to use are noticed within {@link #SLICE}, partitions that are
 * added to a topic within {@link #LOOK_AROUND}.
 */
final class KafkaSubscription implements Subscription {
  private static final Duration SLICE = Duration.ofMillis(50);
  private static final Duration LOOK_AROUND = Duration.ofMinutes(1);

  /** How long the cursor may lag behind what was merely skipped. */
  private static final Duration IDLE_COMMIT = Duration.ofSeconds(10);

  /** All offsets are said again this often: a cluster forgets those that stand still. */
  private static final Duration REFRESH = Duration.ofHours(1);

  /** How long opening looks past markers and unwanted events, to know whether it is caught up. */
  private static final Duration FIRST_LOOK = Duration.ofSeconds(1);

  private final Connection connection;
  private final String name;
  private final EventTopics eventTopics;
  private final Cursor cursor;
  private @Nullable DeadLetterReader letters;
  private final EventFeed feed;
  private final String doing;
  private Map<TopicPartition, Long> ends = Map.of();
  private Map<TopicPartition, Long> committed = Map.of();
  private volatile Set<ParkedKey> parked;
  private volatile boolean closed;
  private int version = -1;
  private long lookedAround;
  private long committedAt = System.nanoTime();

  private KafkaSubscription(
      Connection connection, String name, EventTopics eventTopics, Cursor cursor, EventFeed feed) {
    this.connection = connection;
    this.name = name;
    this.eventTopics = eventTopics;
    this.cursor = cursor;
    this.feed = feed;
    this.doing = "reading events for the subscriber " + name;
    this.parked = cursor.parked();
  }

  /** What is done with a subscription that was made, before anybody has it. */
  @FunctionalInterface
  private interface Beginning {
    void of(KafkaSubscription subscription) throws JournalException, InterruptedException;
  }

  /**
   * Opens it for reading.
   *
   * @throws JournalException FATAL if something that it has not passed cannot be read any more; of
   *     one that is paused only if it is not known what that is
   */
  static KafkaSubscription open(
      Ownership ownership,
      Topics topics,
      EventTopics eventTopics,
      String name,
      Set<String> types,
      Start start)
      throws JournalException, InterruptedException {
    return open(
        ownership,
        topics,
        eventTopics,
        name,
        types,
        subscription -> {
          subscription.lookAround(start);
          subscription.findEnds();
          if (!subscription.isPaused()) {
            subscription.requireKept();
            subscription.firstLook();
          }
        });
  }

  /** Opens it to decide about it, also where it could not be read on. */
  static KafkaSubscription openToDecide(
      Ownership ownership, Topics topics, EventTopics eventTopics, String name)
      throws JournalException, InterruptedException {
    return open(
        ownership,
        topics,
        eventTopics,
        name,
        Set.of(),
        subscription -> {
          subscription.takeUp(Start.LATEST);
          subscription.findEnds();
        });
  }

  private static KafkaSubscription open(
      Ownership ownership,
      Topics topics,
      EventTopics eventTopics,
      String name,
      Set<String> types,
      Beginning beginning)
      throws JournalException, InterruptedException {
    Connection connection = ownership.connection();
    Names names = connection.names();
    Consumer<byte[], byte[]> consumer = null;
    Cursor cursor = null;
    boolean opened = false;
    try {
      consumer = connection.clients().consumer(names.group(name), "subscriber-" + name, "none");
      cursor = Cursor.open(ownership, topics, name, consumer);
      EventFeed feed =
          new EventFeed(
              consumer, new CloudEventRecord(names.pipeline()), types, connection.failures());
      KafkaSubscription subscription =
          new KafkaSubscription(connection, name, eventTopics, cursor, feed);
      beginning.of(subscription);
      opened = true;
      return subscription;
    } catch (KafkaException e) {
      throw connection
          .failures()
          .journalException("opening the cursor of the subscriber " + name, e);
    } finally {
      if (!opened) {
        if (cursor != null) {
          cursor.close();
        }
        if (consumer != null) {
          EventFeed.close(consumer);
        }
      }
    }
  }

  private void lookAround(Start start) throws JournalException, InterruptedException {
    takeUp(start);
    cursor.requireEveryPlace();
  }

  private void takeUp(Start start) throws JournalException, InterruptedException {
    version = eventTopics.version();
    lookedAround = System.nanoTime();
    feed.add(cursor.takeUp(eventTopics.all(), start));
  }

  private void findEnds() throws JournalException, InterruptedException {
    ends = connection.ends().committed(feed.partitions(), doing);
  }

  private void firstLook() throws JournalException, InterruptedException {
    long start = System.nanoTime();
    while (!caughtUp() && feed.isEmpty() && System.nanoTime() - start < FIRST_LOOK.toNanos()) {
      fetch(SLICE);
    }
  }

  private void fetch(Duration timeout) throws JournalException, InterruptedException {
    try {
      feed.fetch(timeout, doing);
    } catch (JournalException e) {
      if (e.getCause() != null && Failures.root(e.getCause()) instanceof InvalidOffsetException) {
        requireKept();
      }
      throw e;
    }
  }

  /**
   * @throws JournalException FATAL if Kafka has deleted what was not passed
   */
  private void requireKept() throws JournalException, InterruptedException {
    Map<TopicPartition, Long> kept = firstKept();
    Map<String, String> gone = new TreeMap<>();
    long events = 0;
    for (Map.Entry<TopicPartition, Long> place : feed.reached().entrySet()) {
      TopicPartition partition = place.getKey();
      long next = place.getValue();
      long first = kept.getOrDefault(partition, next);
      if (first > next) {
        gone.put(partition.toString(), "%s from %d to %d".formatted(partition, next, first - 1));
        events += first - next;
      }
    }
    if (!gone.isEmpty()) {
      throw new JournalException(
          JournalException.Kind.FATAL,
          "Kafka has deleted (the topics' retention) up to %d events that the subscriber '%s' has not passed: %s. Nothing is skipped unless somebody says so: rowbell subscribers skip '%2$s' --to earliest goes on with the oldest that are kept"
              .formatted(events, name, String.join(", ", gone.values())),
          null);
    }
  }

  /** The subscriber's name. */
  String name() {
    return name;
  }

  /** Whether it was closed. */
  boolean isClosed() {
    return closed;
  }

  /** How far each partition is. For any thread. */
  Map<TopicPartition, EventFeed.Progress> progress() {
    return feed.progress();
  }

  @Override
  public List<Entry> poll(int max, long maxBytes, Duration timeout)
      throws JournalException, InterruptedException {
    requireOpen();
    long start = System.nanoTime();
    long left = timeout.toNanos();
    boolean first = true;
    while (feed.isEmpty() && (first || left > 0)) {
      if (eventTopics.version() != version
          || System.nanoTime() - lookedAround > LOOK_AROUND.toNanos()) {
        lookAround(Start.EARLIEST);
      }
      Duration slice = Duration.ofNanos(Math.min(Math.max(left, 0), SLICE.toNanos()));
      if (!feed.partitions().isEmpty()) {
        fetch(slice);
        commitWhatWasSkipped();
      } else {
        eventTopics.awaitChange(version, slice);
      }
      left = timeout.toNanos() - (System.nanoTime() - start);
      first = false;
    }
    return feed.take(max, maxBytes);
  }

  private void commitWhatWasSkipped() throws JournalException, InterruptedException {
    long since = System.nanoTime() - committedAt;
    if (since < IDLE_COMMIT.toNanos()) {
      return;
    }
    if (since > REFRESH.toNanos() || !feed.reached().equals(committed)) {
      commit(new Progress(Map.of(), List.of(), Set.of()));
    }
  }

  @Override
  public boolean caughtUp() {
    return feed.handedOut(ends);
  }

  @Override
  public Set<ParkedKey> parkedKeys() {
    return parked;
  }

  @Override
  public void commit(Progress progress) throws JournalException, InterruptedException {
    requireOpen();
    progress.nextOffsets().forEach(feed::finish);
    Map<TopicPartition, Long> reached = feed.reached();
    cursor.commit(reached, progress);
    committed = reached;
    committedAt = System.nanoTime();
    parked = cursor.parked();
  }

  @Override
  public Set<ParkedKey> retriedKeys() {
    return cursor.retried();
  }

  @Override
  public boolean isPaused() {
    return cursor.isPaused();
  }

  @Override
  public List<DeadLetter> deadLetters(ParkedKey key, int max, long maxBytes)
      throws JournalException, InterruptedException {
    return letters().of(key, max, maxBytes);
  }

  @Override
  public List<EventId> deadLetterIds(ParkedKey key, int max)
      throws JournalException, InterruptedException {
    return letters().idsOf(key, max);
  }

  private DeadLetterReader letters() throws JournalException {
    requireOpen();
    if (letters == null) {
      letters =
          new DeadLetterReader(
              connection.clients(),
              connection.ends(),
              connection.names(),
              connection.failures(),
              letter -> name.equals(letter.subscriber()));
    }
    return letters;
  }

  @Override
  public void decide(Decision decision, Act act) throws JournalException, InterruptedException {
    requireOpen();
    Map<TopicPartition, Long> offsets =
        decision instanceof Decision.Move move ? kept(move.nextOffsets()) : Map.of();
    cursor.decide(decision, offsets, act);
    parked = cursor.parked();
  }

  private Map<TopicPartition, Long> kept(Map<String, Long> nextOffsets)
      throws JournalException, InterruptedException {
    Map<String, CursorRange> ranges = ranges();
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (TopicPartition partition : places().keySet()) {
      Long next = nextOffsets.get(partition.toString());
      CursorRange range = ranges.get(partition.toString());
      if (next != null && range != null && next >= range.oldest() && next <= range.end()) {
        offsets.put(partition, next);
      }
    }
    if (offsets.size() < nextOffsets.size()) {
      throw new IllegalArgumentException(
          "the topics keep " + ranges + ", and no cursor can be put at " + nextOffsets);
    }
    return offsets;
  }

  @Override
  public Map<String, CursorRange> ranges() throws JournalException, InterruptedException {
    requireOpen();
    Map<TopicPartition, Long> places = places();
    Map<TopicPartition, Long> end = connection.ends().committed(places.keySet(), doing);
    Map<TopicPartition, Long> oldest = beginnings();
    Map<String, CursorRange> ranges = new HashMap<>();
    places.forEach(
        (partition, next) ->
            ranges.put(
                partition.toString(),
                new CursorRange(
                    oldest.getOrDefault(partition, next),
                    next,
                    Math.max(next, end.getOrDefault(partition, next)))));
    return ranges;
  }

  /** Where the cursor stands in each partition, also where that is not known. */
  private Map<TopicPartition, Long> places() {
    Map<TopicPartition, Long> places = feed.reached();
    cursor.forgotten().forEach(partition -> places.put(partition, CursorRange.UNKNOWN));
    return places;
  }

  /** What others wrote before us is not ours to read. */
  private Map<TopicPartition, Long> beginnings() throws JournalException, InterruptedException {
    Map<TopicPartition, Long> beginnings = firstKept();
    beginnings.replaceAll((partition, offset) -> Math.max(offset, begin(partition)));
    return beginnings;
  }

  private Map<TopicPartition, Long> firstKept() throws JournalException, InterruptedException {
    try {
      return new HashMap<>(feed.consumer().beginningOffsets(places().keySet()));
    } catch (KafkaException e) {
      throw connection.failures().journalException(doing, e);
    }
  }

  private long begin(TopicPartition partition) {
    EventTopics.EventTopic topic = eventTopics.all().get(partition.topic());
    return topic == null ? 0 : topic.starts().getOrDefault(partition.partition(), 0L);
  }

  @Override
  public Optional<Map<String, Long>> offsetsAt(Instant time)
      throws JournalException, InterruptedException {
    requireOpen();
    Set<TopicPartition> partitions = places().keySet();
    Map<TopicPartition, Long> ends = connection.ends().committed(partitions, doing);
    Map<TopicPartition, Long> oldest = beginnings();
    Map<TopicPartition, Long> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(partition, time.toEpochMilli()));
    Map<String, Long> offsets = new HashMap<>();
    try {
      for (Map.Entry<TopicPartition, OffsetAndTimestamp> found :
          feed.consumer().offsetsForTimes(wanted).entrySet()) {
        TopicPartition partition = found.getKey();
        long first = oldest.getOrDefault(partition, 0L);
        long end = ends.getOrDefault(partition, first);
        // An event is written after it was committed: none of the time lies before.
        long offset =
            found.getValue() == null
                ? end
                : Math.min(end, Math.max(first, found.getValue().offset()));
        if (offset == first && first > begin(partition)) {
          return Optional.empty();
        }
        offsets.put(partition.toString(), offset);
      }
    } catch (KafkaException e) {
      throw connection.failures().journalException(doing, e);
    }
    return Optional.of(offsets);
  }

  private void requireOpen() throws JournalException {
    if (closed) {
      throw new JournalException(JournalException.Kind.UNAVAILABLE, doing + ": it is closed", null);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (letters != null) {
        letters.close();
      }
      cursor.close();
      feed.close();
    }
  }
}
