package io.rowbell.sqlite;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A connection whose transactions are begun and ended here, not by the driver: SQLite ends one by
 * itself when there is no room, and the driver, which does not notice, would then commit statement
 * by statement.
 *
 * <p>After a failure, statements that were prepared must be prepared anew: the driver closes them.
 */
final class WritingConnection implements AutoCloseable {
  private final Connection connection;
  private final Statement control;

  /**
   * @param connection in autocommit mode; closed with this
   */
  WritingConnection(Connection connection) throws SQLException {
    this.connection = connection;
    control = connection.createStatement();
  }

  /** For statements within a transaction, and for reading outside of one. */
  Connection sql() {
    return connection;
  }

  /** What is done in one transaction. */
  @FunctionalInterface
  interface Work {
    void run(Connection connection) throws SQLException;
  }

  /**
   * Does it in one transaction.
   *
   * @throws SQLException if it failed, and nothing came of it
   * @throws UnknownOutcomeException if it failed, and that is not known
   */
  void transact(Work work) throws SQLException, UnknownOutcomeException {
    control.execute("BEGIN IMMEDIATE");
    try {
      work.run(connection);
      control.execute("COMMIT");
    } catch (SQLException | RuntimeException e) {
      rollBack(e);
      throw e;
    }
  }

  private void rollBack(Exception cause) throws UnknownOutcomeException {
    try {
      try {
        control.execute("ROLLBACK");
      } catch (SQLException ended) {
        // Either SQLite has rolled back already: then another can begin. Or nothing can be done.
        control.execute("BEGIN");
        control.execute("ROLLBACK");
      }
    } catch (SQLException e) {
      cause.addSuppressed(e);
      throw new UnknownOutcomeException(cause);
    }
  }

  /** The transaction could be neither committed nor rolled back. */
  static final class UnknownOutcomeException extends Exception {
    private static final long serialVersionUID = 1L;

    UnknownOutcomeException(Exception cause) {
      super(cause);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
