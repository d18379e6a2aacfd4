package io.rowbell.kafka;

import io.rowbell.spi.Journal.Start;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

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

  private final String name;
  private final EventTopics eventTopics;
  private final Cursor cursor;
  private final EventFeed feed;
  private final String doing;
  private Map<TopicPartition, Long> ends = Map.of();
  private Map<TopicPartition, Long> committed = Map.of();
  private volatile Set<ParkedKey> parked;
  private volatile boolean closed;
  private int version = -1;
  private long lookedAround;
  private long committedAt = System.nanoTime();

  private KafkaSubscription(String name, EventTopics eventTopics, Cursor cursor, EventFeed feed) {
    this.name = name;
    this.eventTopics = eventTopics;
    this.cursor = cursor;
    this.feed = feed;
    this.doing = "reading events for the subscriber " + name;
    this.parked = cursor.parked();
  }

  static KafkaSubscription open(
      Connection connection,
      Topics topics,
      EventTopics eventTopics,
      String name,
      Set<String> types,
      Start start)
      throws JournalException, InterruptedException {
    Names names = connection.names();
    Consumer<byte[], byte[]> consumer = null;
    Cursor cursor = null;
    boolean opened = false;
    try {
      consumer = connection.clients().consumer(names.group(name), "subscriber-" + name, "none");
      cursor = Cursor.open(connection, topics, name, consumer);
      EventFeed feed =
          new EventFeed(
              consumer, new CloudEventRecord(names.pipeline()), types, connection.failures());
      KafkaSubscription subscription = new KafkaSubscription(name, eventTopics, cursor, feed);
      subscription.lookAround(start);
      subscription.lookAhead(connection.ends());
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
    version = eventTopics.version();
    lookedAround = System.nanoTime();
    feed.add(cursor.takeUp(eventTopics.all(), start));
  }

  private void lookAhead(Ends partitionEnds) throws JournalException, InterruptedException {
    ends = partitionEnds.committed(feed.partitions(), doing);
    long start = System.nanoTime();
    while (!caughtUp() && feed.isEmpty() && System.nanoTime() - start < FIRST_LOOK.toNanos()) {
      feed.fetch(SLICE, doing);
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
  public List<Entry> poll(int max, Duration timeout) throws JournalException, InterruptedException {
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
        feed.fetch(slice, doing);
        commitWhatWasSkipped();
      } else {
        eventTopics.awaitChange(version, slice);
      }
      left = timeout.toNanos() - (System.nanoTime() - start);
      first = false;
    }
    return feed.take(max);
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
    cursor.commit(reached, progress.deadLetters(), progress.parked());
    committed = reached;
    committedAt = System.nanoTime();
    parked = cursor.parked();
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
      cursor.close();
      feed.close();
    }
  }
}
