package io.rowbell.sqlite;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.EventId;
import io.rowbell.spi.Act;
import io.rowbell.spi.CursorRange;
import io.rowbell.spi.Decision;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A subscriber's reading; woken by the append of this process. */
final class SqliteSubscription implements Subscription {
  /** How many events that nobody asked for are passed before the file is told. */
  private static final long PASSED = 1_000;

  private final SqliteJournal journal;
  private final Cursor cursor;
  private final Tail tail;
  private final EventScan scan;
  private final long newestOnOpening;
  private long afterLastPolled;
  private boolean closed;

  SqliteSubscription(SqliteJournal journal, Cursor cursor, Tail tail, EventScan scan) {
    this.journal = journal;
    this.cursor = cursor;
    this.tail = tail;
    this.scan = scan;
    this.newestOnOpening = tail.newest();
    this.afterLastPolled = scan.next();
  }

  @Override
  public List<Entry> poll(int max, long maxBytes, Duration timeout)
      throws JournalException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      List<Entry> entries = scan.read(max, maxBytes, tail.newest());
      if (!entries.isEmpty()) {
        afterLastPolled = entries.get(entries.size() - 1).offset() + 1;
        return entries;
      }
      passUnwanted();
      long left = deadline - System.nanoTime();
      if (left <= 0 || !tail.await(scan.next(), left)) {
        return entries;
      }
    }
  }

  /** Moves the cursor behind events that were not asked for, once all others are done. */
  private void passUnwanted() throws JournalException, InterruptedException {
    if (cursor.durable >= afterLastPolled) {
      cursor.reached = scan.next();
      if (cursor.reached - cursor.durable >= PASSED) {
        journal.move(cursor, cursor.reached);
      }
    }
  }

  @Override
  public boolean caughtUp() {
    return scan.next() > newestOnOpening;
  }

  @Override
  public Set<ParkedKey> parkedKeys() {
    return Set.copyOf(cursor.parked);
  }

  @Override
  public Set<ParkedKey> retriedKeys() {
    return Set.copyOf(cursor.retried);
  }

  @Override
  public boolean isPaused() {
    return cursor.paused;
  }

  @Override
  public List<DeadLetter> deadLetters(ParkedKey key, int max, long maxBytes)
      throws JournalException {
    return scan.deadLetters(cursor.subscriber, key, max, maxBytes);
  }

  @Override
  public List<EventId> deadLetterIds(ParkedKey key, int max) throws JournalException {
    return scan.deadLetterIds(cursor.subscriber, key, max);
  }

  @Override
  public void decide(Decision decision, Act act) throws JournalException, InterruptedException {
    journal.decide(cursor, decision, act);
  }

  @Override
  public Map<String, CursorRange> ranges() {
    return Map.of(EventScan.PARTITION, journal.range(cursor));
  }

  @Override
  public Optional<Map<String, Long>> offsetsAt(Instant time) throws JournalException {
    CursorRange range = journal.range(cursor);
    long first = scan.firstSince(time, range.oldest(), range.end());
    // Of what is gone, nobody knows when it was.
    return first == range.oldest() && first > 1
        ? Optional.empty()
        : Optional.of(Map.of(EventScan.PARTITION, first));
  }

  @Override
  public void commit(Progress progress) throws JournalException, InterruptedException {
    for (String partition : progress.nextOffsets().keySet()) {
      if (!partition.equals(EventScan.PARTITION)) {
        throw new IllegalArgumentException("this journal has no partition " + partition);
      }
    }
    long next = progress.nextOffsets().getOrDefault(EventScan.PARTITION, cursor.durable);
    if (next == afterLastPolled) {
      // All that was polled is done, so what was passed while looking for it is, too.
      next = Math.max(next, scan.next());
    }
    journal.commit(cursor, next, progress);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      scan.close();
      journal.forget(this);
    }
  }
}
