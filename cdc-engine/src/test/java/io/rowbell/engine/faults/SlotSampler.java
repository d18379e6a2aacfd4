package io.rowbell.engine.faults;

import io.rowbell.model.Position;
import io.rowbell.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Looks again and again whether PostgreSQL was told of more than the journal holds (G4). */
final class SlotSampler implements AutoCloseable {
  private final PostgresServer server;
  private final String database;
  private final Durable durable;
  private final Duration pause;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<String> violations = new ArrayList<>();
  private final AtomicInteger samples = new AtomicInteger();
  private final Thread thread;

  /** Asks the journal for its position. */
  @FunctionalInterface
  interface Durable {
    Optional<Position> position() throws Exception;
  }

  SlotSampler(PostgresServer server, String database, Durable durable, Duration pause) {
    this.server = server;
    this.database = database;
    this.durable = durable;
    this.pause = pause;
    this.thread = new Thread(this::run, "slot-sampler-" + database);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    Connection connection = null;
    try {
      while (!stop.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          if (connection == null) {
            connection = server.connect(database);
          }
          sample(connection);
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

  private static void close(@org.jspecify.annotations.Nullable Connection connection) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      // It was lost before.
    }
  }

  /**
   * Looks once now, unless the sampling goes on: best when the engine is dead, as then nothing
   * moves. In Kafka one that was killed within an append leaves a transaction open behind which
   * nobody can read; then this waits as long as the journal's timeout and tells nothing. The next
   * start aborts the transaction, and the samples after it look at the same.
   */
  void look() {
    if (stop.getCount() == 0) {
      return;
    }
    try (Connection connection = server.connect(database)) {
      sample(connection);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      // A server or a broker that is down tells nothing.
    }
  }

  /** First what is confirmed, then what is durable: in between, only the latter can grow. */
  private void sample(Connection connection) throws Exception {
    String confirmed;
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '"
                    + database
                    + "'")) {
      confirmed = row.next() ? row.getString(1) : null;
    }
    Optional<Position> held = durable.position();
    if (confirmed != null && held.isPresent()) {
      samples.incrementAndGet();
      if (Position.parse(confirmed).compareTo(held.get()) > 0) {
        synchronized (violations) {
          violations.add("G4 PostgreSQL was told " + confirmed + ", durable is " + held.get());
        }
      }
    }
  }

  int samples() {
    return samples.get();
  }

  List<String> violations() {
    synchronized (violations) {
      return List.copyOf(violations);
    }
  }

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
