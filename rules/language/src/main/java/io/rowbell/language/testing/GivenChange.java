package io.rowbell.language.testing;

import io.rowbell.language.StepTarget;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlNode;
import io.rowbell.language.yaml.YamlReader;
import io.rowbell.language.yaml.YamlScalar;
import io.rowbell.model.Catalog;
import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import io.rowbell.model.Origin;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a change that somebody writes down, in YAML: an operation and a table, and the row's values
 * by column.
 *
 * <pre>
 * update stocks: {id: 1, price: 105.00}
 * message reports: text
 * </pre>
 *
 * <p>Columns that are not given are NULL in a new row; in an update they are as in the row before
 * it, or else, as in the row before an update or delete, such that PostgreSQL did not log them. The
 * row before obeys the table's replica identity.
 */
public final class GivenChange {
  private final Catalog catalog;
  private final Problems problems;

  /**
   * @param catalog the tables
   * @param problems where what is wrong is noted
   */
  public GivenChange(Catalog catalog, Problems problems) {
    this.catalog = catalog;
    this.problems = problems;
  }

  /** Values by the index of their column. */
  private record Given(TableSchema table, Map<Integer, @Nullable Object> values) {
    Row row(@Nullable Object absent) {
      @Nullable Object[] cells = new Object[table.columns().size()];
      Arrays.fill(cells, absent);
      values.forEach((column, value) -> cells[column] = value);
      return new GivenRow(table, cells);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record GivenRow(TableSchema schema, @Nullable Object[] cells) implements Row {
    @Override
    public @Nullable Object get(int column) {
      return cells[column];
    }
  }

  /**
   * A change.
   *
   * @param text the change
   * @param before the row before an update, as a mapping; null if it is not given
   * @return null after a problem
   */
  public @Nullable Change read(String text, @Nullable String before, Origin origin) {
    YamlMap.Entry entry = single(YamlReader.read("--change", text, problems));
    if (entry == null) {
      return null;
    }
    StepTarget target = StepTarget.read(entry.key(), catalog, problems).orElse(null);
    if (target == null) {
      return null;
    }
    String prefix = target.prefix();
    if (prefix != null && entry.value() instanceof YamlScalar content) {
      return new Change.Message(origin, prefix, content.value(), /* transactional= */ true);
    }
    TableSchema table = target.table();
    if (table == null) {
      wrong(
          entry.value(),
          "the text of the message is expected here",
          "for example 'message reports: monthly'");
      return null;
    }
    Operation operation = target.operation();
    if (operation == Operation.TRUNCATE) {
      return new Change.Truncated(origin, table);
    }
    Given row = values(entry.value(), table);
    Given old = before == null ? null : row(before, "--before", table);
    return row == null || problems.hasErrors() ? null : change(operation, row, old, origin);
  }

  private static Change change(
      Operation operation, Given row, @Nullable Given before, Origin origin) {
    return switch (operation) {
      case UPDATE -> {
        Row after = before == null ? row.row(Row.NOT_LOGGED) : over(before, row);
        yield new Change.Updated(origin, logged(before, after), after);
      }
      case DELETE ->
          new Change.Deleted(origin, logged(before == null ? row : before, row.row(null)));
      case SNAPSHOT ->
          new Change.Inserted(
              new Origin(0, origin.commitTime(), origin.position(), 0, "given"), row.row(null));
      default -> new Change.Inserted(origin, row.row(null));
    };
  }

  /**
   * The row of a change as it once was.
   *
   * @param text some of its values, as a mapping; the others are those of the change
   * @return null after a problem, or if the change has no row
   */
  public @Nullable Change earlier(Change change, String text, Origin origin) {
    Row row = current(change);
    if (row == null) {
      return null;
    }
    Given given = row(text, "--last", row.schema());
    if (given == null || problems.hasErrors()) {
      return null;
    }
    Map<Integer, @Nullable Object> values = new LinkedHashMap<>();
    for (int i = 0; i < row.schema().columns().size(); i++) {
      values.put(i, row.get(i));
    }
    return new Change.Inserted(origin, over(new Given(row.schema(), values), given));
  }

  private static Row over(Given below, Given above) {
    Map<Integer, @Nullable Object> values = new LinkedHashMap<>(below.values());
    values.putAll(above.values());
    return new Given(below.table(), values).row(Row.NOT_LOGGED);
  }

  /** What PostgreSQL would log of the row before: of the key, what the row after has. */
  private static Row logged(@Nullable Given before, Row after) {
    TableSchema table = after.schema();
    Map<Integer, @Nullable Object> values = new LinkedHashMap<>();
    for (int column : table.identity()) {
      if (before != null && before.values().containsKey(column)) {
        values.put(column, before.values().get(column));
      } else if (table.primaryKey().contains(column)) {
        values.put(column, after.get(column));
      }
    }
    return new Given(table, values).row(Row.NOT_LOGGED);
  }

  private YamlMap.@Nullable Entry single(@Nullable YamlNode node) {
    if (node instanceof YamlMap map && map.entries().size() == 1) {
      return map.entries().get(0);
    }
    if (node != null) {
      wrong(node, "a change is expected here", "for example 'update stocks: {id: 1, price: 5}'");
    }
    return null;
  }

  private @Nullable Given row(String text, String name, TableSchema table) {
    YamlNode node = YamlReader.read(name, text, problems);
    return node == null ? null : values(node, table);
  }

  private @Nullable Given values(YamlNode node, TableSchema table) {
    if (node instanceof YamlMap map) {
      return new Given(table, new ColumnValues(table, problems).read(map));
    }
    wrong(node, "the row's values are expected here", "for example {id: 1}");
    return null;
  }

  private static @Nullable Row current(Change change) {
    if (change instanceof Change.Updated updated) {
      return updated.after();
    }
    if (change instanceof Change.Inserted inserted) {
      return inserted.after();
    }
    return change instanceof Change.Deleted deleted ? deleted.before() : null;
  }

  private void wrong(YamlNode node, String message, String help) {
    problems.error(Codes.BAD_VALUE, node.location(), message, help);
  }
}
