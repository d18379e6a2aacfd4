package io.rowbell.postgres;

import io.rowbell.model.DatabaseId;
import io.rowbell.model.Position;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * What the server is, and what our role may do there. A plain LOGIN REPLICATION role may read all
 * of it: {@code pg_control_system()} is granted to everyone (seen on 14 and 18).
 *
 * @param version {@code server_version_num}, for example 180004
 * @param flushed the end of the durable log; null on a standby
 * @param timeline the timeline that is written now; 0 on a standby
 * @param standbys whether there are physical slots, which standbys receive the log through
 * @param keepBytes {@code max_slot_wal_keep_size}; negative for no limit
 */
record ServerState(
    DatabaseId database,
    String role,
    int version,
    String versionText,
    String walLevel,
    int maxSlots,
    int slots,
    int maxSenders,
    int senders,
    boolean standbys,
    String encoding,
    boolean mayReplicate,
    boolean mayWriteMarkers,
    @Nullable Position flushed,
    long timeline,
    long keepBytes) {

  private static final String QUERY =
      """
      SELECT (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) AS system,
        current_database() AS database, current_user AS role,
        current_setting('server_version_num')::int AS version,
        current_setting('server_version') AS version_text,
        current_setting('wal_level') AS wal_level,
        current_setting('max_replication_slots')::int AS max_slots,
        (SELECT count(*)::int FROM pg_catalog.pg_replication_slots) AS slots,
        current_setting('max_wal_senders')::int AS max_senders,
        (SELECT count(*)::int FROM pg_catalog.pg_stat_replication) AS senders,
        EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_type = 'physical')
          AS standbys,
        current_setting('server_encoding') AS encoding,
        (SELECT rolsuper OR rolreplication FROM pg_catalog.pg_roles WHERE rolname = current_user)
          OR EXISTS (SELECT FROM pg_catalog.pg_roles r
                     WHERE r.rolname = 'rds_replication' AND pg_has_role(r.oid, 'MEMBER'))
          AS may_replicate,
        (SELECT bool_and(has_function_privilege(p.oid, 'EXECUTE')) FROM pg_catalog.pg_proc p
         WHERE p.proname = 'pg_logical_emit_message'
               AND p.pronamespace = 'pg_catalog'::regnamespace
               AND p.proargtypes[2] = 'text'::regtype) AS may_write_markers,
        CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_flush_lsn()::text END AS flushed,
        CASE WHEN NOT pg_is_in_recovery()
             THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint
             ELSE 0 END AS timeline,
        pg_size_bytes(current_setting('max_slot_wal_keep_size', true)) AS keep_bytes
      """;

  static ServerState read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(QUERY)) {
      row.next();
      String flushed = row.getString("flushed");
      return new ServerState(
          new DatabaseId(row.getString("system"), row.getString("database")),
          row.getString("role"),
          row.getInt("version"),
          row.getString("version_text"),
          row.getString("wal_level"),
          row.getInt("max_slots"),
          row.getInt("slots"),
          row.getInt("max_senders"),
          row.getInt("senders"),
          row.getBoolean("standbys"),
          row.getString("encoding"),
          row.getBoolean("may_replicate"),
          row.getBoolean("may_write_markers"),
          flushed == null ? null : Position.parse(flushed),
          row.getLong("timeline"),
          row.getLong("keep_bytes"));
    }
  }

  boolean standby() {
    return flushed == null;
  }

  /** Whether the major version is at least this. */
  boolean since(int major) {
    return version >= major * 10_000;
  }
}
