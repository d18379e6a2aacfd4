package io.rowbell.sqlite;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.EventData;
import io.rowbell.spi.JournalException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What could not be done. */
final class DeadLetters {
  private static final String COLUMNS =
      "id, subscriber, rule, topic, key, time, code, reason, payload";

  private DeadLetters() {}

  /** Adds letters within the caller's transaction. */
  static void insert(Connection connection, List<DeadLetter> letters) throws SQLException {
    if (letters.isEmpty()) {
      return;
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO dead_letter ("
                + COLUMNS
                + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (id, ifnull(subscriber, x'')) DO NOTHING")) {
      for (DeadLetter letter : letters) {
        insert.setBytes(1, EventIds.bytes(letter.id()));
        insert.setString(2, letter.subscriber());
        insert.setString(3, letter.rule());
        insert.setString(4, letter.topic());
        insert.setString(5, letter.key());
        insert.setLong(6, Micros.of(letter.time()));
        insert.setString(7, letter.code());
        insert.setString(8, letter.reason());
        insert.setBytes(9, letter.payload().bytes());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  /** The last ones, oldest first. */
  static List<DeadLetter> read(JournalFile file, int max) throws JournalException {
    try (Connection connection = file.openForReading()) {
      Schema.verify(connection, file);
      try (PreparedStatement select =
          connection.prepareStatement(
              "SELECT " + COLUMNS + " FROM dead_letter ORDER BY seq DESC LIMIT ?")) {
        select.setInt(1, max);
        List<DeadLetter> letters = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) {
            letters.add(letter(rows));
          }
        }
        Collections.reverse(letters);
        return letters;
      }
    } catch (SQLException e) {
      throw file.explain("reading dead letters", e);
    }
  }

  private static DeadLetter letter(ResultSet row) throws SQLException {
    return new DeadLetter(
        EventIds.of(row.getBytes(1)),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        Micros.toInstant(row.getLong(6)),
        row.getString(7),
        row.getString(8),
        EventData.ofJson(row.getBytes(9)));
  }
}
