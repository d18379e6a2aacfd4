package io.rowbell.engine.faults;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The server's processes for an engine: the one that streams, and the one beside it. */
final class Backends {
  private Backends() {}

  /** The process that streams; null if none does. */
  static @Nullable String stream(FaultCase fault) throws SQLException {
    return fault
        .postgres()
        .queryOne(
            fault.database(),
            "SELECT active_pid FROM pg_replication_slots WHERE slot_name = '%s'"
                .formatted(fault.database()));
  }

  static void terminateStream(FaultCase fault) throws SQLException {
    fault
        .postgres()
        .query(
            fault.database(),
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                + " WHERE slot_name = '%s' AND active".formatted(fault.database()));
  }

  /** Ends the session that holds the lock. */
  static void terminateWriter(FaultCase fault) throws SQLException {
    fault
        .postgres()
        .query(
            fault.database(),
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l"
                + " JOIN pg_database d ON d.oid = l.database"
                + " WHERE l.locktype = 'advisory' AND d.datname = '%s'"
                    .formatted(fault.database()));
  }
}
