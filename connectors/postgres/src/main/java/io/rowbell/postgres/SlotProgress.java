package io.rowbell.postgres;

import io.rowbell.model.Position;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the server says of our slot, and how far it has written.
 *
 * @param confirmed up to where it was told that all is done; null if the slot is not ready
 * @param activePid the process that streams from it, or 0
 * @param activeIsOurs whether that process serves our role under our application's name
 * @param retainedBytes WAL that is kept for it
 * @param safeBytes WAL that may be written before it is given up, or -1 if unlimited
 * @param serverEnd up to where the server has written
 * @param lost whether the server has given it up
 */
record SlotProgress(
    @Nullable Position confirmed,
    int activePid,
    boolean activeIsOurs,
    long retainedBytes,
    long safeBytes,
    Position serverEnd,
    boolean lost) {
  private static final String QUERY =
      """
      SELECT s.confirmed_flush_lsn::text, coalesce(s.active_pid, 0),
             coalesce(a.usename = current_user
                      AND a.application_name = current_setting('application_name'), false),
             coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn), -1)::int8,
             coalesce(s.safe_wal_size, -1), pg_current_wal_flush_lsn()::text,
             s.wal_status = 'lost'
      FROM pg_catalog.pg_replication_slots s
      LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = s.active_pid
      WHERE s.slot_name = ?
      """;

  /** Empty if there is no such slot. */
  static Optional<SlotProgress> read(Connection connection, String slot) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setString(1, slot);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        String confirmed = row.getString(1);
        return Optional.of(
            new SlotProgress(
                confirmed == null ? null : Position.parse(confirmed),
                row.getInt(2),
                row.getBoolean(3),
                row.getLong(4),
                row.getLong(5),
                Position.parse(row.getString(6)),
                row.getBoolean(7)));
      }
    }
  }
}
