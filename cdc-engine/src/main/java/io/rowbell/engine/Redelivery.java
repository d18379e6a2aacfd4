package io.rowbell.engine;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.DeadLetter.Delivery;
import io.rowbell.model.DomainEvent;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.RejectedEventException;
import io.rowbell.spi.RetryableException;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.ParkedKey;
import io.rowbell.spi.Subscription.Progress;
import io.rowbell.spi.Subscription.Redelivered;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers dead letters again: those of each key that somebody wants retried, from the key's first
 * on, until none is left or one is given up again. For one thread.
 *
 * <p>While a key is retried it stays parked: events that come meanwhile become dead letters behind
 * the others, and have their turn. With its last dead letter the key is released, in the same
 * durable step. What was delivered and not yet noted when the process dies comes again, in order.
 */
final class Redelivery {
  private static final Logger LOG = LoggerFactory.getLogger(Redelivery.class);

  /** As many as are read from the journal at once, so that a step catches up with what comes. */
  static final int AT_ONCE = 1_000;

  /** How long to wait if a key's dead letters cannot be read. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

  private final String name;
  private final Subscription subscription;
  private final Attempt attempt;
  private final RetryPolicy retry;
  private final long heapBytes;
  private final Ticker ticker;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Subscriber.Stats stats;
  private final Map<ParkedKey, Turn> turns = new LinkedHashMap<>();

  /** Delivers one event. */
  @FunctionalInterface
  interface Attempt {
    void deliver(DomainEvent event)
        throws RetryableException, RejectedEventException, InterruptedException;
  }

  /** When a key is tried, and how often its first dead letter has failed since it is retried. */
  private static final class Turn {
    int failures;
    long due;

    Turn(long due) {
      this.due = due;
    }
  }

  /**
   * @param heapBytes with how many bytes of dead letters to read no more at once
   */
  Redelivery(
      String name,
      Subscription subscription,
      Attempt attempt,
      RetryPolicy retry,
      long heapBytes,
      Ticker ticker,
      InstantSource clock,
      RandomGenerator random,
      Subscriber.Stats stats) {
    this.name = name;
    this.subscription = subscription;
    this.attempt = attempt;
    this.retry = retry;
    this.heapBytes = heapBytes;
    this.ticker = ticker;
    this.clock = clock;
    this.random = random;
    this.stats = stats;
    refresh();
  }

  /** Takes note of what was decided. */
  void refresh() {
    Set<ParkedKey> wanted = subscription.retriedKeys();
    turns.keySet().retainAll(wanted);
    wanted.forEach(key -> turns.computeIfAbsent(key, k -> new Turn(ticker.nanos())));
  }

  /** Whether there is nothing to be retried. */
  boolean isIdle() {
    return turns.isEmpty();
  }

  /** Whether a dead letter failed again and waits for its next attempt. */
  boolean isWaiting() {
    return turns.values().stream().anyMatch(turn -> turn.failures > 0);
  }

  /** How long until there is something to do, at most {@code longest}. */
  Duration untilDue(Duration longest) {
    long now = ticker.nanos();
    return Duration.ofNanos(
        turns.values().stream()
            .mapToLong(turn -> Math.max(0, turn.due - now))
            .reduce(longest.toNanos(), Math::min));
  }

  /**
   * Retries what is due; each key's outcome is durable before the next key's turn.
   *
   * @param enough whether to end after the delivery at hand: the next step goes on from there
   * @param stopping whether it may be the end of everything that makes a delivery fail
   */
  void step(BooleanSupplier enough, BooleanSupplier stopping)
      throws JournalException, InterruptedException {
    long now = ticker.nanos();
    for (Map.Entry<ParkedKey, Turn> entry : List.copyOf(turns.entrySet())) {
      if (enough.getAsBoolean()) {
        return;
      }
      if (entry.getValue().due - now <= 0) {
        retry(entry.getKey(), entry.getValue(), enough, stopping);
      }
    }
  }

