package io.rowbell.language;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.issue.Text;
import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The columns that may not leave unless {@code mask} or {@code hash} hides them. What one file
 * declares holds for the rules of all files.
 */
final class PrivateColumns {
  private static final String ANY_TABLE = "*";

  /** The next name, as it is or between double quotes, and the dot or the end after it. */
  private static final Pattern NAME =
      Pattern.compile("\\G(?:\"((?:[^\"]|\"\")++)\"|([^\".]+))(\\.|\\z)");

  private final List<Entry> entries;

  /** {@code table.column}, {@code schema.table.column}, or {@code *.column} for every table. */
  record Entry(Text text, String table, String column) {
    /** Reads one; empty with an issue if it is none. */
    static Optional<Entry> read(Text text, Problems problems) {
      List<String> names = names(text.value());
      if (names.size() < 2) {
        problems.error(
            Codes.BAD_VALUE,
            text.at(0),
            "'" + text.value() + "' names no column",
            "write table.column, schema.table.column, or \"*.column\" for every table");
        return Optional.empty();
      }
      int last = names.size() - 1;
      return Optional.of(
          new Entry(text, String.join(".", names.subList(0, last)), names.get(last)));
    }

    /** Names with dots between; empty if it is anything else. */
    private static List<String> names(String value) {
      List<String> names = new ArrayList<>();
      Matcher name = NAME.matcher(value);
      while (name.find()) {
        String quoted = name.group(1);
        names.add(quoted == null ? name.group(2) : quoted.replace("\"\"", "\""));
        if (name.end() == value.length()) {
          return name.group(3).isEmpty() ? names : List.of();
        }
      }
      return List.of();
    }

    /** Whether it is of every table. */
    boolean isOfAny() {
      return table.equals(ANY_TABLE);
    }

    boolean isOf(TableId id, Catalog catalog) {
      return isOfAny()
          || table.equals(id.toString())
          || (table.equals(id.name()) && catalog.searchPath().contains(id.schema()));
    }
  }

  PrivateColumns(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** The names of a table's private columns. */
  Set<String> of(TableSchema table, Catalog catalog) {
    return entries.stream()
        .filter(entry -> entry.isOf(table.id(), catalog))
        .map(Entry::column)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Notes what names nothing: a misspelt name would protect nothing.
   *
   * @param which the entries that are looked at
   */
  void check(Catalog catalog, Predicate<Entry> which, Problems problems) {
    for (Entry entry : entries.stream().filter(which).toList()) {
      List<TableSchema> tables =
          catalog.tables().values().stream()
              .filter(table -> entry.isOf(table.id(), catalog))
              .toList();
      if (tables.isEmpty()) {
        Set<String> names = new TreeSet<>();
        catalog.tables().keySet().forEach(id -> names.add(id.toString()));
        catalog.tables().keySet().forEach(id -> names.add(id.name()));
        problems.error(
            Codes.UNKNOWN_TABLE,
            entry.text().at(0),
            "there is no table '" + entry.table() + "'",
            Suggestions.didYouMean(entry.table(), names)
                .orElse("a table is written as in 'on', with its schema if it needs one"));
      } else if (tables.stream().noneMatch(table -> table.indexOf(entry.column()).isPresent())) {
        Set<String> names = new TreeSet<>();
        tables.forEach(table -> table.columns().stream().map(Column::name).forEach(names::add));
        String where =
            entry.table().equals(ANY_TABLE)
                ? "no table has a"
                : "table " + tables.get(0).id() + " has no";
        problems.error(
            Codes.UNKNOWN_COLUMN,
            entry.text().at(0),
            where + " column '" + entry.column() + "'",
            Suggestions.didYouMean(entry.column(), names)
                .orElse("correct the name, or take it out: it protects nothing"));
      }
    }
  }
}
