package io.rowbell.language;

import io.rowbell.language.issue.Text;
import org.jspecify.annotations.Nullable;

/**
 * A child table that a rule names under {@code with}.
 *
 * @param name what expressions call its rows
 * @param text the whole value
 * @param table the table
 * @param column its column that holds the parent's value
 * @param parent that value's column in the rule's table; null for its primary key
 */
record ChildClause(
    Text name,
    Text text,
    OnClause.Table table,
    OnClause.ListedColumn column,
    OnClause.@Nullable ListedColumn parent) {}
