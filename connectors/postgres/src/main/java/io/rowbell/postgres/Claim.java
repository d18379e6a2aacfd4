package io.rowbell.postgres;

import io.rowbell.postgres.SlotLock.Holder;
import io.rowbell.postgres.WriterSession.Backend;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's claim on its slot: the session that has the slot's lock, from the first that took
 * it until {@link #close}, whatever becomes of the streams beside it. A stream that is lost, or
 * rules that are changed, are no reason to let another process have the slot.
 *
 * <p>While nobody {@link #use uses} the session, it says something now and then, until the source
 * is stopped: to open a journal or a stream may take long, and one that stands by must not take us
 * for one that hangs. While it is used, whoever uses it has to: so it is used for what is done
 * through it alone, and {@link #rest rests} while anything else is waited for. For any thread.
 */
final class Claim implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Claim.class);

  /** The server may still be ending the session of a process that has just stopped. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final SqlConnections connections;
  private final String slot;
  private final Duration interval;
  private final CountDownLatch stopped;
  private @Nullable WriterSession session;
  private @Nullable Backend last;
  private @Nullable Thread keeper;
  private boolean used;
  private boolean yields;

  /**
   * @param interval how often it says something
   * @param stopped ends that
   */
  Claim(SqlConnections connections, String slot, Duration interval, CountDownLatch stopped) {
    this.connections = connections;
    this.slot = slot;
    this.interval = interval;
    this.stopped = stopped;
  }

  /**
   * Gives the lock back, and gives another claim on the same slot, which knows that this one's
   * session was ours: the server may not know yet that it has ended.
   *
   * @param stopped ends what the other one says now and then
   */
  synchronized Claim renew(CountDownLatch stopped) {
    drop();
    Claim another = new Claim(connections, slot, interval, stopped);
    another.last = last;
    return another;
  }

  /** Whether the lock was taken, and not given back. */
  synchronized boolean isHeld() {
    return session != null;
  }

  /** From now on, who has taken the lock over meanwhile may keep it: then this process ends. */
  synchronized void yieldToOthers() {
    yields = true;
  }

  /**
   * Takes the lock, unless we have it.
   *
   * @throws SourceException UNREACHABLE if the server is, or if another process has the lock
   */
  synchronized void take() throws SourceException {
    take(PATIENCE);
  }

  private void take(Duration patience) throws SourceException {
    if (session == null) {
      hold(WriterSession.open(connections, slot, last, patience));
    }
  }

  /** Takes a session over that has the lock already. */
  synchronized void hold(WriterSession locked) {
    session = locked;
    last = locked.backend();
    if (keeper == null) {
      Thread thread = new Thread(this::keep, "rowbell-claim");
      thread.setDaemon(true);
      thread.start();
      keeper = thread;
    }
  }

  /**
   * The session that has the lock, for one thread until {@link #rest}: the same as before as long
   * as it lives on the server that new connections come to; else another one, which ends it.
   *
   * @throws SourceException UNREACHABLE if the server is, or if another process has the lock;
   *     TAKEN_OVER for the latter if this one yields
   */
  WriterSession use() throws SourceException {
    // To connect may take long: meanwhile the session says something.
    return use(isHeld() ? holder() : Optional.empty());
  }

  private synchronized WriterSession use(Optional<Backend> holder) throws SourceException {
    WriterSession kept = session;
    if (kept != null && !(holder.equals(Optional.of(kept.backend())) && kept.isAlive())) {
      drop();
    }
    try {
      // Our own lost session is being ended; another process's may last for days.
      take(last == null ? Duration.ZERO : PATIENCE);
    } catch (SourceException e) {
      throw yields && SqlErrors.isInUse(e) ? yielded(e) : e;
    }
    WriterSession held = session;
    if (held == null) {
      throw new IllegalStateException("a lock that was taken is not held");
    }
    used = true;
    return held;
  }

  /** Nobody uses the session for now. */
  synchronized void rest() {
    used = false;
  }

  /**
   * The session that was used before it rested is used on.
   *
   * @throws SourceException UNREACHABLE if it was lost meanwhile, and the lock with it
   */
  synchronized void useOn() throws SourceException {
    if (session == null) {
      throw new SourceException(
          Kind.UNREACHABLE,
          "the session with the lock of slot '" + slot + "' was lost while a stream was opened",
          new SQLException("connection lost", SqlErrors.CONNECTION_LOST));
    }
    used = true;
  }

  /** Who has the lock, as a new connection sees it. */
  private Optional<Backend> holder() throws SourceException {
    try (Connection other = connections.open()) {
      return SlotLock.holder(other, slot).map(Holder::backend);
    } catch (SQLException e) {
      LOG.debug("nobody says who has the lock of slot {}", slot, e);
      return Optional.empty();
    }
  }

  /** If another process has the lock by now, it has taken over; our own lost session has not. */
  private SourceException yielded(SourceException inUse) {
    try (Connection connection = connections.open()) {
      return SlotLock.holder(connection, slot)
          .filter(holder -> !holder.backend().equals(last))
          .map(
              holder ->
                  new SourceException(
                      Kind.TAKEN_OVER,
                      holder.describe()
                          + " has taken slot '"
                          + slot
                          + "' over: this process ends. Started again, it stands by",
                      null))
          .orElse(inUse);
    } catch (SourceException | SQLException e) {
      inUse.addSuppressed(e);
      return inUse;
    }
  }

  private void keep() {
    try {
      while (!stopped.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
        saySomething();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void saySomething() {
    WriterSession kept = session;
    if (kept != null && !used && !kept.isAlive()) {
      drop();
    }
  }

  private void drop() {
    if (session != null) {
      session.drop();
      session = null;
    }
  }

  /** Gives the lock back. */
  @Override
  public synchronized void close() {
    drop();
  }
}
