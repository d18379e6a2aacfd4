package io.rowbell.engine.faults;

import io.rowbell.engine.faults.Movement.Slot;
import io.rowbell.model.Position;
import io.rowbell.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Asks a case's engines whether they are ready, then the server how far they are (G6, G7). */
final class MovementSampler implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final String database;
  private final FaultClock clock;
  private final Movement movement = new Movement();
  private final List<EngineProcess> engines = new CopyOnWriteArrayList<>();
  private final Sampling sampling;

  MovementSampler(PostgresServer server, String database, FaultClock clock) {
    this.database = database;
    this.clock = clock;
    this.sampling = Sampling.start("movement-sampler", server, database, PAUSE, this::look);
  }

  /** From now on this one is asked, too. */
  void watch(EngineProcess engine) {
    engines.add(engine);
  }

  Movement movement() {
    return movement;
  }

  /** What was wrong so far; a look that failed, too. */
  List<String> violations() {
    List<String> all = new ArrayList<>(sampling.failures());
    all.addAll(movement.violations());
    return all;
  }

  private void look(@Nullable Connection connection) throws SQLException {
    long asked = System.nanoTime();
    List<EngineProcess> running = engines.stream().filter(EngineProcess::running).toList();
    boolean ready = running.stream().filter(EngineProcess::ready).count() > 0;
    SQLException lost = null;
    Slot slot = null;
    try {
      slot = connection == null ? null : slot(connection);
    } catch (SQLException e) {
      lost = e;
    }
    movement.look(asked, System.nanoTime(), !running.isEmpty(), ready, slot, clock.soundSince());
    if (lost != null) {
      throw lost;
    }
  }

  private @Nullable Slot slot(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT confirmed_flush_lsn, coalesce(active_pid, 0), pg_current_wal_insert_lsn()
                FROM pg_replication_slots
                WHERE slot_name = '%s' AND confirmed_flush_lsn IS NOT NULL
                """
                    .formatted(database))) {
      return row.next()
          ? new Slot(
              Position.parse(row.getString(1)), row.getInt(2), Position.parse(row.getString(3)))
          : null;
    }
  }

  @Override
  public void close() {
    sampling.close();
  }
}
