package io.rowbell.engine.faults;

import io.rowbell.spi.JournalException;
import io.rowbell.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a database again and again, in a thread of its own, whatever happens to its server and
 * to the journal. What else fails is a fault of the look, and is told.
 */
final class Sampling implements AutoCloseable {
  private static final int MOST_FAILURES = 10;

  private final PostgresServer server;
  private final String database;
  private final Look look;
  private final Duration pause;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final Thread thread;

  /** One look. */
  @FunctionalInterface
  interface Look {
    /**
     * @param connection to the database, past all proxies; null if none can be had
     * @throws SQLException if the connection is of no use any more; the next look has another one
     * @throws JournalException if the journal cannot be read now
     */
    void take(@Nullable Connection connection)
        throws SQLException, JournalException, InterruptedException;
  }

  private Sampling(String name, PostgresServer server, String database, Duration pause, Look look) {
    this.server = server;
    this.database = database;
    this.pause = pause;
    this.look = look;
    this.thread = new Thread(this::run, name + "-" + database);
    thread.setDaemon(true);
  }

  /**
   * Begins.
   *
   * @param pause between two looks
   */
  static Sampling start(
      String name, PostgresServer server, String database, Duration pause, Look look) {
    Sampling sampling = new Sampling(name, server, database, pause, look);
    sampling.thread.start();
    return sampling;
  }

  private void run() {
    Connection connection = null;
    try {
      while (!stop.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          if (connection == null) {
            connection = connect();
          }
          look.take(connection);
        } catch (SQLException | JournalException e) {
          // A server that was killed tells nothing; the next look is at another connection.
          close(connection);
          connection = null;
        } catch (RuntimeException | Error e) {
          failed(e);
          close(connection);
          connection = null;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close(connection);
    }
  }

  /** One that fails again and again is told once. */
  private void failed(Throwable e) {
    String failure = thread.getName() + " failed: " + e + " at " + List.of(e.getStackTrace());
    if (!failures.contains(failure) && failures.size() < MOST_FAILURES) {
      failures.add(failure);
    }
  }

  private @Nullable Connection connect() {
    try {
      return server.connect(database);
    } catch (SQLException e) {
      return null;
    }
  }

  private static void close(@Nullable Connection connection) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      // It was lost before.
    }
  }

  /** What failed of the looks themselves so far; empty if all is well. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  boolean isClosed() {
    return stop.getCount() == 0;
  }

  /** No look is taken afterwards. */
  @Override
  public void close() {
    stop.countDown();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(30));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
