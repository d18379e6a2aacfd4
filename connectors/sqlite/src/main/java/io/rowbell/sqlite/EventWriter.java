package io.rowbell.sqlite;

import io.rowbell.model.DomainEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Inserts events, within the caller's transaction. */
final class EventWriter {
  private static final EventKind NONE = new EventKind("", "", "", 0);

  private final Connection connection;
  private PreparedStatement insert;
  private PreparedStatement insertKind;
  private final Map<EventKind, Long> kinds = new HashMap<>();
  private long durableKinds;
  private EventKind lastKind = NONE;
  private long lastKindId;

  EventWriter(Connection connection) throws SQLException {
    this.connection = connection;
    insert = prepareInsert();
    insertKind = prepareInsertKind();
    loadKinds();
    durableKinds = kinds.size();
  }

  private PreparedStatement prepareInsert() throws SQLException {
    return connection.prepareStatement(
        "INSERT INTO event (seq, id, kind, key, time, extensions, data)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?)");
  }

  private PreparedStatement prepareInsertKind() throws SQLException {
    return connection.prepareStatement(
        "INSERT INTO kind (id, type, topic, source, version) VALUES (?, ?, ?, ?, ?)");
  }

  private void loadKinds() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT id, type, topic, source, version FROM kind")) {
      while (rows.next()) {
        kinds.put(
            new EventKind(rows.getString(2), rows.getString(3), rows.getString(4), rows.getInt(5)),
            rows.getLong(1));
      }
    }
  }

  /**
   * @param first the number of the first event
   */
  void insert(List<DomainEvent> events, long first) throws SQLException {
    long seq = first;
    for (DomainEvent event : events) {
      insert.setLong(1, seq++);
      insert.setBytes(2, EventIds.bytes(event.id()));
      insert.setLong(3, kind(event));
      insert.setString(4, event.key());
      insert.setLong(5, Micros.of(event.time()));
      insert.setString(6, StringMapJson.write(event.extensions()));
      insert.setBytes(7, event.data().bytes());
      insert.addBatch();
    }
    insert.executeBatch();
  }

  private long kind(DomainEvent event) throws SQLException {
    // Most events are of the same kind as the one before.
    if (!lastKind.matches(event)) {
      lastKind = EventKind.of(event);
      Long known = kinds.get(lastKind);
      lastKindId = known != null ? known : newKind(lastKind);
    }
    return lastKindId;
  }

  private long newKind(EventKind kind) throws SQLException {
    long id = kinds.size() + 1L;
    insertKind.setLong(1, id);
    insertKind.setString(2, kind.type());
    insertKind.setString(3, kind.topic());
    insertKind.setString(4, kind.source());
    insertKind.setInt(5, kind.version());
    insertKind.executeUpdate();
    kinds.put(kind, id);
    return id;
  }

  /** Forgets what a transaction that was rolled back had added. */
  void rolledBack() throws SQLException {
    insert.close();
    insertKind.close();
    insert = prepareInsert();
    insertKind = prepareInsertKind();
    kinds.values().removeIf(id -> id > durableKinds);
    lastKind = NONE;
  }

  void committed() {
    durableKinds = kinds.size();
  }
}
