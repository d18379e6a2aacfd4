package io.rowbell.language;

import io.rowbell.language.expression.Expression;
import io.rowbell.language.expression.Template;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import io.rowbell.model.TableSchema;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Notes each place at which a private column would leave in one rule's event. */
final class Privacy {
  private final Set<String> columns;
  private final @Nullable TableSchema table;
  private final Problems problems;
  private final Set<Location> told = new HashSet<>();

  /**
   * @param columns the names of the table's private columns
   */
  Privacy(Set<String> columns, @Nullable TableSchema table, Problems problems) {
    this.columns = columns;
    this.table = table;
    this.problems = problems;
  }

  /** An expression whose value leaves. */
  void leaves(String key, @Nullable Expression expression) {
    if (expression != null) {
      leaves(key, expression.exposed());
    }
  }

  /** A text that leaves. */
  void leaves(String key, @Nullable Template template) {
    if (template != null) {
      leaves(key, template.exposed());
    }
  }

  private void leaves(String key, Map<String, Location> exposed) {
    exposed.forEach(
        (column, at) ->
            tell(
                at,
                "'" + column + "' is private, and would leave in '" + key + "'",
                "write mask(" + column + ") or hash(" + column + "), or leave it out"));
  }

  /** Every column leaves. */
  void rowLeaves(Text at) {
    if (table != null && table.columns().stream().anyMatch(c -> columns.contains(c.name()))) {
      tell(
          at.at(0),
          table.id() + " has private columns, and 'data: row' lets every column leave",
          "name the columns that may leave: data: {...}");
    }
  }

  /** The primary key leaves as the key of the event. */
  void primaryKeyLeaves(Text rule) {
    if (hidesPrimaryKey()) {
      tell(
          rule.at(0),
          "the key of this rule is the primary key, which is private",
          "add a 'key' that may leave, for example 'key: hash(...)' of the column");
    }
  }

  /** Whether the primary key must not be told, in dead letters neither. */
  boolean hidesPrimaryKey() {
    return table != null
        && table.primaryKey().stream()
            .anyMatch(index -> columns.contains(table.column(index).name()));
  }

  private void tell(Location at, String message, String help) {
    if (told.add(at)) {
      problems.error(Codes.PRIVATE, at, message, help);
    }
  }
}
