package io.rowbell.postgres;

import io.rowbell.model.Change;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import io.rowbell.spi.SourceException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one table that one query saw, not yet handed over. Used by one thread.
 *
 * <p>Each row belongs at one place of the stream: behind every transaction that the query saw, and
 * before the first one that it did not see and that touches the row's key.
 */
final class BackfillChunk {
  /** The name of the backfill that rules ask for with {@code on: snapshot}. */
  private static final String INITIAL = "initial";

  private final Relation relation;
  private final TransactionSnapshot snapshot;
  private final Instant readAt;
  private final List<String> lastKey;
  private final boolean full;
  private final long bytes;
  private final Map<List<Object>, Waiting> waiting = new LinkedHashMap<>();
  private int next;

  private record Waiting(SelectedRow row, List<String> key) {}

  private BackfillChunk(
      Relation relation,
      BackfillTable table,
      Selected selected,
      Set<List<String>> ahead,
      int asked) {
    this.relation = relation;
    this.snapshot = selected.snapshot();
    this.readAt = selected.readAt();
    this.full = selected.rows().size() == asked;
    this.bytes = selected.bytes();
    int[] places = new int[table.readable().size()];
    Arrays.fill(places, -1);
    List<Integer> columns = table.selected();
    for (int i = 0; i < columns.size(); i++) {
      places[columns.get(i)] = i;
    }
    List<String> key = List.of();
    for (@Nullable String[] texts : selected.rows()) {
      key = table.key().stream().map(column -> String.valueOf(texts[places[column]])).toList();
      if (!ahead.contains(key)) {
        SelectedRow row = new SelectedRow(relation, texts, places);
        List<Object> comparable =
            Objects.requireNonNull(
                Relation.keyOf(relation.schema(), row), "a primary key has values");
        waiting.put(comparable, new Waiting(row, key));
      }
    }
    this.lastKey = key;
  }

  /**
   * Reads the next rows of a table.
   *
   * @param state how far the table is
   * @param rows how many
   * @return null if there are none
   * @throws SourceException if the table cannot be backfilled
   */
  static @Nullable BackfillChunk read(
      Connection connection,
      TableId id,
      String publication,
      Relations relations,
      BackfillState state,
      int rows)
      throws SQLException, SourceException {
    BackfillTable table;
    Selected selected;
    connection.setAutoCommit(false);
    try {
      // READ COMMITTED: each statement sees what is there, and the first one's lock keeps the table
      // as it is until the last one is done.
      table = BackfillTable.lockAndRead(connection, id, publication);
      selected = select(connection, table, state, rows);
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
    if (selected == null) {
      return null;
    }
    Relation relation = relations.read(table, connection);
    return new BackfillChunk(relation, table, selected, new HashSet<>(state.ahead()), rows);
  }

  /** What the query gave. */
  private record Selected(
      TransactionSnapshot snapshot, Instant readAt, List<@Nullable String[]> rows, long bytes) {}

  private static @Nullable Selected select(
      Connection connection, BackfillTable table, BackfillState state, int rows)
      throws SQLException {
    List<String> after = state.after();
    int columns = table.selected().size();
    try (PreparedStatement statement =
        connection.prepareStatement(table.query(after.isEmpty(), rows))) {
      for (int i = 0; i < after.size(); i++) {
        statement.setObject(i + 1, after.get(i), Types.OTHER);
      }
      try (ResultSet row = statement.executeQuery()) {
        TransactionSnapshot snapshot = null;
        Instant readAt = Instant.EPOCH;
        List<@Nullable String[]> all = new ArrayList<>();
        long bytes = 0;
        while (row.next()) {
          if (snapshot == null) {
            snapshot = TransactionSnapshot.parse(row.getString(1));
            readAt = Instant.EPOCH.plus(row.getLong(2), ChronoUnit.MICROS);
          }
          @Nullable String[] texts = new String[columns];
          for (int i = 0; i < columns; i++) {
            String text = row.getString(i + 3);
            texts[i] = text;
            bytes += text == null ? 0 : text.length();
          }
          all.add(texts);
        }
        return snapshot == null ? null : new Selected(snapshot, readAt, all, bytes);
      }
    }
  }

  TransactionSnapshot snapshot() {
    return snapshot;
  }

  TableId table() {
    return relation.schema().id();
  }

  /** The key of its last row. */
  List<String> lastKey() {
    return lastKey;
  }

  /** Whether there were as many rows as were asked for, so that more may follow. */
  boolean isFull() {
    return full;
  }

  /** About how large it is. */
  long bytes() {
    return bytes;
  }

  /**
   * Hands over what has to come before a change that the query did not see: the row of its key; all
   * rows if the change empties the table or does not tell its key.
   *
   * @param target what the rows are added to
   * @return the keys of the rows
   */
  List<List<String>> before(Change.TableChange change, Position at, List<Change> target) {
    List<Object> key = change.table().primaryKey().isEmpty() ? null : keyOf(change);
    if (key == null || !samePrimaryKey(change) || mayHaveChangedItsKey(change)) {
      return all(at, target);
    }
    Waiting found = waiting.remove(key);
    if (found == null) {
      return List.of();
    }
    target.add(inserted(found.row(), at));
    return List.of(found.key());
  }

  /**
   * An index as replica identity need not hold the primary key: then an update does not tell the
   * old one.
   */
  private static boolean mayHaveChangedItsKey(Change.TableChange change) {
    TableSchema table = change.table();
    return change instanceof Change.Updated && !table.identity().containsAll(table.primaryKey());
  }

  private boolean samePrimaryKey(Change.TableChange change) {
    return names(change.table()).equals(names(relation.schema()));
  }

  private static List<String> names(TableSchema schema) {
    return schema.primaryKey().stream().map(i -> schema.column(i).name()).toList();
  }

  private static @Nullable List<Object> keyOf(Change.TableChange change) {
    if (change instanceof Change.Inserted c) {
      return Relation.keyOf(c.table(), c.after());
    }
    if (change instanceof Change.Updated c) {
      return Relation.keyOf(c.table(), c.after());
    }
    return change instanceof Change.Deleted c ? Relation.keyOf(c.table(), c.before()) : null;
  }

  /** Hands over all that is left. */
  List<List<String>> all(Position at, List<Change> target) {
    List<List<String>> keys = new ArrayList<>();
    for (Waiting row : waiting.values()) {
      target.add(inserted(row.row(), at));
      keys.add(row.key());
    }
    waiting.clear();
    return keys;
  }

  private Change.Inserted inserted(SelectedRow row, Position at) {
    return new Change.Inserted(new Origin(0, readAt, at, next++, INITIAL), row);
  }
}
