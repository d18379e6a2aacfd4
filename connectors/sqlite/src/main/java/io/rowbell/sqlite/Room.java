package io.rowbell.sqlite;

import io.rowbell.spi.ByteSize;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * How large the journal may grow. A part of it is no append's: dead letters and cursors, which make
 * room, need some themselves.
 */
final class Room {
  private static final long RESERVED_PART = 8;
  private static final long LARGEST_RESERVE = 64 << 20;

  private final JournalFile file;
  private final ByteSize maxSize;

  Room(JournalFile file, ByteSize maxSize) {
    this.file = file;
    this.maxSize = maxSize;
  }

  /** Lets SQLite refuse what goes beyond. */
  void limit(Connection connection) throws SQLException {
    long pageSize = Schema.number(connection, "PRAGMA page_size");
    Schema.number(connection, "PRAGMA max_page_count = " + maxSize.bytes() / pageSize);
  }

  /** How many pages hold something, as the transaction at hand sees it. */
  static long pagesInUse(Connection connection) throws SQLException {
    return Schema.number(connection, "PRAGMA page_count")
        - Schema.number(connection, "PRAGMA freelist_count");
  }

  /**
   * To be asked within an append's transaction, when everything is written. An append that takes no
   * page, as one that only moves the position or forgets something, may be made when the reserve is
   * touched too.
   *
   * @param before how many pages were in use when the transaction began
   * @throws SQLException SQLITE_FULL if it took pages, and only the reserve had some left
   */
  void refuseTheReserve(Connection connection, long before) throws SQLException {
    long pages = pagesInUse(connection);
    long reserve = Math.min(LARGEST_RESERVE, maxSize.bytes() / RESERVED_PART);
    if (pages > before
        && pages * Schema.number(connection, "PRAGMA page_size") > maxSize.bytes() - reserve) {
      throw new SQLiteException("only the reserve is left", SQLiteErrorCode.SQLITE_FULL);
    }
  }

  /** The journal is full, and no subscriber is why. */
  JournalException full() {
    return full(
        "make room on the disk, or raise journal.sqlite.max-size; if dead letters fill it, look at"
            + " them with rowbell dead-letters list, and retry or drop them");
  }

  /**
   * The journal is full of events that a subscriber has not passed.
   *
   * @param lag how many
   */
  JournalException full(String subscriber, long lag) {
    return full(
        "the subscriber '"
            + subscriber
            + "' has "
            + lag
            + " events before it: mend it or, if it is paused, resume it (rowbell subscribers"
            + " resume "
            + subscriber
            + "), or let it do without them (rowbell subscribers skip "
            + subscriber
            + " --to latest), or make room on the disk, or raise journal.sqlite.max-size; if it is"
            + " gone for good, take it out of the configuration and forget it (rowbell subscribers"
            + " forget "
            + subscriber
            + ")");
  }

  private JournalException full(String cure) {
    return new JournalException(
        Kind.FULL,
        file
            + " is full: it has reached its max-size of "
            + maxSize
            + ", or its disk has no room left; "
            + cure,
        null);
  }

  /** How many bytes it may take. */
  long limit() {
    return maxSize.bytes();
  }

  /** How many bytes it takes on the disk. */
  long used() {
    return size(file.path()) + size(Path.of(file + "-wal"));
  }

  private static long size(Path path) {
    try {
      return Files.size(path);
    } catch (NoSuchFileException absent) {
      return 0;
    } catch (IOException e) {
      return -1;
    }
  }
}
