package io.rowbell.spi;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.EventId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A subscriber's own cursor through the journal, with the keys it has parked. */
public interface Subscription extends EventReader {
  /**
   * The keys whose events are held back, each behind an event that could not be delivered; as of
   * the last {@link #commit} or {@link #decide}.
   */
  Set<ParkedKey> parkedKeys();

  /** Those of the parked keys whose dead letters are to be delivered again. */
  Set<ParkedKey> retriedKeys();

  /** Whether somebody has decided that nothing is to be delivered. */
  boolean isPaused();

  /**
   * This subscriber's dead letters of a key, in the order of their events; those alone that were
   * neither delivered later nor dropped.
   *
   * @param max how many at most: the oldest
   * @param maxBytes with which to end: the one with which they take so much of the heap, by {@link
   *     DeadLetter#heapBytes}. So the first always comes, however large it is
   * @return all of them if they are fewer than {@code max} and take less than {@code maxBytes}
   * @throws JournalException if they cannot be read
   */
  List<DeadLetter> deadLetters(ParkedKey key, int max, long maxBytes)
      throws JournalException, InterruptedException;

  /**
   * The ids of this subscriber's dead letters of a key, in the same order. Their payloads are not
   * held, so they may be of any size.
   *
   * @param max how many at most: the oldest
   * @throws JournalException if they cannot be read
   */
  List<EventId> deadLetterIds(ParkedKey key, int max) throws JournalException, InterruptedException;

  /**
   * Moves the cursor, in one durable step with what was given up on the way. What is polled next is
   * not changed by it: that goes on after the last event that was polled.
   *
   * @throws JournalException if it is not durable; the events will be delivered again after the
   *     next opening
   */
  void commit(Progress progress) throws JournalException, InterruptedException;

  /**
   * Carries a person's decision out, in one durable step with the note of it.
   *
   * @throws IllegalArgumentException if it moves the cursor to where nothing is kept
   * @throws JournalException if it is not known to be durable
   */
  void decide(Decision decision, Act act) throws JournalException, InterruptedException;

  /**
   * Where the cursor stands, and where it could: by partition.
   *
   * @throws JournalException if that cannot be read
   */
  Map<String, CursorRange> ranges() throws JournalException, InterruptedException;

  /**
   * Where events of a time begin: no event that was committed then or later lies before it.
   *
   * @return by partition; empty if such events may have been deleted
   * @throws JournalException if that cannot be read
   */
  Optional<Map<String, Long>> offsetsAt(Instant time) throws JournalException, InterruptedException;

  /**
   * How far a subscriber is.
   *
   * @param nextOffsets for each partition that moved, the first offset that is not done
   * @param deadLetters events given up, in order, those held behind a parked key included; one that
   *     is a dead letter already stays what it is
   * @param parked keys that are parked from now on and not, or no longer, retried
   * @param redelivered what became of dead letters that were retried
   */
  record Progress(
      Map<String, Long> nextOffsets,
      List<DeadLetter> deadLetters,
      Set<ParkedKey> parked,
      Redelivered redelivered) {
    public Progress {
      nextOffsets = Map.copyOf(nextOffsets);
      deadLetters = List.copyOf(deadLetters);
      parked = Set.copyOf(parked);
      Objects.requireNonNull(redelivered, "redelivered");
    }

    /** Without dead letters that were retried. */
    public Progress(
        Map<String, Long> nextOffsets, List<DeadLetter> deadLetters, Set<ParkedKey> parked) {
      this(nextOffsets, deadLetters, parked, Redelivered.NOTHING);
    }

    /** Whether nothing but the cursor changes. */
    public boolean movesOnly() {
      return deadLetters.isEmpty() && parked.isEmpty() && redelivered.isEmpty();
    }
  }

  /**
   * What became of dead letters that were retried.
   *
   * @param delivered are dead letters no more
   * @param failed stay where they are, with what is known of them now
   * @param released keys that are not parked any more
   */
  record Redelivered(List<DeadLetter> delivered, List<DeadLetter> failed, Set<ParkedKey> released) {
    public static final Redelivered NOTHING = new Redelivered(List.of(), List.of(), Set.of());

    public Redelivered {
      delivered = List.copyOf(delivered);
      failed = List.copyOf(failed);
      released = Set.copyOf(released);
    }

    /** Whether nothing was retried. */
    public boolean isEmpty() {
      return delivered.isEmpty() && failed.isEmpty() && released.isEmpty();
    }
  }

  /**
   * A key that is held back.
   *
   * @param topic the topic of the events, within which the key is meant
   * @param key the key, or null for the events without one
   */
  record ParkedKey(String topic, @Nullable String key) {
    /**
     * One event alone, which waits for no other and for which none waits: its place is its key.
     *
     * @param partition the event's
     * @param offset the event's
     */
    public static ParkedKey alone(String partition, long offset) {
      return new ParkedKey(partition, "@" + offset);
    }

    /** What a subscriber's dead letter waits with: its key, or it alone. */
    public static ParkedKey of(DeadLetter letter) {
      DeadLetter.Delivery delivery = letter.delivery();
      return letter.key() == null && delivery != null
          ? alone(delivery.partition(), delivery.offset())
          : new ParkedKey(letter.topic(), letter.key());
    }

    /** Whether a dead letter is one of this key's. */
    public boolean holds(DeadLetter letter) {
      DeadLetter.Delivery delivery = letter.delivery();
      return equals(of(letter))
          || (delivery != null && equals(alone(delivery.partition(), delivery.offset())));
    }
  }
}
