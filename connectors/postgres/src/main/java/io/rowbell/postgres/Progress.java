package io.rowbell.postgres;

import io.rowbell.model.Position;
import io.rowbell.spi.Source.SourceStatus;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How the stream is doing, written by the following thread and read by any. */
final class Progress {
  /** How long a marker may be on its way while the stream counts as caught up. */
  private static final long MARKER_FLIGHT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private boolean connected;
  private long markersWritten;
  private long markersSeen;
  private long writtenAt;
  private long seenAt;
  private Position done = Position.ZERO;
  private @Nullable SlotProgress slot;
  private @Nullable String waitingFor = "the source has not been started";

  synchronized void waiting(String reason) {
    connected = false;
    waitingFor = reason;
    markersSeen = -1;
    seenAt = 0;
  }

  synchronized void streaming() {
    connected = true;
    waitingFor = null;
  }

  synchronized void done(Position position) {
    done = position;
  }

  synchronized void markerWritten(long number, @Nullable SlotProgress state) {
    markersWritten = number;
    writtenAt = System.nanoTime();
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
        state == null ? -1 : Math.max(0, state.serverEnd().bytesSince(done)),
        state == null ? -1 : state.retainedBytes(),
        state == null ? -1 : state.safeBytes(),
        waitingFor);
  }
}
