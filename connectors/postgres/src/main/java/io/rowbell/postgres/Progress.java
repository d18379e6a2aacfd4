package io.rowbell.postgres;

import io.rowbell.model.Position;
import io.rowbell.spi.Source.SourceStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How the stream is doing, written by the following thread and read by any. */
final class Progress {
  /** How long a marker may be on its way while the stream counts as caught up. */
  private static final long MARKER_FLIGHT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** For how long the following thread may be at one thing while it counts as caught up. */
  private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private boolean connected;
  private long markersWritten;
  private long markersSeen;
  private long writtenAt;
  private long seenAt;
  private Position done = Position.ZERO;
  private @Nullable Instant doneUntil;
  private @Nullable Instant serverTime;
  private long turnedAt;
  private @Nullable SlotProgress slot;
  private @Nullable String waitingFor = "the source has not been started";

  synchronized void waiting(String reason) {
    connected = false;
    waitingFor = reason;
    markersSeen = -1;
    seenAt = 0;
    turnedAt = 0;
  }

  synchronized void streaming() {
    connected = true;
    waitingFor = null;
    turnedAt = System.nanoTime();
  }

  /** The thread that follows the open stream begins with a new piece of work. */
  synchronized void turn() {
    turnedAt = System.nanoTime();
  }

  /** The stream is being closed, which is bounded by itself. */
  synchronized void closing() {
    turnedAt = 0;
  }

  synchronized void done(Position position) {
    done = position;
  }

  /**
   * More is durable.
   *
   * @param until by the server's clock: what was committed before is durable; null if not known
   */
  synchronized void done(Position position, @Nullable Instant until) {
    done = position;
    if (until != null && (doneUntil == null || until.isAfter(doneUntil))) {
      doneUntil = until;
    }
    if (turnedAt != 0) {
      turnedAt = System.nanoTime();
    }
  }

  /**
   * @param at by the server's clock
   */
  synchronized void markerWritten(long number, Instant at, @Nullable SlotProgress state) {
    markersWritten = number;
    writtenAt = System.nanoTime();
    serverTime = at;
    slot = state;
  }

  /** What the server said beside a marker. */
  synchronized void seen(SlotProgress state) {
    slot = state;
  }

  synchronized void markerSeen(long number) {
    markersSeen = number;
    seenAt = System.nanoTime();
  }

  synchronized SourceStatus status() {
    long missing = markersWritten - markersSeen;
    boolean caughtUp =
        connected
            && seenAt != 0
            && (missing <= 0
                || (missing == 1 && System.nanoTime() - writtenAt < MARKER_FLIGHT_NANOS));
    SlotProgress state = slot;
    return new SourceStatus(
        connected,
        caughtUp,
        seenAt,
        state == null ? -1 : lag(state),
        state == null ? -1 : state.retainedBytes(),
        state == null ? -1 : state.safeBytes(),
        behind(caughtUp),
        turnedAt,
        waitingFor);
  }

  /** Before anything is known to be durable, that is which was confirmed. */
  private long lag(SlotProgress state) {
    Position confirmed = state.confirmed();
    Position from = confirmed == null || confirmed.compareTo(done) < 0 ? done : confirmed;
    return from.equals(Position.ZERO) ? -1 : Math.max(0, state.serverEnd().bytesSince(from));
  }

  /** The server's clock goes on while it cannot be asked. */
  private @Nullable Duration behind(boolean caughtUp) {
    if (caughtUp && System.nanoTime() - turnedAt < TURN_NANOS) {
      return Duration.ZERO;
    }
    if (doneUntil == null || serverTime == null) {
      return null;
    }
    Instant now = serverTime.plusNanos(System.nanoTime() - writtenAt);
    return now.isBefore(doneUntil) ? Duration.ZERO : Duration.between(doneUntil, now);
  }
}
