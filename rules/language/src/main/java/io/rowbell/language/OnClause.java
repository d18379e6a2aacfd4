package io.rowbell.language;

import io.rowbell.language.issue.Text;
import io.rowbell.model.Operation;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a rule listens to. */
sealed interface OnClause {
  /**
   * Changes of a table.
   *
   * @param operations at least one, never MESSAGE
   * @param schema the schema as the catalog spells it, or null to look the table up
   * @param table the table as the catalog spells it
   * @param tableText where the table stands
   * @param columns an update counts only if one of these differs; empty for any
   */
  record Table(
      Set<Operation> operations,
      @Nullable String schema,
      String table,
      Text tableText,
      List<ListedColumn> columns)
      implements OnClause {
    public Table {
      operations = Set.copyOf(operations);
      columns = List.copyOf(columns);
    }
  }

  /**
   * A column of the list after a table.
   *
   * @param name as the catalog spells it
   * @param text where it stands
   */
  record ListedColumn(String name, Text text) {}

  /** Messages that an application wrote with {@code pg_logical_emit_message}. */
  record Messages(String prefix) implements OnClause {}
}
