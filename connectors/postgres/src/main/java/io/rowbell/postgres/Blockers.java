package io.rowbell.postgres;

import io.rowbell.model.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Who holds what a backfill waits for, in words for the log; any role may ask. */
final class Blockers {
  private static final String LOCK =
      """
      SELECT string_agg(DISTINCT coalesce('server process ' || l.pid, 'a prepared transaction'),
                        ', ')
      FROM pg_catalog.pg_locks l
      JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = current_database()
      JOIN pg_catalog.pg_class c ON c.relname = ?
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ?
      LEFT JOIN pg_catalog.pg_inherits part ON part.inhparent = c.oid AND part.inhrelid = l.relation
      WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
        AND (l.relation = c.oid OR part.inhrelid IS NOT NULL)
      """;

  /** The lock is on the lower 32 bits of the number. */
  private static final String TRANSACTION =
      """
      SELECT string_agg(coalesce('server process ' || pid, 'a prepared transaction'), ', ')
      FROM pg_catalog.pg_locks
      WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted
        AND transactionid::text = (CAST(? AS int8) & 4294967295)::text
      """;

  private Blockers() {}

  /** Who keeps a table from being read, or is about to: holds its ACCESS EXCLUSIVE lock. */
  static String ofTable(Connection connection, TableId id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
      statement.setString(1, id.name());
      statement.setString(2, id.schema());
      return found(statement);
    }
  }

  /** Who is in a transaction. */
  static String ofTransaction(Connection connection, long xid) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(TRANSACTION)) {
      statement.setLong(1, xid);
      return found(statement);
    }
  }

  private static String found(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      row.next();
      String found = row.getString(1);
      return found == null ? "somebody who is gone by now" : found;
    }
  }
}
