package io.rowbell.engine.faults;

import io.rowbell.model.Position;
import io.rowbell.testkit.PostgresServer;
import java.sql.SQLException;
import java.util.Objects;

/**
 * The slot of a case, as the server sees it.
 *
 * @param database also the slot's name
 */
record CaseSlot(PostgresServer postgres, String database) {
  /** What PostgreSQL was told. */
  Position confirmed() throws SQLException {
    return Position.parse(ask("SELECT confirmed_flush_lsn" + of()));
  }

  /** Whether somebody reads it. */
  boolean isRead() throws SQLException {
    return ask("SELECT active" + of()).equals("t");
  }

  /** How many bytes of the log the server keeps for it. */
  long retained() throws SQLException {
    return Long.parseLong(
        ask("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint" + of()));
  }

  /** The log's end. */
  Position end() throws SQLException {
    return Position.parse(ask("SELECT pg_current_wal_insert_lsn()"));
  }

  private String ask(String sql) throws SQLException {
    return Objects.requireNonNull(postgres.queryOne(database, sql));
  }

  private String of() {
    return " FROM pg_replication_slots WHERE slot_name = '" + database + "'";
  }

  /** Drops it if it is there. */
  void drop() throws SQLException {
    postgres.query(database, "SELECT pg_drop_replication_slot(slot_name)" + of());
  }
}
