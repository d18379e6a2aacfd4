package io.rowbell.language.memory;

import io.rowbell.model.Column;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which columns of a table a row is kept with: enough to read it again when the table was altered
 * meanwhile.
 *
 * @param table the table, as {@code schema.table}; empty for what has no rows
 * @param names the columns, in the order in which their values are kept
 * @param types their SQL types
 */
public record Form(String table, List<String> names, List<String> types) {
  public Form {
    names = List.copyOf(names);
    types = List.copyOf(types);
  }

  /** The form of rows with some columns of a table. */
  public static Form of(TableSchema table, int[] columns) {
    List<String> names = new ArrayList<>();
    List<String> types = new ArrayList<>();
    for (int index : columns) {
      Column column = table.column(index);
      names.add(column.name());
      types.add(column.type().sqlName());
    }
    return new Form(table.id().toString(), names, types);
  }

  /** Whether all of these columns of a table can be read of a row of this form. */
  public boolean has(TableSchema table, Set<String> columns) {
    return columns.stream().allMatch(column -> indexOf(table, column) >= 0);
  }

  private int indexOf(TableSchema table, String column) {
    int kept = names.indexOf(column);
    int index = kept < 0 ? -1 : table.indexOf(column).orElse(-1);
    return index >= 0 && table.column(index).type().sqlName().equals(types.get(kept)) ? index : -1;
  }

  /** Where each value belongs in a table; -1 for what the table has no longer. */
  int[] indexes(TableSchema table) {
    return names.stream().mapToInt(name -> indexOf(table, name)).toArray();
  }
}
