package io.rowbell.language.expression;

import io.rowbell.model.TableSchema;
import java.util.Set;

/**
 * A table whose rows of the same transaction a rule reads by a name of its own.
 *
 * @param name what expressions call the list of its rows
 * @param table the child table
 * @param column the index of its column that holds the parent's value
 * @param parentColumn the index of that value's column in the rule's table
 * @param privates the names of its columns that may not leave
 */
public record Child(
    String name, TableSchema table, int column, int parentColumn, Set<String> privates) {
  public Child {
    privates = Set.copyOf(privates);
  }
}
