package io.rowbell.engine.faults;

import io.rowbell.model.Position;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Judges what was seen of a slot and of its engines: whether everything is confirmed in time after
 * its commit or after the last fault (G6), and whether readiness is taken back while nothing moves
 * (G7). A sound engine writes markers, so that its slot moves while nobody else writes. Times are
 * {@link System#nanoTime}. Safe to use from several threads.
 */
final class Movement {
  /**
   * How long a marker may have been back before it is confirmed, on a busy machine: for that long
   * an engine may be ready whose slot has not moved yet.
   */
  private static final Duration CONFIRMED = Duration.ofSeconds(3);

  /** How long after the last confirmation a marker may have been back that never was confirmed. */
  private static final Duration UNCONFIRMED = Duration.ofSeconds(2);

  /** After so long nobody may be ready whose slot nobody reads. */
  static final Duration STILL = Promised.STALL.plus(UNCONFIRMED);

  /** While nobody reads the slot no marker comes back: what two looks see is not chance. */
  private static final Duration UNREAD = Duration.ofMillis(100);

  /** Between two positions that are waited for. */
  private static final long MILESTONES = TimeUnit.SECONDS.toNanos(1);

  private final Deque<Milestone> milestones = new ArrayDeque<>();
  private final List<String> violations = new ArrayList<>();
  private Duration caughtUp = Promised.CAUGHT_UP;
  private @Nullable Position confirmed;
  private long movedAt;
  private int reader;
  private long readSince;
  private @Nullable Long readySince;
  private boolean toldReady;
  private boolean toldLate;
  private int looks;

  /**
   * What the server says.
   *
   * @param reader the server's process that somebody reads it through; 0 if nobody does
   */
  record Slot(Position confirmed, int reader, Position end) {
    boolean read() {
      return reader != 0;
    }
  }

  /** What was the log's end once. */
  private record Milestone(Position end, long at) {}

  /** There is more to be caught up with than can be in the usual time. */
  synchronized void caughtUpWithin(Duration time) {
    caughtUp = time;
  }

  /**
   * One look.
   *
   * @param asked when the engines were asked, before the server was
   * @param now when the server had answered
   * @param running whether there is an engine
   * @param ready whether one says that changes arrive
   * @param slot null if the server or the slot is not there: then nothing moves
   * @param soundSince when the last fault ended; empty while there is one
   */
  synchronized void look(
      long asked,
      long now,
      boolean running,
      boolean ready,
      @Nullable Slot slot,
      OptionalLong soundSince) {
    if (slot != null) {
      boolean moved = confirmed == null || slot.confirmed().compareTo(confirmed) > 0;
      // It moves back when the server was killed, which is no progress.
      confirmed = slot.confirmed();
      if (moved) {
        movedAt = now;
        readySince = null;
        toldReady = false;
      }
      if (slot.read() && slot.reader() != reader) {
        // Over a new stream a marker may be back at once, also if it never is confirmed.
        reader = slot.reader();
        readSince = now;
      }
      looks++;
    }
    if (confirmed != null) {
      judgeReadiness(asked, ready, slot);
    }
    if (slot != null) {
      judgeLag(now, running, slot, soundSince);
    }
  }

  private void judgeReadiness(long asked, boolean isReady, @Nullable Slot slot) {
    long still = asked - Math.max(movedAt, readSince);
    if (!isReady || still < Promised.STALL.toNanos()) {
      readySince = null;
      return;
    }
    if (readySince == null) {
      readySince = asked;
    }
    boolean read = slot != null && slot.read();
    long ready = asked - readySince;
    boolean tooLong =
        read ? ready >= CONFIRMED.toNanos() : ready >= UNREAD.toNanos() && still >= STILL.toNanos();
    if (tooLong && !toldReady) {
      toldReady = true;
      violations.add(
          "G7 ready, although nothing was confirmed for %d ms after %s; the slot %s"
              .formatted(
                  TimeUnit.NANOSECONDS.toMillis(asked - movedAt),
                  confirmed,
                  slot == null ? "cannot be seen" : read ? "is read" : "is read by nobody"));
    }
  }

  private void judgeLag(long now, boolean running, Slot slot, OptionalLong soundSince) {
    while (!milestones.isEmpty() && milestones.element().end().compareTo(slot.confirmed()) <= 0) {
      milestones.remove();
    }
    Milestone next = milestones.peek();
    if (next == null) {
      toldLate = false;
    } else if (running && soundSince.isPresent() && !toldLate) {
      long since = Math.max(next.at(), soundSince.getAsLong());
      if (now - since > caughtUp.toNanos()) {
        toldLate = true;
        violations.add(
            "G6 what was written before %s is not all in the journal after %d s without a fault"
                .formatted(next.end(), TimeUnit.NANOSECONDS.toSeconds(now - since)));
      }
    }
    if (milestones.isEmpty() || now - milestones.getLast().at() >= MILESTONES) {
      milestones.add(new Milestone(slot.end(), now));
    }
  }

  /** For how long nothing has been confirmed. */
  synchronized Duration still() {
    return confirmed == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - movedAt);
  }

  /** How often the slot was seen. */
  synchronized int looks() {
    return looks;
  }

  synchronized List<String> violations() {
    return List.copyOf(violations);
  }
}
