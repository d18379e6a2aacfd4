package io.rowbell.spi;

import io.rowbell.model.DomainEvent;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Reads a journal's events in order. Only what a completed {@link Journal#append} wrote is ever
 * seen.
 */
public interface EventReader extends AutoCloseable {
  /** How much of the heap the events of one poll may take, unless said. */
  long POLL_BYTES = 8L << 20;

  /**
   * The next events, in the order of their appends within each partition.
   *
   * @param max how many at most
   * @param maxBytes with which event to end: the one with which they take so much of the heap, by
   *     {@link DomainEvent#heapBytes}. So one always comes, however large it is
   * @param timeout how long to wait if there is none yet; zero to look once
   * @return empty if none came within {@code timeout}, or before that if there are no more of what
   *     {@link #caughtUp} asks for
   * @throws JournalException if the journal cannot be read
   */
  List<Entry> poll(int max, long maxBytes, Duration timeout)
      throws JournalException, InterruptedException;

  /** The next events, of which the last is the one with which they take {@link #POLL_BYTES}. */
  default List<Entry> poll(int max, Duration timeout)
      throws JournalException, InterruptedException {
    return poll(max, POLL_BYTES, timeout);
  }

  /**
   * Whether all has been read that was in the journal when this reader was opened, or when {@link
   * #lookAhead} was called last.
   */
  boolean caughtUp();

  /**
   * Looks where the journal ends now, and so what {@link #caughtUp} is about.
   *
   * @throws JournalException if the journal cannot be read
   * @throws UnsupportedOperationException if this is a subscriber's
   */
  default void lookAhead() throws JournalException, InterruptedException {
    throw new UnsupportedOperationException("a subscriber's reader looks ahead once");
  }

  /**
   * Whether events went by the journal's retention before this reader came to them. It goes on with
   * those that are left.
   */
  default boolean isOvertaken() {
    return false;
  }

  @Override
  void close();

  /**
   * An event and its place.
   *
   * @param partition events of one partition are ordered; those of one key share one
   * @param offset grows within the partition, with gaps
   */
  record Entry(String partition, long offset, DomainEvent event) {
    public Entry {
      Objects.requireNonNull(partition, "partition");
      Objects.requireNonNull(event, "event");
    }
  }
}