  private void retry(ParkedKey key, Turn turn, BooleanSupplier enough, BooleanSupplier stopping)
      throws JournalException, InterruptedException {
    List<DeadLetter> letters;
    try {
      letters = subscription.deadLetters(key, AT_ONCE, heapBytes);
    } catch (JournalException e) {
      if (e.kind() != JournalException.Kind.UNAVAILABLE) {
        throw e;
      }
      lookAgain(e);
      return;
    }
    List<DeadLetter> delivered = new ArrayList<>();
    for (DeadLetter letter : letters) {
      if (enough.getAsBoolean()) {
        break;
      }
      try {
        attempt.deliver(CloudEventReader.read(letter));
      } catch (IllegalArgumentException e) {
        giveUp(
            key, delivered, letter, letter.code(), e.getMessage() + ", so it can only be dropped");
        return;
      } catch (RejectedEventException e) {
        turn.failures++;
        giveUp(key, delivered, again(letter, turn), Subscriber.REJECTED, e.getMessage());
        return;
      } catch (RetryableException e) {
        if (!stopping.getAsBoolean() && !postpone(turn, e)) {
          String reason = "retried " + turn.failures + " times, last: " + e.getMessage();
          giveUp(key, delivered, again(letter, turn), Subscriber.EXHAUSTED, reason);
          return;
        }
        break;
      }
      turn.failures = 0;
      stats.delivered().increment();
      delivered.add(letter);
    }
    boolean done = delivered.size() == letters.size() && areAll(letters);
    commit(Set.of(), new Redelivered(delivered, List.of(), done ? Set.of(key) : Set.of()));
    if (done) {
      turns.remove(key);
      LOG.info(
          letters.isEmpty()
              ? "subscriber {}: there are no dead letters left of key {} of {}"
              : "subscriber {}: the dead letters of key {} of {} are delivered",
          name,
          key.key(),
          key.topic());
    }
  }

  /** Whether these are all that the key has, as they are fewer and smaller than was asked for. */
  private boolean areAll(List<DeadLetter> letters) {
    return letters.size() < AT_ONCE
        && letters.stream().mapToLong(DeadLetter::heapBytes).sum() < heapBytes;
  }

  /** Everything else flows meanwhile; no key is released while its letters cannot be seen. */
  private void lookAgain(JournalException failure) {
    LOG.warn(
        "subscriber {}: dead letters are retried in {} s: {}",
        name,
        LOOK_AGAIN.toSeconds(),
        failure.getMessage());
    long due = ticker.nanos() + LOOK_AGAIN.toNanos();
    turns.values().forEach(turn -> turn.due = due);
  }

  /** Whether there is another attempt. */
  private boolean postpone(Turn turn, RetryableException failure) {
    turn.failures++;
    if (retry.exhausted(turn.failures)) {
      return false;
    }
    stats.failed().increment();
    stats.health().failed(clock.instant(), String.valueOf(failure.getMessage()));
    turn.due = ticker.nanos() + retry.delay(turn.failures, failure, random).toNanos();
    return true;
  }

  /** The letter with the attempts of this turn. */
  private DeadLetter again(DeadLetter letter, Turn turn) {
    Delivery before = letter.delivery();
    if (before == null) {
      return letter;
    }
    Instant now = clock.instant();
    return with(
        letter,
        letter.code(),
        letter.reason(),
        new Delivery(
            before.partition(),
            before.offset(),
            before.attempts() + turn.failures,
            before.attempts() == 0 ? now : before.first(),
            now));
  }

  private static DeadLetter with(
      DeadLetter letter, String code, @Nullable String reason, @Nullable Delivery delivery) {
    return new DeadLetter(
        letter.id(),
        letter.subscriber(),
        letter.rule(),
        letter.topic(),
        letter.key(),
        letter.time(),
        code,
        String.valueOf(reason),
        letter.payload(),
        delivery);
  }

  /** A key stays parked behind what failed; an event that was alone lets nobody wait. */
  private void giveUp(
      ParkedKey key,
      List<DeadLetter> delivered,
      DeadLetter letter,
      String code,
      @Nullable String reason)
      throws JournalException, InterruptedException {
    LOG.warn(
        "subscriber {}: event {} stays a dead letter, and so does what follows on its key: {} {}",
        name,
        letter.id(),
        code,
        reason);
    boolean alone =
        letter.key() == null || !key.equals(new ParkedKey(letter.topic(), letter.key()));
    turns.remove(key);
    stats.health().failed(clock.instant(), String.valueOf(reason));
    commit(
        alone ? Set.of() : Set.of(key),
        new Redelivered(
            delivered,
            List.of(with(letter, code, reason, letter.delivery())),
            alone ? Set.of(key) : Set.of()));
  }

  private void commit(Set<ParkedKey> parked, Redelivered redelivered)
      throws JournalException, InterruptedException {
    if (!parked.isEmpty() || !redelivered.isEmpty()) {
      subscription.commit(new Progress(Map.of(), List.of(), parked, redelivered));
    }
  }
}
