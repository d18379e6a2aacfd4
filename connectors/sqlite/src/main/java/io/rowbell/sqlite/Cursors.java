package io.rowbell.sqlite;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.Subscription.ParkedKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The subscribers' cursors and parked keys, in the file and in memory. */
final class Cursors {
  private final Map<String, Cursor> cursors = new ConcurrentHashMap<>();

  Cursors(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet rows = statement.executeQuery("SELECT subscriber, next_seq FROM cursor")) {
        while (rows.next()) {
          cursors.put(rows.getString(1), new Cursor(rows.getString(1), rows.getLong(2)));
        }
      }
      try (ResultSet rows =
          statement.executeQuery("SELECT subscriber, topic, key FROM parked_key")) {
        while (rows.next()) {
          Cursor cursor = cursors.get(rows.getString(1));
          if (cursor != null) {
            cursor.parked.add(new ParkedKey(rows.getString(2), rows.getString(3)));
          }
        }
      }
    }
  }

  Collection<Cursor> all() {
    return cursors.values();
  }

  @Nullable Cursor find(String subscriber) {
    return cursors.get(subscriber);
  }

  /** Takes note of a cursor that was made. */
  Cursor made(String subscriber, long next) {
    Cursor cursor = new Cursor(subscriber, next);
    cursors.put(subscriber, cursor);
    return cursor;
  }

  /** Makes or moves a cursor within the caller's transaction. */
  static void move(Connection connection, String subscriber, long next) throws SQLException {
    try (PreparedStatement upsert =
        connection.prepareStatement(
            "INSERT INTO cursor (subscriber, next_seq) VALUES (?, ?)"
                + " ON CONFLICT (subscriber) DO UPDATE SET next_seq = excluded.next_seq")) {
      upsert.setString(1, subscriber);
      upsert.setLong(2, next);
      upsert.executeUpdate();
    }
  }

  /** Keeps what a subscriber gave up, within the caller's transaction. */
  static void giveUp(
      Connection connection, String subscriber, List<DeadLetter> letters, Set<ParkedKey> parked)
      throws SQLException {
    DeadLetters.insert(connection, letters);
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO parked_key (subscriber, topic, key) VALUES (?, ?, ?)"
                + " ON CONFLICT (subscriber, topic, ifnull(key, x'')) DO NOTHING")) {
      for (ParkedKey key : parked) {
        insert.setString(1, subscriber);
        insert.setString(2, key.topic());
        insert.setString(3, key.key());
        insert.executeUpdate();
      }
    }
  }
}
