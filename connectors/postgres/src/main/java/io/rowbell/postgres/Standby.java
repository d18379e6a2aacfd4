package io.rowbell.postgres;

import io.rowbell.postgres.SlotLock.Holder;
import io.rowbell.postgres.WriterSession.Backend;
import io.rowbell.spi.SourceException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for a slot's lock beside the process that holds it, and takes it over when that one dies or
 * hangs.
 *
 * <p>One that dies loses its session, and the lock with it. So does one whose session the server
 * ends, which takes the lock again: for that it is given a moment. One that hangs keeps both, so
 * its silence is looked at: whoever follows the slot writes a marker through the very session that
 * holds the lock, every {@code marker-interval}. A session that has been silent for too long is
 * ended. That is safe whatever that process does later: it has no session any more, and the journal
 * that is opened after this fences it.
 */
final class Standby {
  private static final Logger LOG = LoggerFactory.getLogger(Standby.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  /** Within it, one that lost only its session, and has noticed, has another one. */
  private static final Duration CONNECTING = Duration.ofSeconds(1);

  private final SqlConnections connections;
  private final String slot;
  private final Duration takeOverAfter;
  private final Duration comesBack;
  private final Progress progress;
  private final CountDownLatch stopped;
  private @Nullable Backend warnedOf;
  private @Nullable Long freeSince;
  private boolean sawAnother;

  /**
   * @param takeOverAfter for how long the other one may say nothing
   * @param markerInterval how often the other one says something, if it is well: after which it has
   *     noticed that its session is lost
   * @param stopped ends the waiting
   */
  Standby(
      SqlConnections connections,
      String slot,
      Duration takeOverAfter,
      Duration markerInterval,
      Progress progress,
      CountDownLatch stopped) {
    this.connections = connections;
    this.slot = slot;
    this.takeOverAfter = takeOverAfter;
    this.comesBack = markerInterval.plus(CONNECTING);
    this.progress = progress;
    this.stopped = stopped;
  }

  /**
   * Waits. A server that cannot be reached is waited for as well: it may be failing over.
   *
   * @return the session that holds the lock; empty if stopped before
   * @throws SourceException if the server does not let us in
   */
  Optional<WriterSession> await() throws SourceException, InterruptedException {
    WriterSession session = null;
    try {
      while (!stopped.await(0, TimeUnit.NANOSECONDS)) {
        try {
          session = session == null ? WriterSession.connect(connections, slot) : session;
          Holder holder = SlotLock.holder(session.connection(), slot).orElse(null);
          if (holder != null) {
            look(holder, session);
          } else if (mayTake() && session.tryLock()) {
            WriterSession locked = session;
            session = null;
            return Optional.of(locked);
          }
        } catch (SQLException e) {
          session = lost(session, SqlErrors.whileAsking("standing by", e));
        } catch (SourceException e) {
          session = lost(session, e);
        }
        boolean unused = stopped.await(LOOK_EVERY.toNanos(), TimeUnit.NANOSECONDS);
      }
      return Optional.empty();
    } finally {
      if (session != null) {
        session.drop();
      }
    }
  }

  private boolean mayTake() {
    long now = System.nanoTime();
    freeSince = Objects.requireNonNullElse(freeSince, now);
    return !sawAnother || now - freeSince >= comesBack.toNanos();
  }

  private void look(Holder holder, WriterSession session) throws SQLException {
    freeSince = null;
    sawAnother = true;
    progress.waiting("standing by: " + holder.describe() + " follows slot '" + slot + "'");
    Duration silence = holder.silence();
    if (!holder.ours() || silence == null) {
      warnOnce(holder);
    } else if (silence.compareTo(takeOverAfter) > 0) {
      LOG.warn(
          "taking over slot '{}': {} has said nothing for {} s",
          slot,
          holder.describe(),
          silence.toSeconds());
      session.end(holder.backend());
      sawAnother = false;
    }
  }

  private void warnOnce(Holder holder) {
    if (!holder.backend().equals(warnedOf)) {
      warnedOf = holder.backend();
      LOG.warn(
          "standing by for slot '{}': {} logged in as another role, so it can be seen to die but not"
              + " to hang: let both instances use one role",
          slot,
          holder.describe());
    }
  }

  /** What waiting cannot mend is thrown on. */
  private @Nullable WriterSession lost(@Nullable WriterSession session, SourceException e)
      throws SourceException {
    freeSince = null;
    if (session != null) {
      session.drop();
    }
    if (!SqlErrors.mayHeal(e)) {
      throw e;
    }
    progress.waiting("standing by: " + e.getMessage());
    return null;
  }
}
