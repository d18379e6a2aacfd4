package io.rowbell.spi;

import io.rowbell.model.DeadLetter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A subscriber's own cursor through the journal, with the keys it has parked. */
public interface Subscription extends EventReader {
  /**
   * The keys whose events are held back, each behind an event that could not be delivered; as of
   * the last {@link #commit}.
   */
  Set<ParkedKey> parkedKeys();

  /**
   * Moves the cursor, in one durable step with what was given up on the way. What is polled next is
   * not changed by it: that goes on after the last event that was polled.
   *
   * @throws JournalException if it is not durable; the events will be delivered again after the
   *     next opening
   */
  void commit(Progress progress) throws JournalException, InterruptedException;

  /**
   * How far a subscriber is.
   *
   * @param nextOffsets for each partition that moved, the first offset that is not done
   * @param deadLetters events given up, in order, those held behind a parked key included
   * @param parked keys that are parked from now on, beside those that are already
   */
  record Progress(
      Map<String, Long> nextOffsets, List<DeadLetter> deadLetters, Set<ParkedKey> parked) {
    public Progress {
      nextOffsets = Map.copyOf(nextOffsets);
      deadLetters = List.copyOf(deadLetters);
      parked = Set.copyOf(parked);
    }
  }

  /**
   * A key that is held back.
   *
   * @param topic the topic of the events, within which the key is meant
   * @param key the key, or null for the events without one
   */
  record ParkedKey(String topic, @Nullable String key) {}
}
