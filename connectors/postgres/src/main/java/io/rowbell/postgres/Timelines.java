package io.rowbell.postgres;

import io.rowbell.model.Position;
import io.rowbell.spi.SourceException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The server's timelines: every promotion of a standby begins a new one. A journal that says on
 * which one it was written can tell whether its position lies in this server's past.
 *
 * <p>SQL shows a plain role only the current timeline. The history comes by the replication command
 * {@code TIMELINE_HISTORY}, for which REPLICATION is enough.
 */
final class Timelines {
  /** The name under which the journal keeps the timeline that its position belongs to. */
  static final String STATE = "postgres/timeline";

  private Timelines() {}

  /** The form in which the journal keeps a timeline. */
  static byte[] bytes(long timeline) {
    return Long.toString(timeline).getBytes(StandardCharsets.US_ASCII);
  }

  /** The timeline that the journal was last written on; empty if it does not say. */
  static OptionalLong recorded(Map<String, byte[]> state) {
    byte[] value = state.get(STATE);
    return value == null
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(new String(value, StandardCharsets.US_ASCII)));
  }

  /** Where each earlier timeline ended, by its number. */
  record History(Map<Long, Position> ends) {
    History {
      ends = Map.copyOf(ends);
    }

    /** Where a timeline ended; empty if it is none of this server's past. */
    Optional<Position> end(long timeline) {
      return Optional.ofNullable(ends.get(timeline));
    }

    /**
     * Reads a history file: lines of number, switch point and reason between tabs; {@code #} begins
     * a comment.
     */
    static History parse(String file) {
      Map<Long, Position> ends = new TreeMap<>();
      file.lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.strip().split("\\s+", 3))
          .forEach(parts -> ends.put(Long.valueOf(parts[0]), Position.parse(parts[1])));
      return new History(ends);
    }
  }

  /**
   * Reads the history of a timeline on a replication connection of its own.
   *
   * @param timeline the current one; more than 1, as the first has no history
   */
  static History history(SqlConnections connections, long timeline) throws SourceException {
    try (Connection connection = connections.connectForReplication()) {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("TIMELINE_HISTORY " + timeline)) {
        row.next();
        return History.parse(new String(row.getBytes("content"), StandardCharsets.UTF_8));
      }
    } catch (SQLException e) {
      throw SqlErrors.whileAsking("reading the history of timeline " + timeline, e);
    }
  }
}
