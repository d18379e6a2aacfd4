package io.rowbell.sqlite;

import io.rowbell.spi.CursorRange;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.SubscriberRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the file says of all subscribers, for whoever asks beside its writer. */
final class SubscriberRecords {
  private SubscriberRecords() {}

  static List<SubscriberRecord> read(JournalFile file) throws JournalException {
    try (Connection connection = file.openForReading()) {
      // One view of the file for all that is read.
      connection.setAutoCommit(false);
      Schema.verifyCurrent(connection, file);
      long end = Schema.number(connection, "SELECT last_seq FROM journal") + 1;
      long first = Schema.number(connection, "SELECT min(seq) FROM event");
      long oldest = first == 0 ? end : first;
      List<SubscriberRecord> records = new ArrayList<>();
      for (Cursor cursor : new Cursors(connection).all()) {
        CursorRange range = new CursorRange(oldest, cursor.durable, end);
        records.add(
            new SubscriberRecord(
                cursor.subscriber,
                Map.of(EventScan.PARTITION, range),
                range.lag() == 0 ? null : time(connection, Math.max(oldest, cursor.durable)),
                cursor.paused,
                cursor.parked,
                cursor.retried));
      }
      records.sort(Comparator.comparing(SubscriberRecord::name));
      return records;
    } catch (SQLException e) {
      throw file.explain("reading the subscribers", e);
    }
  }

  private static @Nullable Instant time(Connection connection, long seq) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT time FROM event WHERE seq = ?")) {
      select.setLong(1, seq);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Micros.toInstant(row.getLong(1)) : null;
      }
    }
  }
}
