package io.rowbell.sqlite;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.DeadLetter.Delivery;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription.ParkedKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What could not be done. */
final class DeadLetters {
  private static final String BARE =
      "id, subscriber, rule, topic, key, time, code, reason,"
          + " event_seq, attempts, first_time, last_time";

  /** Apart, as SQLite reads what is selected, and a payload may take megabytes. */
  private static final String WHOLE = BARE + ", payload";

  private static final int PAYLOAD = 13;

  private static final String IS_IT = "id = ? AND ifnull(subscriber, x'') = ifnull(?, x'')";

  private static final EventData NOTHING = EventData.ofJson("{}");

  private static final String IN_ORDER = " ORDER BY event_seq, seq LIMIT ?";

  private DeadLetters() {}

  /** Adds letters within the caller's transaction; one that is there already stays as it is. */
  static void insert(Connection connection, List<DeadLetter> letters) throws SQLException {
    if (letters.isEmpty()) {
      return;
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO dead_letter ("
                + WHOLE
                + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
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
        Delivery delivery = letter.delivery();
        set(insert, 9, delivery == null ? null : delivery.offset());
        set(insert, 10, delivery == null ? null : (long) delivery.attempts());
        set(insert, 11, delivery == null ? null : Micros.of(delivery.first()));
        set(insert, 12, delivery == null ? null : Micros.of(delivery.last()));
        insert.setBytes(PAYLOAD, letter.payload().bytes());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private static void set(PreparedStatement statement, int parameter, @Nullable Long value)
      throws SQLException {
    if (value == null) {
      statement.setNull(parameter, Types.INTEGER);
    } else {
      statement.setLong(parameter, value);
    }
  }

  /** Says anew why letters are there, within the caller's transaction; they keep their place. */
  static void update(Connection connection, List<DeadLetter> letters) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE dead_letter SET code = ?, reason = ?, attempts = ?, last_time = ?"
                + " WHERE "
                + IS_IT)) {
      for (DeadLetter letter : letters) {
        Delivery delivery = letter.delivery();
        update.setString(1, letter.code());
        update.setString(2, letter.reason());
        set(update, 3, delivery == null ? null : (long) delivery.attempts());
        set(update, 4, delivery == null ? null : Micros.of(delivery.last()));
        update.setBytes(5, EventIds.bytes(letter.id()));
        update.setString(6, letter.subscriber());
        update.executeUpdate();
      }
    }
  }

