package io.rowbell.language.testing;

import io.rowbell.language.expression.ColumnText;
import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.yaml.YamlList;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlNode;
import io.rowbell.language.yaml.YamlScalar;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.Json;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads a mapping of columns to values. */
final class ColumnValues {
  private final TableSchema table;
  private final Problems problems;

  ColumnValues(TableSchema table, Problems problems) {
    this.table = table;
    this.problems = problems;
  }

  /** The values by column; those that cannot be read are noted, and left out. */
  Map<Integer, @Nullable Object> read(YamlMap map) {
    Map<Integer, @Nullable Object> values = new LinkedHashMap<>();
    for (YamlMap.Entry entry : map.entries()) {
      int index = table.indexOf(entry.name()).orElse(-1);
      if (index < 0) {
        problems.error(
            Codes.UNKNOWN_COLUMN,
            entry.key().location(),
            "table " + table.id() + " has no column '" + entry.name() + "'",
            columnHelp(entry.name()));
        continue;
      }
      try {
        values.put(index, value(entry.value(), table.column(index)));
      } catch (Refused e) {
        problems.error(Codes.NO_VALUE_OF_COLUMN, e.at, e.what, e.help);
      }
    }
    return values;
  }

  private String columnHelp(String name) {
    List<String> names = table.columns().stream().map(Column::name).toList();
    return Suggestions.didYouMean(name, names)
        .or(() -> Suggestions.choice("its columns", names))
        .orElse("the table has no columns");
  }

  /** A value that the column cannot have. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Location at;
    private final String what;
    private final String help;

    Refused(YamlNode node, Column column, String why, String help) {
      super(why, null, false, false);
      this.at = node.location();
      this.what =
          "'" + column.name() + "' is " + column.type().sqlName() + ", and cannot be this: " + why;
      this.help = help;
    }
  }

  private static @Nullable Object value(YamlNode node, Column column) throws Refused {
    if (!Plain.isNull(node)) {
      return value(node, column, column.type());
    }
    if (!column.nullable()) {
      throw new Refused(node, column, "the column is NOT NULL", "give it a value");
    }
    return null;
  }

  private static Object value(YamlNode node, Column column, ColumnType type) throws Refused {
    if (type.kind() == ColumnType.Kind.ARRAY) {
      return array(node, column, Objects.requireNonNull(type.element()));
    }
    if (type.kind() == ColumnType.Kind.JSON
        && (!(node instanceof YamlScalar scalar) || isJsonWord(scalar))) {
      return new Json(Plain.json(Plain.of(node)));
    }
    if (!(node instanceof YamlScalar scalar)) {
      throw new Refused(
          node,
          column,
          "there is " + node.kind() + " here",
          "write the whole value between quotes");
    }
    try {
      return ColumnText.read(scalar.value(), type);
    } catch (EvaluationException e) {
      throw new Refused(
          node,
          column,
          String.valueOf(e.getMessage()),
          type.kind() == ColumnType.Kind.JSON
              ? "write a mapping, a list, or the JSON's text between quotes"
              : "write it as SQL would write a constant of the type");
    }
  }

  private static boolean isJsonWord(YamlScalar scalar) {
    return scalar.isPlain() && !(Plain.of(scalar) instanceof String);
  }

  private static Object array(YamlNode node, Column column, ColumnType element) throws Refused {
    if (!(node instanceof YamlList list)) {
      throw new Refused(
          node, column, "there is " + node.kind() + " here", "write a list, as [1, 2]");
    }
    List<@Nullable Object> items = new ArrayList<>();
    for (YamlNode item : list.items()) {
      if (Plain.isNull(item)) {
        items.add(null);
      } else if (item instanceof YamlList) {
        items.add(array(item, column, element));
      } else {
        items.add(value(item, column, element));
      }
    }
    return Collections.unmodifiableList(items);
  }
}
