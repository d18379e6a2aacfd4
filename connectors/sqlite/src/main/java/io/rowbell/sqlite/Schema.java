package io.rowbell.sqlite;

import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalException.Kind;
import io.rowbell.sqlite.WritingConnection.UnknownOutcomeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Whether a file is a journal, of which version, and whose. */
final class Schema {
  /** {@code PRAGMA user_version}. */
  static final int VERSION = 2;

  /** {@code PRAGMA application_id}: "RwBl". */
  static final int APPLICATION = 0x5277426C;

  private Schema() {}

  /**
   * Makes the tables in an empty file, or finds them there.
   *
   * @throws JournalException FATAL if the file is something else, or newer, or another pipeline's;
   *     UNAVAILABLE if it is not known whether they were made
   */
  static void makeOrVerify(WritingConnection writing, JournalFile file, String pipeline)
      throws SQLException, JournalException {
    Connection connection = writing.sql();
    if (isEmpty(connection)) {
      transact(writing, file, empty -> make(empty, pipeline));
    }
    verify(connection, file);
    verifyOwner(connection, file, pipeline);
    if (number(connection, "PRAGMA user_version") == 1) {
      transact(writing, file, Schema::takeOverVersionOne);
    }
  }

  private static void transact(
      WritingConnection writing, JournalFile file, WritingConnection.Work work)
      throws SQLException, JournalException {
    try {
      writing.transact(work);
    } catch (UnknownOutcomeException e) {
      throw new JournalException(
          Kind.UNAVAILABLE, file + " could not be made: " + e.getMessage(), e);
    }
  }

  private static void takeOverVersionOne(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(resource("schema-1-to-2.sql"));
      statement.executeUpdate("PRAGMA user_version = " + VERSION);
    }
  }

  /** Whether a file is new: of no program yet. */
  static boolean isEmpty(Connection connection) throws SQLException {
    return number(connection, "PRAGMA application_id") == 0
        && number(connection, "SELECT count(*) FROM sqlite_master") == 0;
  }

  /**
   * Finds out whose it is.
   *
   * @throws JournalException FATAL if it is another pipeline's
   */
  static void verifyOwner(Connection connection, JournalFile file, String pipeline)
      throws SQLException, JournalException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pipeline FROM journal")) {
      if (!row.next()) {
        throw new JournalException(
            Kind.FATAL, file + " is damaged: it does not say whose it is; restore it", null);
      }
      String owner = row.getString(1);
      if (!owner.equals(pipeline)) {
        throw new JournalException(
            Kind.FATAL,
            file
                + " is the journal of the pipeline '"
                + owner
                + "', and this one is '"
                + pipeline
                + "'; give each a file of its own with journal.sqlite.file",
            null);
      }
    }
  }

  private static void make(Connection connection, String pipeline) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(resource("schema.sql"));
      statement.executeUpdate("PRAGMA application_id = " + APPLICATION);
      statement.executeUpdate("PRAGMA user_version = " + VERSION);
    }
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO journal (one, pipeline) VALUES (1, ?)")) {
      insert.setString(1, pipeline);
      insert.executeUpdate();
    }
  }

  /**
   * Finds the tables.
   *
   * @throws JournalException FATAL if the file is something else, or newer
   */
  static void verify(Connection connection, JournalFile file)
      throws SQLException, JournalException {
    if (number(connection, "PRAGMA application_id") != APPLICATION) {
      boolean empty = number(connection, "SELECT count(*) FROM sqlite_master") == 0;
      throw new JournalException(
          Kind.FATAL,
          empty
              ? file + " is empty: there is no journal until the engine has run"
              : file + " is a database of another program; choose another with journal.sqlite.file",
          null);
    }
    long version = number(connection, "PRAGMA user_version");
    if (version > VERSION) {
      throw new JournalException(
          Kind.FATAL,
          file
              + " was written by a newer Rowbell (its version is "
              + version
              + ", this one reads "
              + VERSION
              + "); run that one, or start anew with another file",
          null);
    }
  }

  /**
   * Finds the tables as this version makes them.
   *
   * @throws JournalException FATAL if the file is something else, or newer, or older
   */
  static void verifyCurrent(Connection connection, JournalFile file)
      throws SQLException, JournalException {
    verify(connection, file);
    if (number(connection, "PRAGMA user_version") < VERSION) {
      throw new JournalException(
          Kind.FATAL,
          file + " was written by an older Rowbell: run this one with it once, then ask again",
          null);
    }
  }

  static long number(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  private static String resource(String name) {
    try (InputStream resource = Schema.class.getResourceAsStream(name)) {
      if (resource == null) {
        throw new IllegalStateException(name + " is missing from the jar");
      }
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
