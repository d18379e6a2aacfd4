package io.rowbell.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Which events may go: those that every cursor has passed, once they are old enough or their room
 * is needed.
 *
 * <p>How old events are is known from marks: every event before {@code seq} was appended before
 * {@code time}. So an event stays a little longer than it must, by the time between two marks.
 */
final class Retention {
  /** How many events go in one step: a few milliseconds of work. */
  private static final int STEP = 500;

  private static final long LONGEST_BETWEEN_MARKS = 60_000_000;

  /** Ten thousand years: what is longer is the same, and cannot overflow. */
  private static final long FOR_EVER_SECONDS = 315_576_000_000L;

  private final long keep;
  private final long betweenMarks;
  private long lastMark;
  private long lastMarked;

  Retention(Connection connection, Duration keep) throws SQLException {
    this.keep =
        Math.min(keep.toSeconds(), FOR_EVER_SECONDS) * 1_000_000 + keep.toNanosPart() / 1_000;
    betweenMarks = Math.min(LONGEST_BETWEEN_MARKS, this.keep / 10);
    lastMark = Schema.number(connection, "SELECT max(time) FROM mark");
    lastMarked = Schema.number(connection, "SELECT max(seq) FROM mark");
  }

  /** Whether events were appended since the last mark, and it is time for another. */
  boolean markIsDue(long next, long now) {
    return next > Math.max(1, lastMarked) && (now - lastMark >= betweenMarks || now < lastMark);
  }

  /**
   * Notes how far the journal is now, within the caller's transaction; {@link #marked} after that.
   *
   * @param next the number of the first event that is not appended yet
   * @param now in microseconds
   */
  static void mark(Connection connection, long next, long now) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO mark (seq, time) VALUES (?, ?)")) {
      insert.setLong(1, next);
      insert.setLong(2, now);
      insert.executeUpdate();
    }
  }

  void marked(long next, long now) {
    lastMarked = next;
    lastMark = now;
  }

  /** The first event that may be younger than the time to keep. */
  long firstYoung(Connection connection, long now) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT max(seq) FROM mark WHERE time <= ?")) {
      select.setLong(1, now - keep);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  /**
   * Deletes some of the oldest events, within the caller's transaction.
   *
   * @param oldest the oldest event there is
   * @param before the first event that must stay, after {@code oldest}
   * @return the oldest event that is left
   */
  static long deleteSome(Connection connection, long oldest, long before) throws SQLException {
    long left = Math.min(before, oldest + STEP);
    delete(connection, left);
    return left;
  }

  /**
   * Deletes the oldest events, within the caller's transaction.
   *
   * @param before the first event that stays
   */
  static void delete(Connection connection, long before) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM event WHERE seq < ?")) {
      delete.setLong(1, before);
      delete.executeUpdate();
    }
    try (PreparedStatement delete =
        connection.prepareStatement(
            "DELETE FROM mark WHERE seq < (SELECT max(seq) FROM mark WHERE seq <= ?)")) {
      delete.setLong(1, before);
      delete.executeUpdate();
    }
  }
}
