package io.rowbell.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * Writes markers through SQL and sees them back in the stream. A marker proves that the stream
 * moves, and lets the slot advance while only tables are written that are not published: the server
 * says nothing of those. Used by one thread.
 */
final class Markers {
  private final String slot;
  private final String process = UUID.randomUUID().toString();
  private final long intervalNanos;
  private final Progress progress;
  private long written;
  private long dueAt = System.nanoTime();

  Markers(String slot, Duration interval, Progress progress) {
    this.slot = slot;
    this.intervalNanos = interval.toNanos();
    this.progress = progress;
  }

  void streamStarts() {
    dueAt = System.nanoTime();
  }

  /**
   * Writes a marker if the last one is old enough, and looks how far the server is.
   *
   * @return what was seen; empty if none was due, or the slot is gone
   */
  Optional<SlotProgress> writeIfDue(WriterSession sql) throws SQLException {
    long now = System.nanoTime();
    if (now - dueAt < 0) {
      return Optional.empty();
    }
    dueAt = now + intervalNanos;
    sql.write(new OwnMessage(slot, OwnMessage.Kind.ALIVE, process, ++written));
    Optional<SlotProgress> slot = sql.slot();
    progress.markerWritten(written, slot.orElse(null));
    return slot;
  }

  /** A message of Rowbell's own came; others' pipelines' are theirs. */
  void seen(OwnMessage message) {
    if (message.kind() == OwnMessage.Kind.ALIVE
        && message.slot().equals(slot)
        && message.process().equals(process)) {
      progress.markerSeen(message.number());
    }
  }
}
