package io.rowbell.postgres;

import io.rowbell.model.Requirements;
import io.rowbell.postgres.RunningSource.MemoryJournal;
import io.rowbell.testkit.PostgresServer;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** A database with a publication of all its tables and a slot, and a journal for what comes. */
final class Followed {
  final PostgresServer server;
  final String name;
  final MemoryJournal journal = new MemoryJournal();
  private final String slot;
  PostgresSettings settings;

  Followed(PostgresServer server, String name) throws SQLException {
    this(server, name, "create publication rowbell for all tables");
  }

  Followed(PostgresServer server, String name, String publication) throws SQLException {
    this.server = server;
    this.name = server.createDatabase(name);
    this.settings = RunningSource.settings(server, name);
    this.slot = "slot_" + name; // slots are the server's, so each database names its own
    sql(publication);
    sql("select pg_create_logical_replication_slot('" + slot() + "', 'pgoutput')");
  }

  private Followed(Followed other, String slot) {
    this.server = other.server;
    this.name = other.name;
    this.settings = other.settings;
    this.slot = slot;
  }

  /** The same database by another slot, with a journal of its own. */
  Followed withSlot(String other) {
    return new Followed(this, other);
  }

  String slot() {
    return slot;
  }

  void sql(String sql) throws SQLException {
    server.execute(name, sql);
  }

  /** All of it in one transaction. */
  void transaction(String sql) throws SQLException {
    sql("begin;" + sql + ";commit");
  }

  /** COPY, whose rows share an LSN. */
  void copy(Connection connection, String into, String rows) throws SQLException, IOException {
    connection
        .unwrap(PGConnection.class)
        .getCopyAPI()
        .copyIn("copy " + into + " from stdin", new StringReader(rows));
  }

  @Nullable String one(String query) throws SQLException {
    return server.queryOne(name, query);
  }

  /** Up to where the server was told that all is done. */
  @Nullable String confirmed() throws SQLException {
    return one(
        "select confirmed_flush_lsn from pg_replication_slots where slot_name = '" + slot() + "'");
  }

  /**
   * How many bytes of log are not confirmed yet. A writer who waits for it stays within reach of a
   * reader: a fast machine would otherwise write more than can be read back in a test's time.
   */
  long ahead(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select coalesce(max(pg_current_wal_lsn() - confirmed_flush_lsn), 0)"
                    + " from pg_replication_slots where slot_name = '"
                    + slot()
                    + "'")) {
      row.next();
      return row.getLong(1);
    } finally {
      connection.rollback();
    }
  }

  /** The slot's position, or nothing if there is no slot. */
  List<List<@Nullable String>> confirmedOrNone() throws SQLException {
    return server.query(
        name,
        "select confirmed_flush_lsn from pg_replication_slots where slot_name = '" + slot() + "'");
  }

  RunningSource follow(String... tables) throws Exception {
    return follow(RunningSource.tables(tables));
  }

  RunningSource follow(Requirements requirements) throws Exception {
    return new RunningSource(RunningSource.source(settings, slot()), requirements, journal);
  }

  /** Follows until so many changes have come since the journal was new. */
  List<String> changes(int count, String... tables) throws Exception {
    try (RunningSource running = follow(tables)) {
      List<String> changes = running.await(count);
      running.stop();
      return changes;
    }
  }
}
