package io.rowbell.language;

import io.rowbell.language.memory.Form;
import io.rowbell.language.memory.OpenTransaction;
import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import io.rowbell.model.TableSchema;
import java.util.Set;

/**
 * A table whose rows are kept until the transaction that wrote them has been read, because a rule
 * names it under {@code with}. Immutable.
 */
final class ChildTable {
  /** What must be published of such a table. */
  static final Set<Operation> OPERATIONS =
      Set.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.TRUNCATE);

  private final TableSchema table;
  private final String name;
  private final int[] columns;
  private final int[] key;
  private final Form form;
  private final boolean shadow;

  /**
   * @param reads the names of the columns that any rule reads of it
   * @param shadow whether only rules in shadow read it
   */
  ChildTable(TableSchema table, Set<String> reads, boolean shadow) {
    this.table = table;
    this.name = table.id().toString();
    this.columns =
        reads.stream().mapToInt(column -> table.indexOf(column).orElseThrow()).sorted().toArray();
    this.key = table.primaryKey().stream().mapToInt(Integer::intValue).toArray();
    this.form = Form.of(table, columns);
    this.shadow = shadow;
  }

  boolean knows(TableSchema version) {
    return table.equals(version);
  }

  /** Keeps what a change of the table does to its rows. */
  void keep(Change change, OpenTransaction transaction) {
    if (change instanceof Change.Inserted inserted) {
      transaction.childWritten(name, form, columns, key, inserted.after(), shadow);
    } else if (change instanceof Change.Updated updated) {
      transaction.childWritten(name, form, columns, key, updated.after(), shadow);
    } else if (change instanceof Change.Deleted deleted) {
      transaction.childGone(name, key, deleted.before(), shadow);
    } else if (change instanceof Change.Truncated) {
      transaction.childrenGone(name, shadow);
    }
  }
}
