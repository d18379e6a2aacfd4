package io.rowbell.engine;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.EventReader.Entry;
import io.rowbell.spi.Subscription.ParkedKey;
import io.rowbell.spi.Subscription.Progress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a subscriber has read and what became of it, and what of that its next commit carries. For
 * one thread.
 */
final class Settlement {
  private final Map<String, Outstanding> partitions = new HashMap<>();
  private final Set<String> moved = new HashSet<>();
  private final List<DeadLetter> deadLetters = new ArrayList<>();
  private final Set<ParkedKey> parked = new HashSet<>();
  private int inFlight;
  private long heapBytes;

  /** Notes that an event was read. */
  void read(Entry entry) {
    partitions
        .computeIfAbsent(entry.partition(), p -> new Outstanding())
        .read(entry.offset(), entry.event().time());
    inFlight++;
    heapBytes += entry.event().heapBytes();
  }

  /** Notes that nothing is left to do for an event that was read. */
  void done(Entry entry) {
    Outstanding partition = partitions.get(entry.partition());
    if (partition == null) {
      throw new IllegalStateException("an event that was never read: " + entry);
    }
    partition.done(entry.offset());
    moved.add(entry.partition());
    inFlight--;
    heapBytes -= entry.event().heapBytes();
  }

  /** Notes that an event which was read is a dead letter. */
  void givenUp(Entry entry, DeadLetter letter) {
    deadLetters.add(letter);
    done(entry);
  }

  /** Notes that a key is parked. */
  void park(ParkedKey key) {
    parked.add(key);
  }

  /** How many events were read and are neither delivered nor given up. */
  int inFlight() {
    return inFlight;
  }

  /** About how much of the heap those take, in bytes. */
  long heapBytes() {
    return heapBytes;
  }

  /** When the oldest of those was committed; null if there is none. */
  @Nullable Instant oldest() {
    return partitions.values().stream()
        .map(Outstanding::oldest)
        .filter(Objects::nonNull)
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  /** What is not committed yet; empty if nothing has changed. */
  Optional<Progress> uncommitted() {
    if (moved.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Long> next = new HashMap<>();
    partitions.forEach(
        (partition, outstanding) -> {
          if (moved.contains(partition)) {
            next.put(partition, outstanding.nextOffset());
          }
        });
    return Optional.of(new Progress(next, deadLetters, parked));
  }

  /** Notes that all of it is durable. */
  void committed() {
    moved.clear();
    deadLetters.clear();
    parked.clear();
  }
}
