package io.rowbell.engine;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.spi.CloudEventJson;
import io.rowbell.spi.EventReader.Entry;
import io.rowbell.spi.FailPoint;
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
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
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
 * <p>When the events that it holds reach its {@link Capacity}, nothing more is read.
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
  private final Capacity capacity;
  private final Ticker ticker;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Redelivery redelivery;

  private final Settlement settlement = new Settlement();
  private final Map<ParkedKey, Lane> waiting = new HashMap<>();
  private final Set<ParkedKey> parked;

  /** What was read and not tried yet, in order; the first {@code singly} each alone. */
  private final Deque<Entry> ready = new ArrayDeque<>();

  private int singly;
  private volatile boolean stopping;
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
      Capacity capacity,
      Ticker ticker,
      InstantSource clock,
      RandomGenerator random,
      Stats stats) {
    this.name = name;
    this.subscription = subscription;
    this.sink = sink;
    this.retry = retry;
    this.capacity = capacity;
    this.ticker = ticker;
    this.clock = clock;
    this.random = random;
    this.stats = stats;
    this.parked = new HashSet<>(subscription.parkedKeys());
    this.redelivery =
        new Redelivery(
            name,
            subscription,
            this::callOne,
            retry,
            capacity.heapBytes(),
            ticker,
            clock,
            random,
            stats);
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
   * @param giveWay whether to end after the delivery at hand, because somebody wants something else
   *     done first: the next step goes on where this one ended
   * @return how long the caller should wait before the next step: zero unless memory is full and
   *     nothing is due
   * @throws JournalException if the journal cannot be read or the commit is not durable: make a new
   *     subscriber
   */
  Duration step(Duration longest, BooleanSupplier giveWay)
      throws JournalException, InterruptedException {
    BooleanSupplier enough = () -> stopping || giveWay.getAsBoolean();
    if (!redelivery.isIdle()) {
      // No dead letter is uncommitted here: what is read from the journal is all there is.
      redelivery.step(enough, () -> stopping);
      refresh();
    }
    retryWhatIsDue(enough);
    if (waiting.isEmpty() && !redelivery.isWaiting()) {
      stats.health().well();
    }
    Duration pause = Duration.ZERO;
    Duration untilDue = untilNextDue(longest);
    int room = capacity.events() - settlement.inFlight();
    long bytes = capacity.heapBytes() - settlement.heapBytes();
    if (ready.isEmpty() && room > 0 && bytes > 0) {
      // Nothing that is settled may wait for the cursor until new events come.
      commit();
      if (!enough.getAsBoolean()) {
        read(subscription.poll(Math.min(room, READ_AT_ONCE), bytes, untilDue));
      }
    } else if (ready.isEmpty()) {
      pause = untilDue;
    }
    deliver(enough);
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

  /** Takes note of what was read, and keeps back what must wait or is given up. */
  private void read(List<Entry> entries) {
    for (Entry entry : entries) {
      settlement.read(entry);
      if (mayGoNow(entry)) {
        ready.add(entry);
      }
    }
    noteOldest();
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

  private void deliver(BooleanSupplier enough) throws InterruptedException {
    while (!ready.isEmpty() && !enough.getAsBoolean()) {
      List<Entry> batch = next().stream().filter(this::mayGoNow).toList();
      if (!batch.isEmpty()) {
        deliverTogether(batch);
      }
    }
  }

  private List<Entry> next() {
    int size = singly > 0 ? 1 : Math.max(1, sink.maxBatch());
    singly = Math.max(0, singly - 1);
    List<Entry> next = new ArrayList<>();
    while (next.size() < size && !ready.isEmpty()) {
      next.add(ready.removeFirst());
    }
    return next;
  }

  private void deliverTogether(List<Entry> batch) throws InterruptedException {
    try {
      call(batch);
      batch.forEach(this::delivered);
    } catch (RejectedEventException e) {
      int rejected = indexOf(e, batch);
      batch.subList(0, rejected).forEach(this::delivered);
      park(batch.get(rejected), REJECTED, String.valueOf(e.getMessage()), 1, clock.instant());
      putBack(batch.subList(rejected + 1, batch.size()));
    } catch (RetryableException e) {
      if (batch.size() == 1) {
        failed(batch.get(0), e);
        return;
      }
      // Which of them it was, only single deliveries can tell; those that had arrived arrive again.
      putBack(batch);
      singly = batch.size();
    }
  }

  private void putBack(List<Entry> entries) {
    for (int i = entries.size() - 1; i >= 0; i--) {
      ready.addFirst(entries.get(i));
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

  private void retryWhatIsDue(BooleanSupplier enough) throws InterruptedException {
    long now = ticker.nanos();
    List<ParkedKey> due =
        waiting.entrySet().stream()
            .filter(lane -> lane.getValue().due - now <= 0)
            .map(Map.Entry::getKey)
            .toList();
    for (ParkedKey key : due) {
      retry(key, enough);
    }
  }

  /** Delivers a key's waiting events one by one until one fails again. */
  private void retry(ParkedKey key, BooleanSupplier enough) throws InterruptedException {
    Lane lane = waiting.get(key);
    if (lane == null) {
      return;
    }
    while (!lane.entries.isEmpty()) {
      if (enough.getAsBoolean()) {
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
      settlement.park(key);
    }
    stats.health().failed(clock.instant(), reason);
    giveUp(entry, code, reason, attempts, first);
  }

  private void giveUp(Entry entry, String code, String reason, int attempts, Instant first) {
    DomainEvent event = entry.event();
    settlement.givenUp(
        entry,
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
  }

  private void delivered(Entry entry) {
    stats.delivered().increment();
    settlement.done(entry);
  }

  private void commit() throws JournalException, InterruptedException {
    Progress progress = settlement.uncommitted().orElse(null);
    if (progress != null) {
      FailPoint.SUBSCRIBER_COMMIT.pass();
      subscription.commit(progress);
      settlement.committed();
      noteOldest();
    }
  }

  private void noteOldest() {
    stats.health().oldest(settlement.oldest());
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
