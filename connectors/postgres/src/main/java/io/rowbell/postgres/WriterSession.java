package io.rowbell.postgres;

import io.rowbell.model.DatabaseId;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.nio.charset.Charset;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Encoding;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SQL session beside a stream. While it lives it holds the advisory lock that makes us the one
 * writer of this slot's journal; it asks the catalog and writes markers. Used by one thread.
 */
final class WriterSession implements AutoCloseable {
  private static final int FLUSHING_MESSAGES_SINCE = 170_000;

  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private static final int ANSWERS_WITHIN_SECONDS = 5;

  private static final Logger LOG = LoggerFactory.getLogger(WriterSession.class);

  private final Connection connection;
  private final String slot;
  private final boolean messagesCanFlush;
  private final Backend backend;

  private WriterSession(Connection connection, String slot) throws SQLException {
    this.connection = connection;
    this.slot = slot;
    this.messagesCanFlush =
        connection.unwrap(BaseConnection.class).haveMinimumServerVersion(FLUSHING_MESSAGES_SINCE);
    this.backend = backend(connection);
  }

  /**
   * A session on the server.
   *
   * @param pid its process
   * @param start when that began, as the server prints it
   */
  record Backend(int pid, String start) {}

  /**
   * Connects, without the lock.
   *
   * @throws SourceException UNREACHABLE if the server is
   */
  static WriterSession connect(SqlConnections connections, String slot) throws SourceException {
    Connection connection = connections.open();
    try {
      WriterSession session = new WriterSession(connection, slot);
      try (Statement statement = connection.createStatement()) {
        // A marker must not wait for a standby; what it marks is local.
        statement.execute("SET synchronous_commit = local");
      }
      return session;
    } catch (SQLException | RuntimeException e) {
      try {
        connection.close();
      } catch (SQLException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e instanceof SQLException failure
          ? SqlErrors.whileAsking("preparing the SQL session", failure)
          : new SourceException(Kind.FAILED, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Connects and takes the lock.
   *
   * @param previous this process's last session, if it had one: ended first, as the server may not
   *     know yet that it is lost
   * @param patience how long to wait for the lock
   * @throws SourceException UNREACHABLE if the server is, or if another process has the lock
   */
  static WriterSession open(
      SqlConnections connections, String slot, @Nullable Backend previous, Duration patience)
      throws SourceException {
    WriterSession session = connect(connections, slot);
    try {
      if (previous != null) {
        session.end(previous);
      }
      session.lock(patience);
      return session;
    } catch (SQLException e) {
      session.drop();
      throw SqlErrors.whileAsking("preparing the SQL session", e);
    } catch (SourceException | RuntimeException e) {
      session.drop();
      throw e;
    }
  }

  private void lock(Duration patience) throws SQLException, SourceException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET lock_timeout = " + Math.max(1, patience.toMillis()));
    }
    try {
      SlotLock.take(connection, slot);
    } catch (SQLException e) {
      if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        throw e;
      }
      throw new SourceException(
          Kind.UNREACHABLE,
          "another process follows slot '"
              + slot
              + "' (it holds the advisory lock): stop it, or give this pipeline another slot",
          new SQLException("advisory lock not available", SqlErrors.IN_USE));
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET lock_timeout = 0");
    }
  }

  /** Takes the lock if nobody has it. */
  boolean tryLock() throws SQLException {
    return SlotLock.tryTake(connection, slot);
  }

  Connection connection() {
    return connection;
  }

  /** This session, by which another one can end it. */
  Backend backend() {
    return backend;
  }

  private static Backend backend(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT pid, backend_start::text FROM pg_catalog.pg_stat_activity"
                    + " WHERE pid = pg_backend_pid()")) {
      row.next();
      return new Backend(row.getInt(1), row.getString(2));
    }
  }

  /** Whether the server answers on it; which it takes for a sign of our life in turn. */
  boolean isAlive() {
    try {
      return connection.isValid(ANSWERS_WITHIN_SECONDS);
    } catch (SQLException e) {
      // What is lost is answered with false.
      throw new IllegalStateException("the driver does not say whether a connection lives", e);
    }
  }

  /** Ends another session of our role, if it still is that one. */
  void end(Backend backend) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
                + " WHERE pid = ? AND backend_start::text = ?")) {
      statement.setInt(1, backend.pid());
      statement.setString(2, backend.start());
      statement.execute();
    }
  }

  /**
   * Ends the server's process that streams from our slot for a client of ours. We have the lock, so
   * that client is gone or was cut off; the server would find out when its time-out is over.
   */
  void endStream(int pid) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_terminate_backend(?)")) {
      statement.setInt(1, pid);
      statement.execute();
    }
  }

  /** Which database this is. */
  static DatabaseId database(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT system_identifier::text, current_database() FROM pg_control_system()")) {
      row.next();
      return new DatabaseId(row.getString(1), row.getString(2));
    }
  }

  /** The slot; empty if there is none. */
  Optional<SlotProgress> slot() throws SQLException {
    return SlotProgress.read(connection, slot);
  }

  /** What the bytes of a logical message mean: they are not converted on their way. */
  Charset serverCharset() throws SQLException {
    return charset(connection);
  }

  /** In which encoding the server's database keeps text. */
  static Charset charset(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW server_encoding")) {
      row.next();
      return Charset.forName(Encoding.getDatabaseEncoding(row.getString(1)).name());
    }
  }

  /**
   * Writes a message of our own; when this returns it is in the log and flushed.
   *
   * @return the server's time before that
   */
  Instant write(OwnMessage message) throws SQLException {
    // Without a flush it could take seconds on an idle server until the walsender may see it;
    // before
    // version 17 only a commit flushes.
    String call =
        messagesCanFlush
            ? "SELECT clock_timestamp(), pg_logical_emit_message(false, ?, ?, true)"
            : "SELECT clock_timestamp(), pg_logical_emit_message(true, ?, ?)";
    try (PreparedStatement statement = connection.prepareStatement(call)) {
      statement.setString(1, OwnMessage.PREFIX);
      statement.setString(2, message.content());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getObject(1, OffsetDateTime.class).toInstant();
      }
    }
  }

  /** Closes it whatever happens; the server notices by itself when a session is gone. */
  void drop() {
    try {
      close();
    } catch (SQLException e) {
      LOG.debug("closing an SQL session failed", e);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