  /** Forgets letters within the caller's transaction. */
  static void delete(Connection connection, List<DeadLetter> letters) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM dead_letter WHERE " + IS_IT)) {
      for (DeadLetter letter : letters) {
        delete.setBytes(1, EventIds.bytes(letter.id()));
        delete.setString(2, letter.subscriber());
        delete.executeUpdate();
      }
    }
  }

  /** A subscriber's letters of a key, in the order of their events. */
  static List<DeadLetter> of(
      Connection connection, String subscriber, ParkedKey key, int max, long maxBytes)
      throws SQLException {
    return of(connection, WHOLE, subscriber, key, max, maxBytes);
  }

  /** Their ids. */
  static List<EventId> idsOf(Connection connection, String subscriber, ParkedKey key, int max)
      throws SQLException {
    return of(connection, BARE, subscriber, key, max, Long.MAX_VALUE).stream()
        .map(DeadLetter::id)
        .toList();
  }

  private static List<DeadLetter> of(
      Connection connection,
      String columns,
      String subscriber,
      ParkedKey key,
      int max,
      long maxBytes)
      throws SQLException {
    List<DeadLetter> letters = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT "
                + columns
                + " FROM dead_letter WHERE subscriber = ? AND topic = ? AND key IS ?"
                + IN_ORDER)) {
      select.setString(1, subscriber);
      select.setString(2, key.topic());
      select.setString(3, key.key());
      select.setInt(4, max);
      read(select, key::holds, max, maxBytes, letters);
    }
    Long alone = alone(key);
    if (letters.isEmpty() && alone != null) {
      try (PreparedStatement select =
          connection.prepareStatement(
              "SELECT "
                  + columns
                  + " FROM dead_letter WHERE subscriber = ? AND event_seq = ?"
                  + IN_ORDER)) {
        select.setString(1, subscriber);
        select.setLong(2, alone);
        select.setInt(3, max);
        read(select, key::holds, max, maxBytes, letters);
      }
    }
    return letters;
  }

  /** The number of the one event that a key stands for; null if it is a key. */
  private static @Nullable Long alone(ParkedKey key) {
    String name = key.key();
    if (!key.topic().equals(EventScan.PARTITION) || name == null || !name.matches("@[0-9]{1,18}")) {
      return null;
    }
    return Long.valueOf(name.substring(1));
  }

  /** The last ones that are wanted, oldest first, without their payloads. */
  static List<DeadLetter> read(JournalFile file, Predicate<DeadLetter> wanted, int max)
      throws JournalException {
    try (Connection connection = file.openForReading()) {
      return bare(connection, file, wanted, max);
    } catch (SQLException e) {
      throw file.explain("reading dead letters", e);
    }
  }

  /**
   * The last ones that are wanted, oldest first, each read when it is its turn: what is settled
   * before that is left out, and nobody who reads slowly keeps the file from being tidied.
   */
  static void read(
      JournalFile file, Predicate<DeadLetter> wanted, int max, Consumer<DeadLetter> reader)
      throws JournalException {
    try (Connection connection = file.openForReading();
        PreparedStatement one =
            connection.prepareStatement("SELECT " + WHOLE + " FROM dead_letter WHERE " + IS_IT)) {
      for (DeadLetter bare : bare(connection, file, wanted, max)) {
        one.setBytes(1, EventIds.bytes(bare.id()));
        one.setString(2, bare.subscriber());
        List<DeadLetter> found = new ArrayList<>();
        read(one, wanted, 1, Long.MAX_VALUE, found);
        found.forEach(reader);
      }
    } catch (SQLException e) {
      throw file.explain("reading dead letters", e);
    }
  }

  private static List<DeadLetter> bare(
      Connection connection, JournalFile file, Predicate<DeadLetter> wanted, int max)
      throws SQLException, JournalException {
    Schema.verifyCurrent(connection, file);
    try (PreparedStatement select =
        connection.prepareStatement("SELECT " + BARE + " FROM dead_letter ORDER BY seq DESC")) {
      List<DeadLetter> letters = new ArrayList<>();
      read(select, wanted, max, Long.MAX_VALUE, letters);
      Collections.reverse(letters);
      return letters;
    }
  }

  private static void read(
      PreparedStatement select,
      Predicate<DeadLetter> wanted,
      int max,
      long maxBytes,
      List<DeadLetter> letters)
      throws SQLException {
    long bytes = 0;
    try (ResultSet rows = select.executeQuery()) {
      boolean whole = rows.getMetaData().getColumnCount() == PAYLOAD;
      while (letters.size() < max && bytes < maxBytes && rows.next()) {
        DeadLetter letter = letter(rows, whole);
        if (wanted.test(letter)) {
          letters.add(letter);
          bytes += letter.heapBytes();
        }
      }
    }
  }

  private static DeadLetter letter(ResultSet row, boolean whole) throws SQLException {
    return new DeadLetter(
        EventIds.of(row.getBytes(1)),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        Micros.toInstant(row.getLong(6)),
        row.getString(7),
        row.getString(8),
        whole ? EventData.ofJson(row.getBytes(PAYLOAD)) : NOTHING,
        delivery(row));
  }

  private static @Nullable Delivery delivery(ResultSet row) throws SQLException {
    long offset = row.getLong(9);
    if (row.wasNull()) {
      return null;
    }
    Instant first = Micros.toInstant(row.getLong(11));
    return new Delivery(
        EventScan.PARTITION, offset, row.getInt(10), first, Micros.toInstant(row.getLong(12)));
  }
}
