package io.rowbell.engine;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.spi.CloudEventJson;
import io.rowbell.spi.EventReader.Entry;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.RejectedEventException;
import io.rowbell.spi.RetryableException;
import io.rowbell.spi.Sink;
import io.rowbell.spi.SinkException;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.ParkedKey;
import io.rowbell.spi.Subscription.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers a journal's events to one sink: one step at a time, without threads.
 *
 * <p>Events of one key arrive in order. An event that fails is tried again later while the events
 * of other keys flow; the later events of its own key wait behind it. When its retries are used up,
 * or the destination rejects it for good, it goes to the dead letters and its key is <i>parked</i>:
 * what comes after it on that key goes to the dead letters too, in order, until somebody decides.
 * The cursor stands at the first event that is neither delivered nor given up, so a crash delivers
 * some events again, with the same ids, and never loses one.
 *
 * <p>At most {@code maxInFlight} events are held in memory; beyond that nothing more is read.
 */
final class Subscriber {
  private static final Logger LOG = LoggerFactory.getLogger(Subscriber.class);

  /** The destination refused the event for good. */
  static final String REJECTED = "X501";

  /** The event's retries are used up. */
  static final String EXHAUSTED = "X502";

  /** The event came after one of the two, on the same key. */
  static final String HELD_BACK = "X503";

  private static final int READ_AT_ONCE = 1_000;

  private final String name;
  private final Subscription subscription;
  private final Sink sink;
  private final RetryPolicy retry;
  private final int maxInFlight;
  private final Ticker ticker;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Redelivery redelivery;

  private final Map<String, Outstanding> partitions = new HashMap<>();
  private final Map<ParkedKey, Lane> waiting = new HashMap<>();
  private final Set<ParkedKey> parked;
  private int inFlight;
  private volatile boolean stopping;

  // What the next commit carries.
  private final Set<String> moved = new HashSet<>();
  private final List<DeadLetter> deadLetters = new ArrayList<>();
  private final Set<ParkedKey> newlyParked = new HashSet<>();

  private final Stats stats;

  /** The events of one key that wait for its first to succeed. */
  private static final class Lane {
    final Deque<Entry> entries = new ArrayDeque<>();
    int failures;
    long due;
    Instant since = Instant.MIN;
  }

  /**
   * What a subscriber of one name has done since the engine was started; may be read by other
   * threads.
   *
   * @param delivered events the sink took
   * @param failed attempts that failed and were, or will be, repeated
   * @param givenUp events that went to the dead letters
   * @param health how deliveries go now
   */
  record Stats(LongAdder delivered, LongAdder failed, LongAdder givenUp, Health health) {
    Stats() {
      this(new LongAdder(), new LongAdder(), new LongAdder(), new Health());
    }
  }

  Subscriber(
      String name,
      Subscription subscription,
      Sink sink,
      RetryPolicy retry,
      int maxInFlight,
      Ticker ticker,
      InstantSource clock,
      RandomGenerator random,
      Stats stats) {
    this.name = name;
    this.subscription = subscription;
    this.sink = sink;
    this.retry = retry;
    this.maxInFlight = maxInFlight;
    this.ticker = ticker;
    this.clock = clock;
    this.random = random;
    this.stats = stats;
    this.parked = new HashSet<>(subscription.parkedKeys());
    this.redelivery =
        new Redelivery(name, subscription, this::callOne, retry, ticker, clock, random, stats);
    stats.health().paused(subscription.isPaused());
  }

  /** Takes note of what was decided about the subscription between two steps. */
  void refresh() {
    parked.clear();
    parked.addAll(subscription.parkedKeys());
    redelivery.refresh();
    stats.health().paused(subscription.isPaused());
  }

  /**
   * Ends a step under way after the delivery at hand; from any thread. What the step has read and
   * not delivered comes again to the next subscriber of this name.
   */
  void stop() {
    stopping = true;
  }

  /**
   * Tries again what is due, reads what is new, delivers it and commits how far it came.
   *
   * @param longest how long to wait for new events at most
   * @return how long the caller should wait before the next step: zero unless memory is full and
   *     nothing is due
   * @throws JournalException if the journal cannot be read or the commit is not durable: make a new
   *     subscriber
   */
  Duration step(Duration longest) throws JournalException, InterruptedException {
    if (!redelivery.isIdle()) {
      // Nothing else is pending here: what is read from the journal is all there is.
      redelivery.step(() -> stopping);
      refresh();
    }
    retryWhatIsDue();
    if (waiting.isEmpty() && !redelivery.isWaiting()) {
      stats.health().well();
    }
    Duration pause = Duration.ZERO;
    Duration untilDue = untilNextDue(longest);
    int room = maxInFlight - inFlight;
    if (room > 0) {
      // Nothing that is settled may wait for the cursor until new events come.
      commit();
      deliver(read(subscription.poll(Math.min(room, READ_AT_ONCE), untilDue)));
    } else {
      pause = untilDue;
    }
    commit();
    return pause;
  }

