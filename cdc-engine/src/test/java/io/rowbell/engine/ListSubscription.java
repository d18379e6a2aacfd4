package io.rowbell.engine;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A journal's subscription over a list in memory: one partition; keeps what was committed. */
final class ListSubscription implements Subscription {
  private final List<DomainEvent> events = new ArrayList<>();
  private final List<DeadLetter> deadLetters = new ArrayList<>();
  private final Set<ParkedKey> parked = new HashSet<>();
  private int read;
  private long cursor;
  private boolean broken;

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
            Map.of(),
            EventData.ofJson("{}")));
    return this;
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
  public List<Entry> poll(int max, Duration timeout) {
    List<Entry> entries = new ArrayList<>();
    for (; read < events.size() && entries.size() < max; read++) {
      entries.add(new Entry("all", read, events.get(read)));
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
  public void commit(Progress progress) throws JournalException {
    if (broken) {
      throw new JournalException(JournalException.Kind.UNAVAILABLE, "broken by the test", null);
    }
    cursor = progress.nextOffsets().getOrDefault("all", cursor);
    deadLetters.addAll(progress.deadLetters());
    parked.addAll(progress.parked());
  }

  @Override
  public void close() {}
}
