package io.rowbell.language.testing;

import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import io.rowbell.model.Origin;
import io.rowbell.model.Row;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import io.rowbell.model.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a test, and the changes that PostgreSQL would log for what is written to them: what
 * is known of an old row follows the table's replica identity, and a changed primary key is a
 * delete and an insert. A column that no step has given a value is null; no value is TOASTed.
 */
final class VirtualDatabase {
  private final Map<TableId, List<@Nullable Object[]>> tables = new HashMap<>();

  /** A step that PostgreSQL would refuse, or that would change nothing. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Writes.
   *
   * @param origins gives each change an origin of its own
   * @return what is logged
   * @throws RefusedException if the write fits no row, or one that is there already
   */
  List<Change> apply(Step.RowWrite write, Supplier<Origin> origins) throws RefusedException {
    TableSchema table = write.table();
    List<@Nullable Object[]> rows = tables.computeIfAbsent(table.id(), id -> new ArrayList<>());
    return switch (write.operation()) {
      case INSERT -> {
        @Nullable Object[] row = filled(table, write.values());
        refuseTwice(table, rows, row, null);
        rows.add(row);
        yield List.of(new Change.Inserted(origins.get(), new Image(table, row)));
      }
      case SNAPSHOT -> {
        @Nullable Object[] row = filled(table, write.values());
        rows.removeIf(other -> sameKey(table, row, other));
        rows.add(row);
        yield List.of(new Change.Inserted(origins.get(), new Image(table, row)));
      }
      case UPDATE -> update(write, rows, origins);
      case DELETE -> {
        @Nullable Object[] row = find(write, rows);
        rows.remove(row);
        yield List.of(new Change.Deleted(origins.get(), before(table, row)));
      }
      case TRUNCATE -> {
        rows.clear();
        yield List.of(new Change.Truncated(origins.get(), table));
      }
      case MESSAGE -> throw new IllegalArgumentException("a message is no row");
    };
  }

  /** The values of the row with the same primary key; null if there is none. */
  @Nullable Object @Nullable [] row(Row keyed) {
    TableSchema table = keyed.schema();
    for (@Nullable Object[] row : tables.getOrDefault(table.id(), List.of())) {
      if (table.primaryKey().stream()
          .allMatch(column -> Values.same(row[column], keyed.get(column)))) {
        return row.clone();
      }
    }
    return null;
  }

  private static List<Change> update(
      Step.RowWrite write, List<@Nullable Object[]> rows, Supplier<Origin> origins)
      throws RefusedException {
    TableSchema table = write.table();
    @Nullable Object[] old = find(write, rows);
    @Nullable Object[] row = old.clone();
    write.values().forEach((column, value) -> row[column] = value);
    refuseTwice(table, rows, row, old);
    rows.set(rows.indexOf(old), row);
    Row before = before(table, old);
    Row after = new Image(table, row);
    return table.primaryKey().isEmpty() || sameKey(table, old, row)
        ? List.of(new Change.Updated(origins.get(), before, after))
        : List.of(
            new Change.Deleted(origins.get(), before), new Change.Inserted(origins.get(), after));
  }

  private static @Nullable Object[] filled(
      TableSchema table, Map<Integer, @Nullable Object> values) {
    @Nullable Object[] row = new @Nullable Object[table.columns().size()];
    values.forEach((column, value) -> row[column] = value);
    return row;
  }

  private static @Nullable Object[] find(Step.RowWrite write, List<@Nullable Object[]> rows)
      throws RefusedException {
    List<@Nullable Object[]> found =
        rows.stream()
            .filter(
                row ->
                    write.where().entrySet().stream()
                        .allMatch(part -> Values.same(row[part.getKey()], part.getValue())))
            .toList();
    if (found.size() == 1) {
      return found.get(0);
    }
    throw new RefusedException(
        (found.isEmpty() ? "there is no row" : "there are " + found.size() + " rows")
            + " with "
            + Texts.columns(write.table(), write.where())
            + " in "
            + write.table().id()
            + (found.isEmpty() ? ": insert it first, or read it with 'snapshot'" : ""));
  }

  private static void refuseTwice(
      TableSchema table,
      List<@Nullable Object[]> rows,
      @Nullable Object[] row,
      @Nullable Object @Nullable [] instead)
      throws RefusedException {
    for (@Nullable Object[] other : rows) {
      if (other != instead && sameKey(table, row, other)) {
        Map<Integer, @Nullable Object> key = new HashMap<>();
        table.primaryKey().forEach(column -> key.put(column, row[column]));
        throw new RefusedException(
            "there is a row with " + Texts.columns(table, key) + " in " + table.id() + " already");
      }
    }
  }

  private static boolean sameKey(
      TableSchema table, @Nullable Object[] row, @Nullable Object[] other) {
    return !table.primaryKey().isEmpty()
        && table.primaryKey().stream().allMatch(column -> Values.same(row[column], other[column]));
  }

  /** What is logged of an old row. */
  private static Row before(TableSchema table, @Nullable Object[] row) {
    @Nullable Object[] logged = new @Nullable Object[row.length];
    Arrays.fill(logged, Row.NOT_LOGGED);
    table.identity().forEach(column -> logged[column] = row[column]);
    return new Image(table, logged);
  }

  /** Whether a write is of a row that was there before the stream began. */
  static boolean isSnapshot(Step.Write write) {
    return write instanceof Step.RowWrite row && row.operation() == Operation.SNAPSHOT;
  }

  /** One image of a row, which nobody changes any more. */
  @SuppressWarnings("ArrayRecordComponent") // never compared or shown
  private record Image(TableSchema schema, @Nullable Object[] values) implements Row {
    @Override
    public @Nullable Object get(int column) {
      return values[column];
    }
  }
}
