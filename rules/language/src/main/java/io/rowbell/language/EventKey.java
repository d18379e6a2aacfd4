package io.rowbell.language;

import io.rowbell.language.expression.CanonicalText;
import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.expression.Expression;
import io.rowbell.language.issue.Codes;
import io.rowbell.model.Change;
import io.rowbell.model.Row;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an event is ordered by. */
sealed interface EventKey {
  /**
   * @throws EvaluationException if the key was not logged or cannot be computed
   */
  @Nullable String of(Change change, Workspace workspace);

  /** The names that the rule file gives a meaning and that it is computed with. */
  default Map<String, String> definitions() {
    return Map.of();
  }

  /** There is none: truncated tables and messages. */
  record None() implements EventKey {
    @Override
    public @Nullable String of(Change change, Workspace workspace) {
      return null;
    }
  }

  /** What the rule says; null gives an event without a key. */
  record Chosen(Expression expression) implements EventKey {
    @Override
    public @Nullable String of(Change change, Workspace workspace) {
      Object value = expression.evaluate(workspace.evaluation);
      if (value == Row.NOT_LOGGED) {
        throw new EvaluationException(
            Codes.NO_VALUE, "the key depends on a value that PostgreSQL did not log");
      }
      return value == null ? null : CanonicalText.of(value);
    }

    @Override
    public Map<String, String> definitions() {
      return expression.definitions();
    }
  }

  /**
   * The primary key: a single column's text, or a compact JSON array of several.
   *
   * @param columns the indexes of its columns, in the key's order
   */
  record Primary(List<Integer> columns) implements EventKey {
    public Primary {
      columns = List.copyOf(columns);
    }

    @Override
    public @Nullable String of(Change change, Workspace workspace) {
      Row row = Rows.current(change);
      if (row == null) {
        return null;
      }
      if (columns.size() == 1) {
        return CanonicalText.of(part(row, columns.get(0)));
      }
      workspace.json.reset().beginArray();
      for (int column : columns) {
        workspace.json.value(part(row, column));
      }
      return new String(workspace.json.endArray().toByteArray(), StandardCharsets.UTF_8);
    }

    private static Object part(Row row, int column) {
      Object value = row.get(column);
      if (value == null || value == Row.NOT_LOGGED) {
        throw new EvaluationException(
            Codes.NO_VALUE,
            "the primary key's column '"
                + row.schema().column(column).name()
                + "' has no value in the log");
      }
      return value;
    }
  }
}
