package io.rowbell.postgres;

import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes markers through SQL and sees them back in the stream. A marker proves that the stream
 * moves, and lets the slot advance while only tables are written that are not published: the server
 * says nothing of those. Used by one thread.
 */
final class Markers {
  /**
   * How much later than its own commit time a transaction may come into the log: it takes the time
   * first, and then its place.
   */
  static final Duration COMMITTING = Duration.ofMillis(500);

  private final String slot;
  private final String process = UUID.randomUUID().toString();
  private final long intervalNanos;
  private final Progress progress;
  private final PublicationWatch publication;
  private long written;
  private @Nullable Instant writtenAt;
  private @Nullable Instant clock;
  private long dueAt = System.nanoTime();

  Markers(String slot, Duration interval, Progress progress, PublicationWatch publication) {
    this.slot = slot;
    this.intervalNanos = interval.toNanos();
    this.progress = progress;
    this.publication = publication;
  }

  void streamStarts() {
    dueAt = System.nanoTime();
  }

  /**
   * If the last marker is old enough, looks at the publication, writes a marker, and looks how far
   * the server is.
   *
   * @return what was seen; empty if none was due
   * @throws SourceException if the publication may have left changes out; if the slot is gone or
   *     given up, whose replication connection need not have told
   */
  Optional<SlotProgress> writeIfDue(WriterSession sql) throws SQLException, SourceException {
    long now = System.nanoTime();
    if (now - dueAt < 0) {
      return Optional.empty();
    }
    dueAt = now + intervalNanos;
    publication.look(sql.connection());
    Instant at = sql.write(new OwnMessage(slot, OwnMessage.Kind.ALIVE, process, ++written));
    writtenAt = at;
    Optional<SlotProgress> seen = sql.slot();
    if (seen.isEmpty() || seen.get().lost()) {
      // The checks before another stream say what that means.
      throw new SourceException(
          Kind.FAILED,
          "slot '" + slot + "' " + (seen.isEmpty() ? "is gone" : "was given up by the server"),
          null);
    }
    progress.markerWritten(written, at, seen.get());
    return seen;
  }

  /**
   * A time, by the server's clock, before which every commit has been read; null if none is known.
   */
  @Nullable Instant clock() {
    return clock;
  }

  /** A message of Rowbell's own came; others' pipelines' are theirs. */
  void seen(OwnMessage message) {
    if (message.kind() == OwnMessage.Kind.ALIVE
        && message.slot().equals(slot)
        && message.process().equals(process)) {
      progress.markerSeen(message.number());
      if (message.number() == written && writtenAt != null) {
        clock = writtenAt.minus(COMMITTING);
      }
    }
  }
}
