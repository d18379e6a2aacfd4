package io.rowbell.postgres;

import io.rowbell.model.Change;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
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

  /**
   * What the query gave.
   *
   * @param bytes about how large the rows are
   * @param more whether more rows may follow
   */
  record Selected(
      TransactionSnapshot snapshot,
      Instant readAt,
      List<@Nullable String[]> rows,
      long bytes,
      boolean more) {}

  /**
   * @param ahead keys whose rows have been handed over already
   */
  BackfillChunk(
      Relation relation, BackfillTable table, Selected selected, Set<List<String>> ahead) {
    this.relation = relation;
    this.snapshot = selected.snapshot();
    this.readAt = selected.readAt();
    this.full = selected.more();
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

  TransactionSnapshot snapshot() {
    return snapshot;
  }

  TableSchema schema() {
    return relation.schema();
  }

  TableId table() {
    return relation.schema().id();
  }

  /** The key of its last row. */
  List<String> lastKey() {
    return lastKey;
  }

  /** Whether it has as much as a chunk may have, so that more may follow. */
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
