package io.rowbell.language;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the table and the columns that an {@code on} names. */
final class OnBinder {
  private OnBinder() {}

  /**
   * The table that a rule names.
   *
   * @return null if there is none: an issue is noted
   */
  static @Nullable TableSchema find(OnClause.Table on, Catalog catalog, Problems problems) {
    Optional<TableSchema> table =
        on.schema() == null
            ? catalog.find(on.table())
            : catalog.find(new TableId(on.schema(), on.table()));
    if (table.isPresent()) {
      return table.get();
    }
    String name = on.schema() == null ? on.table() : on.schema() + "." + on.table();
    String where =
        on.schema() == null ? " on the search path " + String.join(", ", catalog.searchPath()) : "";
    problems.error(
        Codes.UNKNOWN_TABLE,
        on.tableText().at(0),
        "there is no table '" + name + "'" + where,
        help(on, catalog));
    return null;
  }

  private static String help(OnClause.Table on, Catalog catalog) {
    List<String> elsewhere =
        catalog.tables().keySet().stream()
            .filter(id -> id.name().equals(on.table()))
            .sorted()
            .map(TableId::sql)
            .toList();
    if (!elsewhere.isEmpty()) {
      return "there is " + String.join(", ", elsewhere);
    }
    List<String> names =
        on.schema() == null
            ? catalog.tables().keySet().stream()
                .filter(id -> catalog.searchPath().contains(id.schema()))
                .map(TableId::name)
                .toList()
            : catalog.tables().keySet().stream().map(TableId::toString).toList();
    String word = on.schema() == null ? on.table() : on.schema() + "." + on.table();
    Optional<String> capitals =
        names.stream().filter(name -> name.equalsIgnoreCase(on.table())).findFirst();
    if (capitals.isPresent()) {
      return "a name with capital letters stands between double quotes: \"" + capitals.get() + '"';
    }
    return Suggestions.didYouMean(word, names)
        .orElse(
            "create it first, or name another; a name with capital letters stands between \"\", and a"
                + " view has no changes: name its tables");
  }

  /**
   * The indexes of the listed columns that there are. Notes those that are not, and those whose old
   * values PostgreSQL does not log: whether they changed is never known.
   */
  static int[] columns(OnClause.Table on, TableSchema table, Problems problems) {
    List<Integer> indexes = new ArrayList<>();
    List<OnClause.ListedColumn> unlogged = new ArrayList<>();
    for (OnClause.ListedColumn column : on.columns()) {
      int index = table.indexOf(column.name()).orElse(-1);
      if (index < 0) {
        problems.error(
            Codes.UNKNOWN_COLUMN,
            column.text().at(0),
            "table " + table.id() + " has no column '" + column.name() + "'",
            columnHelp(column.name(), table));
        continue;
      }
      indexes.add(index);
      if (!table.identity().contains(index)) {
        unlogged.add(column);
      }
    }
    if (!unlogged.isEmpty()) {
      reportUnlogged(on, table, unlogged, problems);
    }
    return indexes.stream().mapToInt(Integer::intValue).toArray();
  }

  /** What was likely meant by a column that the table does not have. */
  static String columnHelp(String name, TableSchema table) {
    List<String> names = table.columns().stream().map(Column::name).toList();
    return names.stream()
        .filter(name::equalsIgnoreCase)
        .findFirst()
        .map(other -> "a name with capital letters stands between double quotes: \"" + other + '"')
        .or(() -> Suggestions.didYouMean(name, names))
        .or(() -> Suggestions.choice("its columns", names))
        .orElse("the table has no columns");
  }

  private static void reportUnlogged(
      OnClause.Table on,
      TableSchema table,
      List<OnClause.ListedColumn> unlogged,
      Problems problems) {
    OnClause.ListedColumn first = unlogged.get(0);
    String identity = table.id() + " has REPLICA IDENTITY " + table.replicaIdentity();
    String help = "run ALTER TABLE " + table.id().sql() + " REPLICA IDENTITY FULL";
    if (unlogged.size() == on.columns().size() && on.operations().size() == 1) {
      problems.error(
          Codes.NOT_LOGGED,
          first.text().at(0),
          "this rule can never fire: it asks whether '"
              + first.name()
              + "' changed, but "
              + identity
              + ": PostgreSQL does not log old values",
          help + ", or remove the column list");
    } else {
      problems.warning(
          Codes.CHANGE_UNKNOWN,
          first.text().at(0),
          "an update never counts as a change of '"
              + first.name()
              + "': "
              + identity
              + ", so its old value is not logged",
          help);
    }
  }
}
