package io.rowbell.engine.faults;

import io.rowbell.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Looks at a database again and again, in a thread of its own, whatever happens to its server. */
final class Sampling implements AutoCloseable {
  private final PostgresServer server;
  private final String database;
  private final Look look;
  private final Duration pause;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;

  /** One look. */
  @FunctionalInterface
  interface Look {
    /**
     * @param connection to the database, past all proxies; null if none can be had
     * @throws Exception if the connection is of no use any more; the next look has another one
     */
    void take(@Nullable Connection connection) throws Exception;
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
        } catch (InterruptedException e) {
          throw e;
        } catch (Exception e) {
          // A server that was killed tells nothing; the next look is at another connection.
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
