package io.rowbell.model;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a set of rules needs of the database.
 *
 * @param tables for each table, what is needed of it
 * @param messagePrefixes the prefixes of logical messages that rules listen to, and of those that
 *     say something about their transaction
 * @param everyChange whether the changes of these tables are counted, also those that no rule
 *     listens to
 */
public record Requirements(
    Map<TableId, OfTable> tables, Set<String> messagePrefixes, boolean everyChange) {
  public Requirements {
    tables = Map.copyOf(tables);
    messagePrefixes = Set.copyOf(messagePrefixes);
  }

  /** Nothing is counted. */
  public Requirements(Map<TableId, OfTable> tables, Set<String> messagePrefixes) {
    this(tables, messagePrefixes, false);
  }

  /**
   * What is needed of one table.
   *
   * @param operations the operations rules listen to; SNAPSHOT asks for a backfill of the table
   * @param columns every column a rule reads, of the row before or after
   * @param oldColumns the columns a rule reads of the row before an update or delete: they must be
   *     logged
   * @param rows nothing happens for an inserted or deleted row, or an updated one as it is then, of
   *     which this does not hold; null if every row may matter
   * @param unread the columns that the table had when the rules were compiled and that none of them
   *     reads. What became of columns since then, nobody can say: of others any may be read
   * @param changes which changes of rows may matter at all; null if every one may. A source may
   *     leave out the others, see {@link Change.Message#PASSED}, but while it reads a snapshot
   */
  public record OfTable(
      Set<Operation> operations,
      Set<String> columns,
      Set<String> oldColumns,
      @Nullable RowPredicate rows,
      Set<String> unread,
      @Nullable NeededChanges changes) {
    public OfTable {
      operations = Set.copyOf(operations);
      columns = Set.copyOf(columns);
      oldColumns = Set.copyOf(oldColumns);
      unread = Set.copyOf(unread);
    }

    /** Every row may matter, and every column. */
    public OfTable(Set<Operation> operations, Set<String> columns, Set<String> oldColumns) {
      this(operations, columns, oldColumns, null, Set.of());
    }

    /** Every change may matter. */
    public OfTable(
        Set<Operation> operations,
        Set<String> columns,
        Set<String> oldColumns,
        @Nullable RowPredicate rows,
        Set<String> unread) {
      this(operations, columns, oldColumns, rows, unread, null);
    }
  }
}