  private Duration untilNextDue(Duration longest) {
    long now = ticker.nanos();
    long nanos = longest.toNanos();
    for (Lane lane : waiting.values()) {
      nanos = Math.min(nanos, Math.max(0, lane.due - now));
    }
    return redelivery.untilDue(Duration.ofNanos(nanos));
  }

  /**
   * Takes note of what was read, and keeps back what must wait or is given up; answers the rest.
   */
  private List<Entry> read(List<Entry> entries) {
    List<Entry> ready = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      partitions
          .computeIfAbsent(entry.partition(), p -> new Outstanding())
          .read(entry.offset(), entry.event().time());
      inFlight++;
      if (mayGoNow(entry)) {
        ready.add(entry);
      }
    }
    noteOldest();
    return ready;
  }

  private boolean mayGoNow(Entry entry) {
    ParkedKey key = key(entry);
    if (parked.contains(key)) {
      holdBack(entry);
      return false;
    }
    Lane lane = waiting.get(key);
    if (lane != null) {
      lane.entries.add(entry);
      return false;
    }
    return true;
  }

  private void deliver(List<Entry> ready) throws InterruptedException {
    int size = Math.max(1, sink.maxBatch());
    for (int from = 0; from < ready.size() && !stopping; from += size) {
      deliverTogether(ready.subList(from, Math.min(from + size, ready.size())));
    }
  }

  private void deliverTogether(List<Entry> entries) throws InterruptedException {
    List<Entry> batch = entries.stream().filter(this::mayGoNow).toList();
    if (batch.isEmpty() || stopping) {
      return;
    }
    try {
      call(batch);
      batch.forEach(this::delivered);
    } catch (RejectedEventException e) {
      int rejected = indexOf(e, batch);
      batch.subList(0, rejected).forEach(this::delivered);
      park(batch.get(rejected), REJECTED, String.valueOf(e.getMessage()), 1, clock.instant());
      deliverTogether(batch.subList(rejected + 1, batch.size()));
    } catch (RetryableException e) {
      if (batch.size() == 1) {
        failed(batch.get(0), e);
        return;
      }
      // Which of them it was, only single deliveries can tell; those that had arrived arrive again.
      for (Entry entry : batch) {
        deliverTogether(List.of(entry));
      }
    }
  }

  private void call(List<Entry> batch)
      throws RetryableException, RejectedEventException, InterruptedException {
    callSink(batch.stream().map(Entry::event).toList());
  }

  private void callOne(DomainEvent event)
      throws RetryableException, RejectedEventException, InterruptedException {
    callSink(List.of(event));
  }

  private void callSink(List<DomainEvent> events)
      throws RetryableException, RejectedEventException, InterruptedException {
    try {
      sink.deliver(events);
    } catch (RetryableException | RejectedEventException e) {
      throw e;
    } catch (SinkException e) {
      throw new IllegalStateException("no other kind is permitted", e);
    } catch (RuntimeException e) {
      throw new RetryableException("the sink threw " + e, e);
    }
  }

  private static int indexOf(RejectedEventException rejection, List<Entry> batch) {
    for (int i = 0; i < batch.size(); i++) {
      if (batch.get(i).event().id().equals(rejection.event())) {
        return i;
      }
    }
    throw new IllegalStateException(
        "the sink rejected event " + rejection.event() + ", which it was not given", rejection);
  }

  private void retryWhatIsDue() throws InterruptedException {
    long now = ticker.nanos();
    List<ParkedKey> due =
        waiting.entrySet().stream()
            .filter(lane -> lane.getValue().due - now <= 0)
            .map(Map.Entry::getKey)
            .toList();
    for (ParkedKey key : due) {
      retry(key);
    }
  }

  /** Delivers a key's waiting events one by one until one fails again. */
  private void retry(ParkedKey key) throws InterruptedException {
    Lane lane = waiting.get(key);
    if (lane == null) {
      return;
    }
    while (!lane.entries.isEmpty()) {
      if (stopping) {
        return;
      }
      Entry entry = lane.entries.getFirst();
      try {
        call(List.of(entry));
      } catch (RejectedEventException e) {
        indexOf(e, List.of(entry));
        lane.failures++;
        giveUpLane(key, lane, REJECTED, String.valueOf(e.getMessage()));
        return;
      } catch (RetryableException e) {
        postpone(key, lane, e);
        return;
      }
      lane.entries.removeFirst();
      lane.failures = 0;
      delivered(entry);
    }
    waiting.remove(key);
    if (waiting.isEmpty()) {
      LOG.info("subscriber {}: delivers again", name);
    }
  }

  private void failed(Entry entry, RetryableException failure) {
    Lane lane = new Lane();
    lane.entries.add(entry);
    ParkedKey key = key(entry);
    waiting.put(key, lane);
    postpone(key, lane, failure);
  }

  private void postpone(ParkedKey key, Lane lane, RetryableException failure) {
    if (stopping) {
      // Perhaps it is the stop that made it fail: it comes again after the next start.
      return;
    }
    if (lane.failures == 0) {
      lane.since = clock.instant();
    }
    lane.failures++;
    stats.health().failed(clock.instant(), String.valueOf(failure.getMessage()));
    if (retry.exhausted(lane.failures)) {
      String reason = "tried " + lane.failures + " times, last: " + failure.getMessage();
      giveUpLane(key, lane, EXHAUSTED, reason);
      return;
    }
    // Once, not for every key and attempt: a destination that is down fails them all.
    if (waiting.size() == 1 && lane.failures == 1) {
      LOG.warn("subscriber {}: a delivery is tried again later: {}", name, failure.getMessage());
    }
    stats.failed().increment();
    lane.due = ticker.nanos() + retry.delay(lane.failures, failure, random).toNanos();
  }

  private void giveUpLane(ParkedKey key, Lane lane, String code, String reason) {
    waiting.remove(key);
    Instant first = lane.failures == 1 ? clock.instant() : lane.since;
    park(lane.entries.removeFirst(), code, reason, lane.failures, first);
    for (Entry entry : lane.entries) {
      holdBack(entry);
    }
  }

  private void holdBack(Entry entry) {
    giveUp(
        entry,
        HELD_BACK,
        "an earlier event of this key could not be delivered",
        0,
        clock.instant());
  }

  private void park(Entry entry, String code, String reason, int attempts, Instant first) {
    LOG.warn(
        "subscriber {}: event {} ({}) goes to the dead letters, and so does what follows on its"
            + " key: {} {}",
        name,
        entry.event().id(),
        entry.event().type(),
        code,
        reason);
    if (entry.event().key() != null) {
      ParkedKey key = key(entry);
      parked.add(key);
      newlyParked.add(key);
    }
    stats.health().failed(clock.instant(), reason);
    giveUp(entry, code, reason, attempts, first);
  }

  private void giveUp(Entry entry, String code, String reason, int attempts, Instant first) {
    DomainEvent event = entry.event();
    deadLetters.add(
        new DeadLetter(
            event.id(),
            name,
            event.extensions().getOrDefault("rule", event.type()),
            event.topic(),
            event.key(),
            event.time(),
            code,
            reason,
            CloudEventJson.of(event),
            new DeadLetter.Delivery(
                entry.partition(), entry.offset(), attempts, first, clock.instant())));
    stats.givenUp().increment();
    done(entry);
  }

  private void delivered(Entry entry) {
    stats.delivered().increment();
    done(entry);
  }

  private void done(Entry entry) {
    inFlight--;
    Outstanding partition = partitions.get(entry.partition());
    if (partition == null) {
      throw new IllegalStateException("an event that was never read: " + entry);
    }
    partition.done(entry.offset());
    moved.add(entry.partition());
  }

  private void commit() throws JournalException, InterruptedException {
    if (moved.isEmpty()) {
      return;
    }
    Map<String, Long> next = new HashMap<>();
    partitions.forEach(
        (partition, outstanding) -> {
          if (moved.contains(partition)) {
            next.put(partition, outstanding.nextOffset());
          }
        });
    subscription.commit(new Progress(next, deadLetters, newlyParked));
    moved.clear();
    deadLetters.clear();
    newlyParked.clear();
    noteOldest();
  }

  private void noteOldest() {
    stats
        .health()
        .oldest(
            partitions.values().stream()
                .map(Outstanding::oldest)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .orElse(null));
  }

  /**
   * What an event is ordered by. An event without a key waits for no other: its place is its key.
   */
  private static ParkedKey key(Entry entry) {
    String key = entry.event().key();
    return key == null
        ? ParkedKey.alone(entry.partition(), entry.offset())
        : new ParkedKey(entry.event().topic(), key);
  }
}
