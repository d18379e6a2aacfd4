package io.rowbell.language;

import io.rowbell.language.expression.Expression;
import io.rowbell.language.expression.Template;
import io.rowbell.model.Operation;
import io.rowbell.model.TableSchema;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which columns of its table a rule reads; filled while the rule is compiled. */
final class TableReads {
  private final @Nullable TableSchema table;
  private final Set<Operation> operations;
  private final Set<String> columns = new TreeSet<>();
  private final Set<String> oldColumns = new TreeSet<>();
  private final Set<String> lastColumns = new TreeSet<>();

  TableReads(@Nullable TableSchema table, Set<Operation> operations) {
    this.table = table;
    this.operations = new TreeSet<>(operations);
  }

  Set<Operation> operations() {
    return operations;
  }

  Set<String> columns() {
    return columns;
  }

  Set<String> oldColumns() {
    return oldColumns;
  }

  /** Those that are read of the row when the rule fired last. */
  Set<String> lastColumns() {
    return lastColumns;
  }

  /** Operations that must be seen though the rule does not listen to them. */
  void observe(Set<Operation> observed) {
    operations.addAll(observed);
  }

  TableReads add(@Nullable Expression expression) {
    if (expression != null) {
      columns.addAll(expression.columns());
      oldColumns.addAll(expression.oldColumns());
      lastColumns.addAll(expression.lastColumns());
    }
    return this;
  }

  TableReads add(@Nullable Template template) {
    if (template != null) {
      columns.addAll(template.columns());
      oldColumns.addAll(template.oldColumns());
      lastColumns.addAll(template.lastColumns());
    }
    return this;
  }

  /** The columns of a list: whether they changed is asked of both images. */
  void listed(int[] indexes) {
    if (table != null) {
      for (int index : indexes) {
        columns.add(table.column(index).name());
        oldColumns.add(table.column(index).name());
      }
    }
  }

  void primaryKey() {
    if (table != null) {
      for (int index : table.primaryKey()) {
        columns.add(table.column(index).name());
        if (operations.contains(Operation.DELETE)) {
          oldColumns.add(table.column(index).name());
        }
      }
    }
  }

  /**
   * @return false if there is no row
   */
  boolean entireRow() {
    if (table == null) {
      return false;
    }
    table.columns().forEach(column -> columns.add(column.name()));
    return true;
  }
}
