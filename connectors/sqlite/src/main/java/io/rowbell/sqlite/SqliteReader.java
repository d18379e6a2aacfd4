package io.rowbell.sqlite;

import io.rowbell.spi.EventReader;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Reads a journal beside its writer. That may be in another process, which cannot wake this one: so
 * it looks again every few milliseconds.
 */
final class SqliteReader implements EventReader {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final EventScan scan;
  private final Tail tail;
  private long end;
  private boolean overtaken;

  private SqliteReader(EventScan scan, Journal.Start start) throws JournalException {
    this.scan = scan;
    this.end = scan.newest();
    if (start == Journal.Start.LATEST) {
      scan.skipTo(end + 1);
    }
    this.tail = new Tail(end);
  }

  static SqliteReader open(JournalFile file, Journal.Start start) throws JournalException {
    EventScan scan = EventScan.open(file, Set.of(), 1);
    try {
      return new SqliteReader(scan, start);
    } catch (JournalException e) {
      scan.close();
      throw e;
    }
  }

  @Override
  public List<Entry> poll(int max, long maxBytes, Duration timeout)
      throws JournalException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      long from = scan.next();
      List<Entry> entries = scan.read(max, maxBytes, tail.newest());
      // Events are numbered without gaps, and retention takes them from the front.
      overtaken |= scan.next() - from > entries.size() && !scan.holdsBefore(from);
      if (!entries.isEmpty()) {
        return entries;
      }
      long newest = scan.newest();
      if (newest >= scan.next()) {
        tail.move(newest);
        continue;
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return entries;
      }
      // Nobody moves this tail but this thread: the wait ends with its time.
      tail.await(scan.next(), Math.min(left, LOOK_AGAIN_NANOS));
    }
  }

  @Override
  public boolean caughtUp() {
    return scan.next() > end;
  }

  @Override
  public void lookAhead() throws JournalException {
    end = scan.newest();
  }

  @Override
  public boolean isOvertaken() {
    return overtaken;
  }

  @Override
  public void close() {
    scan.close();
  }
}
