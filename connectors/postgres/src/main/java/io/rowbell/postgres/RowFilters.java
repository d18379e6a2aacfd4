package io.rowbell.postgres;

import io.rowbell.model.ColumnType;
import io.rowbell.model.Operation;
import io.rowbell.model.Requirements.OfTable;
import io.rowbell.model.RowPredicate;
import io.rowbell.model.TableSchema;
import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a table need not be sent.
 *
 * <p>PostgreSQL makes an INSERT of an update that enters a filter and a DELETE of one that leaves
 * it, and refuses the application's UPDATE and DELETE if the filter reads a column outside the
 * replica identity. Where only inserts are published, neither matters. Otherwise a filter may read
 * the primary key alone, and that must be logged: a changed key is a delete and an insert to us in
 * any case.
 */
final class RowFilters {
  private static final Set<Operation> OF_OLD_ROWS = EnumSet.of(Operation.UPDATE, Operation.DELETE);

  private final Tables tables;

  RowFilters(Tables tables) {
    this.tables = tables;
  }

  /**
   * A filter, or why there is none.
   *
   * @param rows null if every row is to be sent
   */
  record Verdict(@Nullable RowPredicate rows, String reason) {}

  /** What may be left out if these operations are published. */
  Verdict of(TableFacts table, OfTable needed, Set<Operation> published) {
    RowPredicate rows = needed.rows();
    if (rows == null) {
      return none(
          needed.operations().contains(Operation.SNAPSHOT)
              ? "a rule asks for the rows that are there already"
              : "a rule needs every row: it has no condition on the row as it is that could be"
                  + " asked of the database, or it remembers or counts rows");
    }
    if (!tables.canSendParts()) {
      return none("PostgreSQL has row filters from version 15 on");
    }
    if (table.partitioned() || !table.ancestors().isEmpty()) {
      return none("it is partitioned, and what is logged is each partition's to say");
    }
    boolean insertsOnly = published.stream().noneMatch(OF_OLD_ROWS::contains);
    Set<String> usable = usable(table, insertsOnly);
    RowPredicate kept = rows.within(usable);
    if (kept != null) {
      return new Verdict(
          kept,
          insertsOnly
              ? "no rule does anything for another row, and only inserts are published"
              : "no rule does anything for another row, and it reads the primary key alone");
    }
    Set<String> others = new TreeSet<>(rows.columns());
    others.removeAll(usable);
    return none(
        rows.within(table.filterColumns()) == null
            ? "the conditions read "
                + String.join(", ", others)
                + ", whose type PostgreSQL compares in another way, or takes in no filter"
            : "updates or deletes are published and the conditions read more than a logged"
                + " primary key ("
                + String.join(", ", others)
                + "): an update into the filter would come as an insert, and the application's own"
                + " UPDATE could be refused");
  }

  private static Verdict none(String reason) {
    return new Verdict(null, reason);
  }

  /** Whether an installed filter hides only rows that no rule needs. */
  boolean accepts(TableFacts table, OfTable needed, Set<Operation> published, String filter) {
    RowPredicate installed = FilterSql.read(filter).orElse(null);
    RowPredicate rows = of(table, needed, published).rows();
    boolean insertsOnly = published.stream().noneMatch(OF_OLD_ROWS::contains);
    return installed != null
        && rows != null
        && usable(table, insertsOnly).containsAll(installed.columns())
        && rows.implies(installed);
  }

  private Set<String> usable(TableFacts table, boolean insertsOnly) {
    Set<String> usable = new TreeSet<>(table.filterColumns());
    TableSchema schema = tables.schema(table);
    if (!tables.hasEveryText()) {
      usable.removeIf(name -> isText(schema, name));
    }
    if (!insertsOnly) {
      Set<String> key = tables.primaryKey(table);
      usable.retainAll(tables.logged(table).containsAll(key) ? key : Set.of());
    }
    return usable;
  }

  private static boolean isText(TableSchema schema, String name) {
    OptionalInt index = schema.indexOf(name);
    return index.isEmpty() || schema.column(index.getAsInt()).type().kind() == ColumnType.Kind.TEXT;
  }
}
