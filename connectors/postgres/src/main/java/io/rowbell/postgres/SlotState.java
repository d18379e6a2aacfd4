package io.rowbell.postgres;

import io.rowbell.model.Position;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A replication slot as {@code pg_replication_slots} shows it.
 *
 * @param plugin null for a physical slot
 * @param database null for a physical slot
 * @param heldBy who streams from it: process, role, application, address, as far as our role may
 *     see; null if nobody does
 * @param confirmed {@code confirmed_flush_lsn}; null for a physical slot
 * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}
 * @param safeBytes {@code safe_wal_size}: WAL that may still be written before the slot is in
 *     danger; null if there is no limit, or if it is lost
 * @param invalidation why the server gave it up (told since PostgreSQL 17), or null
 * @param failover whether standbys keep it, too; never before PostgreSQL 17
 */
record SlotState(
    @Nullable String plugin,
    @Nullable String database,
    boolean temporary,
    @Nullable String heldBy,
    @Nullable Position confirmed,
    String walStatus,
    @Nullable Long safeBytes,
    @Nullable String invalidation,
    boolean failover) {

  private static final String QUERY =
      """
      SELECT s.plugin, s.database, s.temporary, s.confirmed_flush_lsn::text AS confirmed,
        s.wal_status, s.safe_wal_size, to_jsonb(s) ->> 'invalidation_reason' AS invalidation,
        coalesce((to_jsonb(s) ->> 'failover')::boolean, false) AS failover,
        CASE WHEN s.active THEN
          concat_ws(', ', 'process ' || s.active_pid, 'role ' || a.usename,
                    'application ' || nullif(a.application_name, ''), 'from ' || a.client_addr)
        END AS held_by
      FROM pg_catalog.pg_replication_slots s
      LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = s.active_pid
      WHERE s.slot_name = ?
      """;

  static Optional<SlotState> read(Connection connection, String slot) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setString(1, slot);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        String confirmed = row.getString("confirmed");
        long safe = row.getLong("safe_wal_size");
        Long safeBytes = row.wasNull() ? null : safe;
        return Optional.of(
            new SlotState(
                row.getString("plugin"),
                row.getString("database"),
                row.getBoolean("temporary"),
                row.getString("held_by"),
                confirmed == null ? null : Position.parse(confirmed),
                String.valueOf(row.getString("wal_status")),
                safeBytes,
                row.getString("invalidation"),
                row.getBoolean("failover")));
      }
    }
  }
}
