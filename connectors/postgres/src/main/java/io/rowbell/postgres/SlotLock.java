package io.rowbell.postgres;

import io.rowbell.postgres.WriterSession.Backend;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The advisory lock of a slot: who holds it is the one writer of its journal. A session's lock goes
 * with the session.
 */
final class SlotLock {
  private static final String KEY = "hashtextextended('rowbell slot ' || ?, 0)";

  private static final String HOLDER =
      "SELECT a.pid, a.backend_start::text, a.usename IS NOT DISTINCT FROM current_user,"
          + " a.client_addr::text, extract(epoch FROM clock_timestamp() - a.state_change)"
          + " FROM (SELECT "
          + KEY
          + " AS key) AS k, pg_catalog.pg_locks AS l"
          + " JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid"
          + " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
          + " AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
          + " AND l.classid = ((k.key >> 32) & 4294967295)::oid"
          + " AND l.objid = (k.key & 4294967295)::oid";

  private SlotLock() {}

  /**
   * Who holds the lock.
   *
   * @param backend its session on the server
   * @param ours whether it serves our role, so that we may end it and see what it does
   * @param address where it comes from; null for a socket of the server's machine
   * @param silence since it last asked or answered anything; null if that is not shown to us
   */
  record Holder(
      Backend backend, boolean ours, @Nullable String address, @Nullable Duration silence) {
    /** For messages. */
    String describe() {
      return "the one at "
          + (address == null ? "the server's own machine" : address)
          + " (server process "
          + backend.pid()
          + ")";
    }
  }

  /**
   * Takes the lock, waiting as long as the session's {@code lock_timeout} allows.
   *
   * @throws SQLException also if that time is over
   */
  static void take(Connection connection, String slot) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_advisory_lock(" + KEY + ")")) {
      statement.setString(1, slot);
      statement.execute();
    }
  }

  /** Takes the lock if nobody has it. */
  static boolean tryTake(Connection connection, String slot) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_try_advisory_lock(" + KEY + ")")) {
      statement.setString(1, slot);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  /** Who holds it; empty if nobody does. */
  static Optional<Holder> holder(Connection connection, String slot) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(HOLDER)) {
      statement.setString(1, slot);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        double seconds = row.getDouble(5);
        Duration silence = row.wasNull() ? null : Duration.ofMillis(Math.round(seconds * 1000));
        return Optional.of(
            new Holder(
                new Backend(row.getInt(1), row.getString(2)),
                row.getBoolean(3),
                row.getString(4),
                silence));
      }
    }
  }
}
