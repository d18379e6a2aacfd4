package io.rowbell.engine.faults;

import io.rowbell.model.Position;
import io.rowbell.spi.JournalException;
import io.rowbell.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Looks again and again whether PostgreSQL was told of more than the journal holds (G4). */
final class SlotSampler implements AutoCloseable {
  private final PostgresServer server;
  private final String database;
  private final Durable durable;
  private final List<String> violations = new ArrayList<>();
  private final AtomicInteger samples = new AtomicInteger();
  private final Sampling sampling;

  /** Asks the journal for its position. */
  @FunctionalInterface
  interface Durable {
    Optional<Position> position() throws JournalException, InterruptedException;
  }

  SlotSampler(PostgresServer server, String database, Durable durable, Duration pause) {
    this.server = server;
    this.database = database;
    this.durable = durable;
    this.sampling =
        Sampling.start(
            "slot-sampler",
            server,
            database,
            pause,
            connection -> {
              if (connection != null) {
                sample(connection);
              }
            });
  }

  /**
   * Looks once now, unless the sampling has ended: best when the engine is dead, as then nothing
   * moves. In Kafka one that was killed within an append leaves a transaction open behind which
   * nobody can read: then this waits until the cluster has given it up, at most as long as {@code
   * timeout} and {@code transaction-timeout}. A case that kills has {@link CaseSettings#IMPATIENT}.
   */
  void look() {
    if (sampling.isClosed()) {
      return;
    }
    try (Connection connection = server.connect(database)) {
      sample(connection);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException | JournalException e) {
      // A server or a broker that is down tells nothing.
    }
  }

  /** First what is confirmed, then what is durable: in between, only the latter can grow. */
  private void sample(Connection connection)
      throws SQLException, JournalException, InterruptedException {
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

  /** What was wrong so far; a look that failed, too. */
  List<String> violations() {
    List<String> all = new ArrayList<>(sampling.failures());
    synchronized (violations) {
      all.addAll(violations);
    }
    return all;
  }

  @Override
  public void close() {
    sampling.close();
  }
}
