package io.rowbell.language;

import io.rowbell.language.expression.Expression;
import io.rowbell.language.expression.Template;
import io.rowbell.language.issue.Location;
import io.rowbell.model.Operation;
import io.rowbell.model.TableSchema;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which columns of its table a rule reads; filled while the rule is compiled. */
final class TableReads {
  private final @Nullable TableSchema table;
  private final Set<Operation> operations;
  private final Set<String> columns = new TreeSet<>();
  private final Set<String> oldColumns = new TreeSet<>();
  private final Set<String> lastColumns = new TreeSet<>();
  private final Map<String, Set<String>> children = new TreeMap<>();
  private @Nullable Location atCommit;
  private @Nullable Location last;

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

  /** The columns that are read of child tables, by the child's name in the rule. */
  Map<String, Set<String>> children() {
    return children;
  }

  /** Where something is read that only the end of a transaction tells; or null. */
  @Nullable Location atCommit() {
    return atCommit;
  }

  /** Where the row when the rule fired last is read first; or null. */
  @Nullable Location last() {
    return last;
  }

  /** The column that child rows name. */
  void parent(int index) {
    if (table != null) {
      columns.add(table.column(index).name());
      if (operations.contains(Operation.DELETE)) {
        oldColumns.add(table.column(index).name());
      }
    }
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
      expression
          .children()
          .forEach(
              (child, names) ->
                  children.computeIfAbsent(child, c -> new TreeSet<>()).addAll(names));
      atCommit = atCommit == null ? expression.atCommit() : atCommit;
      last = last == null ? expression.last() : last;
    }
    return this;
  }

  TableReads add(@Nullable Template template) {
    if (template != null) {
      template.holes().forEach(this::add);
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
