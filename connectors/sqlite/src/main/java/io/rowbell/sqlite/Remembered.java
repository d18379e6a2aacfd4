package io.rowbell.sqlite;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Position;
import io.rowbell.spi.Batch;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalException.Kind;
import io.rowbell.spi.Resume;
import io.rowbell.spi.StateChange;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The position, the state and the number of the newest event, in the file and in memory. Not
 * thread-safe.
 */
final class Remembered {
  private final Connection connection;
  private final Map<String, byte[]> state = new HashMap<>();
  private @Nullable DatabaseId database;
  private @Nullable Checkpoint checkpoint;
  private long lastSeq;

  Remembered(Connection connection) throws SQLException {
    this.connection = connection;
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery(
              "SELECT system_identifier, database, position, open_xid, open_rows, last_seq"
                  + " FROM journal")) {
        row.next();
        String position = row.getString(3);
        if (position != null) {
          database = new DatabaseId(row.getString(1), row.getString(2));
          checkpoint = new Checkpoint(Position.parse(position), row.getLong(4), row.getLong(5));
        }
        lastSeq = row.getLong(6);
      }
      try (ResultSet rows = statement.executeQuery("SELECT name, value FROM state")) {
        while (rows.next()) {
          state.put(rows.getString(1), rows.getBytes(2));
        }
      }
    }
  }

  /**
   * What a journal's file holds.
   *
   * @return empty if there is no file, or nothing in it yet
   * @throws JournalException if it cannot be read, or is something else, or another pipeline's
   */
  static Optional<Resume> peek(JournalFile file, String pipeline) throws JournalException {
    if (!Files.exists(file.path())) {
      return Optional.empty();
    }
    try (Connection connection = file.openForReading()) {
      if (Schema.isEmpty(connection)) {
        return Optional.empty();
      }
      Schema.verify(connection, file);
      Schema.verifyOwner(connection, file, pipeline);
      try (Statement statement = connection.createStatement()) {
        // All of it as of one moment.
        statement.execute("BEGIN");
        return Optional.of(new Remembered(connection).resume());
      }
    } catch (SQLException e) {
      throw file.explain("looking at its position", e);
    }
  }

  Resume resume() {
    return new Resume(database, checkpoint, state);
  }

  /** The number of the newest event; 0 if there never was one. */
  long lastSeq() {
    return lastSeq;
  }

  /**
   * @throws JournalException FATAL if the batch is another database's, or goes back
   */
  void refuseIfNotNext(Batch batch, JournalFile file) throws JournalException {
    if (database != null && !database.equals(batch.database())) {
      throw new JournalException(
          Kind.FATAL,
          file
              + " belongs to "
              + describe(database)
              + " and not to "
              + describe(batch.database())
              + "; give another database another journal",
          null);
    }
    if (checkpoint != null && batch.checkpoint().compareTo(checkpoint) < 0) {
      throw new JournalException(
          Kind.FATAL,
          file
              + " is at "
              + checkpoint
              + " and cannot go back to "
              + batch.checkpoint()
              + ": what lies between would be there twice",
          null);
    }
  }

  private static String describe(DatabaseId id) {
    return "the database '" + id.database() + "' of the server " + id.systemIdentifier();
  }

  /** Writes what a batch changes, within the caller's transaction; {@link #appended} after that. */
  void save(Batch batch) throws SQLException {
    if (!batch.state().isEmpty()) {
      save(batch.state());
    }
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE journal SET system_identifier = ?, database = ?, position = ?, open_xid = ?,"
                + " open_rows = ?, last_seq = ?")) {
      update.setString(1, batch.database().systemIdentifier());
      update.setString(2, batch.database().database());
      update.setString(3, batch.checkpoint().position().toString());
      update.setLong(4, batch.checkpoint().openXid());
      update.setLong(5, batch.checkpoint().rows());
      update.setLong(6, lastSeq + batch.events().size());
      update.executeUpdate();
    }
  }

  private void save(List<StateChange> changes) throws SQLException {
    try (PreparedStatement upsert =
            connection.prepareStatement(
                "INSERT INTO state (name, value) VALUES (?, ?)"
                    + " ON CONFLICT (name) DO UPDATE SET value = excluded.value");
        PreparedStatement delete =
            connection.prepareStatement("DELETE FROM state WHERE name = ?")) {
      for (StateChange change : changes) {
        byte[] value = change.value();
        if (value == null) {
          delete.setString(1, change.name());
          delete.executeUpdate();
        } else {
          upsert.setString(1, change.name());
          upsert.setBytes(2, value);
          upsert.executeUpdate();
        }
      }
    }
  }

  void appended(Batch batch) {
    database = batch.database();
    checkpoint = batch.checkpoint();
    lastSeq += batch.events().size();
    for (StateChange change : batch.state()) {
      byte[] value = change.value();
      if (value == null) {
        state.remove(change.name());
      } else {
        state.put(change.name(), value);
      }
    }
  }
}
