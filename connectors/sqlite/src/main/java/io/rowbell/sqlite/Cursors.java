package io.rowbell.sqlite;

import io.rowbell.spi.Decision;
import io.rowbell.spi.Subscription.ParkedKey;
import io.rowbell.spi.Subscription.Progress;
import io.rowbell.spi.Subscription.Redelivered;
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
      try (ResultSet rows =
          statement.executeQuery("SELECT subscriber, next_seq, paused FROM cursor")) {
        while (rows.next()) {
          Cursor cursor = new Cursor(rows.getString(1), rows.getLong(2));
          cursor.paused = rows.getInt(3) != 0;
          cursors.put(cursor.subscriber, cursor);
        }
      }
      try (ResultSet rows =
          statement.executeQuery("SELECT subscriber, topic, key, retried FROM parked_key")) {
        while (rows.next()) {
          Cursor cursor = cursors.get(rows.getString(1));
          if (cursor != null) {
            ParkedKey key = new ParkedKey(rows.getString(2), rows.getString(3));
            cursor.parked.add(key);
            if (rows.getInt(4) != 0) {
              cursor.retried.add(key);
            }
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

  /** Forgets a cursor in memory, once it is forgotten in the file. */
  void forgotten(String subscriber) {
    cursors.remove(subscriber);
  }

  /** Forgets a cursor and its parked keys within the caller's transaction. */
  static void forget(Connection connection, String subscriber) throws SQLException {
    for (String table : List.of("cursor", "parked_key")) {
      try (PreparedStatement delete =
          connection.prepareStatement("DELETE FROM " + table + " WHERE subscriber = ?")) {
        delete.setString(1, subscriber);
        delete.executeUpdate();
      }
    }
  }

  /** Keeps what a subscriber gave up or delivered later, within the caller's transaction. */
  static void keep(Connection connection, String subscriber, Progress progress)
      throws SQLException {
    DeadLetters.insert(connection, progress.deadLetters());
    Redelivered redelivered = progress.redelivered();
    DeadLetters.delete(connection, redelivered.delivered());
    DeadLetters.update(connection, redelivered.failed());
    release(connection, subscriber, redelivered.released());
    park(connection, subscriber, progress.parked(), false);
  }

  /** Carries a decision out within the caller's transaction. */
  static void decide(Connection connection, String subscriber, Decision decision)
      throws SQLException {
    if (decision instanceof Decision.Retry retry) {
      park(connection, subscriber, retry.keys(), true);
    } else if (decision instanceof Decision.Drop drop) {
      DeadLetters.delete(connection, drop.letters());
      release(connection, subscriber, drop.released());
    } else if (decision instanceof Decision.Pause) {
      pause(connection, subscriber, true);
    } else if (decision instanceof Decision.Resume) {
      pause(connection, subscriber, false);
    } else if (decision instanceof Decision.Move move) {
      Long next = move.nextOffsets().get(EventScan.PARTITION);
      if (next != null) {
        move(connection, subscriber, next);
      }
    }
  }

  private static void park(
      Connection connection, String subscriber, Set<ParkedKey> keys, boolean retried)
      throws SQLException {
    try (PreparedStatement upsert =
        connection.prepareStatement(
            "INSERT INTO parked_key (subscriber, topic, key, retried) VALUES (?, ?, ?, ?)"
                + " ON CONFLICT (subscriber, topic, ifnull(key, x''))"
                + " DO UPDATE SET retried = excluded.retried")) {
      for (ParkedKey key : keys) {
        upsert.setString(1, subscriber);
        upsert.setString(2, key.topic());
        upsert.setString(3, key.key());
        upsert.setBoolean(4, retried);
        upsert.executeUpdate();
      }
    }
  }

  private static void release(Connection connection, String subscriber, Set<ParkedKey> keys)
      throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "DELETE FROM parked_key WHERE subscriber = ? AND topic = ? AND key IS ?")) {
      for (ParkedKey key : keys) {
        delete.setString(1, subscriber);
        delete.setString(2, key.topic());
        delete.setString(3, key.key());
        delete.executeUpdate();
      }
    }
  }

  private static void pause(Connection connection, String subscriber, boolean paused)
      throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE cursor SET paused = ? WHERE subscriber = ?")) {
      update.setBoolean(1, paused);
      update.setString(2, subscriber);
      update.executeUpdate();
    }
  }
}
