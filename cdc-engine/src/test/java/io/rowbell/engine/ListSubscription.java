package io.rowbell.engine;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import io.rowbell.spi.Act;
import io.rowbell.spi.CursorRange;
import io.rowbell.spi.Decision;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A journal's subscription over a list in memory: one partition; keeps what was committed. */
final class ListSubscription implements Subscription {
  private final List<DomainEvent> events = new ArrayList<>();
  private final List<DeadLetter> deadLetters = new ArrayList<>();
  private final Set<ParkedKey> parked = new HashSet<>();
  private final Set<ParkedKey> retried = new HashSet<>();
  private final List<String> acts = new ArrayList<>();
  private boolean paused;
  private long oldest;
  private int read;
  private long cursor;
  private boolean broken;
  private boolean hidden;

  /** Appends an event of this type and key. */
  ListSubscription append(String type, @Nullable String key) {
    int n = events.size();
    events.add(
        new DomainEvent(
            new EventId(new UUID(0, n)),
            "/test",
            type,
            1,
            key,
            Instant.EPOCH.plusSeconds(n),
            "topic",
            Map.of("rule", type),
            EventData.ofJson("{\"n\": 1.00, \"s\":\"é€😀\\n\", \"l\":[{}]}")));
    return this;
  }

  /** One of the events. */
  DomainEvent event(int index) {
    return events.get(index);
  }

  /** Whether dead letters cannot be read just now. */
  void hideDeadLetters(boolean hide) {
    hidden = hide;
  }

  /** From now on commits fail. */
  void breakDown() {
    broken = true;
  }

  /** As after a restart: reading begins at the cursor. */
  ListSubscription reopened() {
    read = (int) cursor;
    broken = false;
    return this;
  }

  long cursor() {
    return cursor;
  }

  /** Type and code of every dead letter, for example {@code "A X501"}. */
  List<String> deadLetters() {
    return deadLetters.stream().map(letter -> letter.rule() + " " + letter.code()).toList();
  }

  @Override
  public List<Entry> poll(int max, long maxBytes, Duration timeout) {
    List<Entry> entries = new ArrayList<>();
    long bytes = 0;
    for (; read < events.size() && entries.size() < max && bytes < maxBytes; read++) {
      entries.add(new Entry("all", read, events.get(read)));
      bytes += events.get(read).heapBytes();
    }
    return entries;
  }

  @Override
  public boolean caughtUp() {
    return read == events.size();
  }

  @Override
  public Set<ParkedKey> parkedKeys() {
    return Set.copyOf(parked);
  }

  @Override
  public Set<ParkedKey> retriedKeys() {
    return Set.copyOf(retried);
  }

  @Override
  public boolean isPaused() {
    return paused;
  }

  @Override
  public List<DeadLetter> deadLetters(ParkedKey key, int max, long maxBytes)
      throws JournalException {
    if (hidden) {
      throw new JournalException(JournalException.Kind.UNAVAILABLE, "hidden by the test", null);
    }
    List<DeadLetter> all =
        deadLetters.stream()
            .filter(key::holds)
            .sorted(Comparator.comparing(ListSubscription::offset))
            .toList();
    int count = 0;
    long bytes = 0;
    while (count < Math.min(max, all.size()) && bytes < maxBytes) {
      bytes += all.get(count++).heapBytes();
    }
    return all.subList(0, count);
  }

  @Override
  public List<EventId> deadLetterIds(ParkedKey key, int max) throws JournalException {
    return deadLetters(key, max, Long.MAX_VALUE).stream().map(DeadLetter::id).toList();
  }

  private static long offset(DeadLetter letter) {
    DeadLetter.Delivery delivery = letter.delivery();
    return delivery == null ? -1 : delivery.offset();
  }

  @Override
  public void decide(Decision decision, Act act) {
    acts.add(act.what());
    if (decision instanceof Decision.Retry retry) {
      parked.addAll(retry.keys());
      retried.addAll(retry.keys());
    } else if (decision instanceof Decision.Drop drop) {
      Set<EventId> dropped =
          drop.letters().stream().map(DeadLetter::id).collect(Collectors.toSet());
      deadLetters.removeIf(letter -> dropped.contains(letter.id()));
      release(drop.released());
    } else if (decision instanceof Decision.Move move) {
      cursor = move.nextOffsets().getOrDefault("all", cursor);
    } else {
      paused = decision instanceof Decision.Pause;
    }
  }

  private void release(Set<ParkedKey> keys) {
    parked.removeAll(keys);
    retried.removeAll(keys);
  }

  /** As a person does it, without the note. */
  ListSubscription retry(ParkedKey key) {
    decide(new Decision.Retry(Set.of(key)), new Act(Instant.EPOCH, "test", "test", "retry", ""));
    return this;
  }

  /** What people did. */
  List<String> acts() {
    return acts;
  }

  /** The dead letters themselves. */
  List<DeadLetter> letters() {
    return List.copyOf(deadLetters);
  }

  /** The oldest event that is kept. */
  void oldest(long offset) {
    oldest = offset;
  }

  @Override
  public Map<String, CursorRange> ranges() {
    return Map.of("all", new CursorRange(oldest, cursor, events.size()));
  }

  @Override
  public Optional<Map<String, Long>> offsetsAt(Instant time) {
    long first = events.stream().filter(event -> event.time().isBefore(time)).count();
    return first <= oldest && oldest > 0 ? Optional.empty() : Optional.of(Map.of("all", first));
  }

  @Override
  public void commit(Progress progress) throws JournalException {
    if (broken) {
      throw new JournalException(JournalException.Kind.UNAVAILABLE, "broken by the test", null);
    }
    cursor = progress.nextOffsets().getOrDefault("all", cursor);
    for (DeadLetter letter : progress.deadLetters()) {
      if (deadLetters.stream().noneMatch(known -> known.id().equals(letter.id()))) {
        deadLetters.add(letter);
      }
    }
    deadLetters.removeAll(progress.redelivered().delivered());
    for (DeadLetter letter : progress.redelivered().failed()) {
      deadLetters.replaceAll(known -> known.id().equals(letter.id()) ? letter : known);
    }
    release(progress.redelivered().released());
    parked.addAll(progress.parked());
    retried.removeAll(progress.parked());
  }

  @Override
  public void close() {}
}
