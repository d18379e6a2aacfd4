package io.rowbell.sqlite;

import io.rowbell.spi.Act;
import io.rowbell.spi.JournalException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What people have done. */
final class Acts {
  private Acts() {}

  /** Notes an act within the caller's transaction. */
  static void insert(Connection connection, Act act) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO act (time, who, subscriber, what, reason) VALUES (?, ?, ?, ?, ?)")) {
      insert.setLong(1, Micros.of(act.at()));
      insert.setString(2, act.who());
      insert.setString(3, act.subscriber());
      insert.setString(4, act.what());
      insert.setString(5, act.reason());
      insert.executeUpdate();
    }
  }

  /** The last ones, oldest first. */
  static List<Act> read(JournalFile file, int max) throws JournalException {
    try (Connection connection = file.openForReading()) {
      Schema.verifyCurrent(connection, file);
      try (PreparedStatement select =
          connection.prepareStatement(
              "SELECT time, who, subscriber, what, reason FROM act ORDER BY seq DESC LIMIT ?")) {
        select.setInt(1, max);
        List<Act> acts = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
          while (row.next()) {
            acts.add(
                new Act(
                    Micros.toInstant(row.getLong(1)),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5)));
          }
        }
        Collections.reverse(acts);
        return acts;
      }
    } catch (SQLException e) {
      throw file.explain("reading what people did", e);
    }
  }
}
