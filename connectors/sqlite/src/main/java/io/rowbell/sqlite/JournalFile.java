package io.rowbell.sqlite;

import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalException.Kind;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteConfig.TempStore;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/**
 * A journal's file: how connections to it are opened, and what its failures mean.
 *
 * <p>Nothing here, or anywhere in this module, may open the file by itself while SQLite has it
 * open: closing it would drop SQLite's locks, as POSIX has it.
 */
record JournalFile(Path path) {
  private static final int BUSY_TIMEOUT_MILLIS = 10_000;

  /** What SQLite's log is cut back to after it was larger. */
  private static final int LOG_SIZE = 64 << 20;

  /**
   * Makes the file, readable for its owner only, and its directory, if there are none.
   *
   * @throws JournalException FATAL if that is not possible
   */
  void make() throws JournalException {
    try {
      Path directory = path.getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      if (!Files.exists(path)) {
        Files.createFile(path, ownerOnly());
      }
    } catch (FileAlreadyExistsException e) {
      if (!Files.exists(path)) {
        throw new JournalException(
            Kind.FATAL,
            path + " cannot be made: " + e.getFile() + " is no directory; choose another file",
            e);
      }
    } catch (IOException e) {
      throw new JournalException(
          Kind.FATAL,
          path
              + " cannot be made ("
              + e
              + "); give the engine the right to, or choose another file",
          e);
    }
    if (!Files.isRegularFile(path)) {
      throw new JournalException(
          Kind.FATAL, path + " is no file; choose another with journal.sqlite.file", null);
    }
    if (!Files.isWritable(path) || !Files.isWritable(parent())) {
      throw new JournalException(
          Kind.FATAL,
          path
              + " and its directory must be writable: SQLite keeps its log beside the file; give the"
              + " engine the right to write there, or choose another file",
          null);
    }
  }

  /** Tells this file from one that is put in its place; null where the file system cannot. */
  @Nullable Object identity() throws JournalException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      throw new JournalException(Kind.FATAL, path + " is not there any more: " + e, e);
    }
  }

  private Path parent() {
    Path directory = path.getParent();
    return directory == null ? Path.of("") : directory;
  }

  private static FileAttribute<?>[] ownerOnly() {
    if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      return new FileAttribute<?>[0];
    }
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    };
  }

  /**
   * A connection for writing.
   *
   * @param synchronous whether a commit waits for the disk
   * @param pageSize of a file that is empty as yet
   */
  WritingConnection openForWriting(SynchronousMode synchronous, int pageSize) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    config.setPageSize(pageSize);
    config.setJournalMode(JournalMode.WAL);
    config.setSynchronous(synchronous);
    config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
    config.setTempStore(TempStore.MEMORY);
    config.setJournalSizeLimit(LOG_SIZE);
    Connection connection = config.createConnection(url());
    try {
      return new WritingConnection(connection);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** A connection for reading, that never makes a file. */
  Connection openForReading() throws SQLException, JournalException {
    if (!Files.exists(path)) {
      throw new JournalException(
          Kind.FATAL, path + " does not exist: there is no journal until the engine has run", null);
    }
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
    boolean writable = Files.isWritable(path) && Files.isWritable(parent());
    if (writable) {
      // Opened for reading only, the last one to close would leave SQLite's log behind.
      config.resetOpenMode(SQLiteOpenMode.CREATE);
    } else {
      config.setReadOnly(true);
    }
    Connection connection = config.createConnection(url());
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA query_only = true");
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private String url() {
    return "jdbc:sqlite:" + path;
  }

  /** What a failure means, in words for people. */
  JournalException explain(String doing, SQLException e) {
    SQLiteErrorCode code =
        e instanceof SQLiteException sqlite
            ? sqlite.getResultCode()
            : SQLiteErrorCode.UNKNOWN_ERROR;
    // The low byte of an extended code is the primary one.
    return switch (SQLiteErrorCode.getErrorCode(code.code & 0xFF)) {
      case SQLITE_FULL ->
          new JournalException(
              Kind.FULL, path + ": no room while " + doing + "; make room on the disk", e);
      case SQLITE_CORRUPT ->
          new JournalException(
              Kind.FATAL,
              path
                  + " is damaged (found while "
                  + doing
                  + "); restore it with its -wal file from a copy, or move it away and start anew"
                  + " from the slot's position",
              e);
      case SQLITE_NOTADB ->
          new JournalException(
              Kind.FATAL, path + " is no SQLite file; choose another with journal.sqlite.file", e);
      case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH ->
          new JournalException(
              Kind.FATAL,
              path
                  + " cannot be "
                  + (code == SQLiteErrorCode.SQLITE_CANTOPEN ? "opened" : "written")
                  + " while "
                  + doing
                  + " ("
                  + e.getMessage()
                  + "); give the engine the right to read and write it and its directory",
              e);
      case SQLITE_BUSY, SQLITE_LOCKED ->
          new JournalException(
              Kind.UNAVAILABLE,
              path
                  + " was locked for "
                  + BUSY_TIMEOUT_MILLIS / 1_000
                  + " s by another program while "
                  + doing
                  + "; end its transaction (a sqlite3 shell that was left open?)",
              e);
      case SQLITE_IOERR ->
          new JournalException(
              Kind.UNAVAILABLE,
              path + " could not be read or written while " + doing + ": " + e.getMessage(),
              e);
      default ->
          new JournalException(
              Kind.FATAL, path + ": SQLite failed while " + doing + ": " + e.getMessage(), e);
    };
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
