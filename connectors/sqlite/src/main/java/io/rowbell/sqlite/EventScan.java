package io.rowbell.sqlite;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import io.rowbell.spi.EventReader.Entry;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Subscription.ParkedKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads events in order on a connection of its own, in slices, so that no read takes long. */
final class EventScan implements AutoCloseable {
  /** A journal is one partition. */
  static final String PARTITION = "0";

  private static final long SLICE = 20_000;

  private final JournalFile file;
  private final Connection connection;
  private final PreparedStatement select;
  private final Map<Long, EventKind> kinds = new HashMap<>();
  private long next;

  private EventScan(JournalFile file, Connection connection, Set<String> types, long next)
      throws SQLException {
    this.file = file;
    this.connection = connection;
    this.next = next;
    String filter =
        types.isEmpty()
            ? ""
            : " AND kind IN (SELECT id FROM kind WHERE type IN ("
                + String.join(", ", Collections.nCopies(types.size(), "?"))
                + "))";
    select =
        connection.prepareStatement(
            "SELECT seq, id, kind, key, time, extensions, data FROM event"
                + " WHERE seq >= ? AND seq <= ?"
                + filter
                + " ORDER BY seq LIMIT ?");
    int parameter = 3;
    for (String type : types) {
      select.setString(parameter++, type);
    }
    limitParameter = parameter;
  }

  private final int limitParameter;

  /**
   * @param types empty for all
   * @param next the number of the first event to read
   */
  static EventScan open(JournalFile file, Set<String> types, long next) throws JournalException {
    Connection connection = null;
    try {
      connection = file.openForReading();
      Schema.verify(connection, file);
      return new EventScan(file, connection, types, next);
    } catch (SQLException e) {
      JournalException explained = file.explain("opening it for reading", e);
      closeAfter(connection, explained);
      throw explained;
    } catch (JournalException e) {
      closeAfter(connection, e);
      throw e;
    }
  }

  private static void closeAfter(
      @org.jspecify.annotations.Nullable Connection connection, Exception cause) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        cause.addSuppressed(e);
      }
    }
  }

  /** The number of the first event that was not looked at. */
  long next() {
    return next;
  }

  /** Leaves out what comes before the event of this number. */
  void skipTo(long seq) {
    next = seq;
  }

  /** Whether any event before this number is still kept. */
  boolean holdsBefore(long seq) throws JournalException {
    try (PreparedStatement before =
        connection.prepareStatement("SELECT EXISTS (SELECT 1 FROM event WHERE seq < ?)")) {
      before.setLong(1, seq);
      try (ResultSet row = before.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    } catch (SQLException e) {
      throw file.explain("looking for its oldest event", e);
    }
  }

  /** The number of the newest event that any append has completed. */
  long newest() throws JournalException {
    try {
      return Schema.number(connection, "SELECT last_seq FROM journal");
    } catch (SQLException e) {
      throw file.explain("reading its end", e);
    }
  }

  /**
   * Reads on.
   *
   * @param max how many at most
   * @param maxBytes with which event to end, as {@link io.rowbell.spi.EventReader#poll(int, long,
   *     java.time.Duration)} says
   * @param last the number of the newest event to read; must have been appended
   * @return empty only if there is none up to {@code last}
   */
  List<Entry> read(int max, long maxBytes, long last) throws JournalException {
    List<Entry> entries = new ArrayList<>();
    try {
      while (entries.isEmpty() && next <= last) {
        long sliceEnd = Math.min(last, next + SLICE - 1);
        select.setLong(1, next);
        select.setLong(2, sliceEnd);
        select.setInt(limitParameter, max);
        long bytes = 0;
        boolean enough = false;
        try (ResultSet rows = select.executeQuery()) {
          while (!enough && rows.next()) {
            Entry entry = entry(rows);
            entries.add(entry);
            bytes += entry.event().heapBytes();
            enough = entries.size() == max || bytes >= maxBytes;
          }
        }
        next = enough ? entries.get(entries.size() - 1).offset() + 1 : sliceEnd + 1;
      }
      return entries;
    } catch (SQLException e) {
      throw file.explain("reading events", e);
    }
  }

  /**
   * The number of the first event that was committed at a time or later.
   *
   * @param from the oldest event
   * @param otherwise if there is none
   */
  long firstSince(Instant time, long from, long otherwise) throws JournalException {
    try (PreparedStatement first =
        connection.prepareStatement(
            "SELECT seq FROM event WHERE seq >= ? AND time >= ? ORDER BY seq LIMIT 1")) {
      first.setLong(1, from);
      first.setLong(2, Micros.of(time));
      try (ResultSet row = first.executeQuery()) {
        return row.next() ? row.getLong(1) : otherwise;
      }
    } catch (SQLException e) {
      throw file.explain("looking for a time", e);
    }
  }

  /** A subscriber's dead letters of a key, in the order of their events. */
  List<DeadLetter> deadLetters(String subscriber, ParkedKey key, int max, long maxBytes)
      throws JournalException {
    try {
      return DeadLetters.of(connection, subscriber, key, max, maxBytes);
    } catch (SQLException e) {
      throw file.explain("reading dead letters", e);
    }
  }

  /** The ids of a subscriber's dead letters of a key, in the order of their events. */
  List<EventId> deadLetterIds(String subscriber, ParkedKey key, int max) throws JournalException {
    try {
      return DeadLetters.idsOf(connection, subscriber, key, max);
    } catch (SQLException e) {
      throw file.explain("reading dead letters", e);
    }
  }

  private Entry entry(ResultSet row) throws SQLException {
    EventKind kind = kind(row.getLong(3));
    DomainEvent event =
        new DomainEvent(
            EventIds.of(row.getBytes(2)),
            kind.source(),
            kind.type(),
            kind.version(),
            row.getString(4),
            Micros.toInstant(row.getLong(5)),
            kind.topic(),
            StringMapJson.read(row.getString(6)),
            EventData.ofJson(row.getBytes(7)));
    return new Entry(PARTITION, row.getLong(1), event);
  }

  private EventKind kind(long id) throws SQLException {
    EventKind known = kinds.get(id);
    if (known != null) {
      return known;
    }
    try (PreparedStatement one =
        connection.prepareStatement("SELECT type, topic, source, version FROM kind WHERE id = ?")) {
      one.setLong(1, id);
      try (ResultSet row = one.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("an event is of a kind that is not there: " + id);
        }
        EventKind kind =
            new EventKind(row.getString(1), row.getString(2), row.getString(3), row.getInt(4));
        kinds.put(id, kind);
        return kind;
      }
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(file + " could not be closed", e);
    }
  }
}
