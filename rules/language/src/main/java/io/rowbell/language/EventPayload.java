package io.rowbell.language;

import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.expression.Expression;
import io.rowbell.language.expression.JsonWriter;
import io.rowbell.language.issue.Codes;
import io.rowbell.model.Change;
import io.rowbell.model.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the data of an event, straight to JSON. */
sealed interface EventPayload {
  /**
   * Writes one JSON value.
   *
   * @return the names of the fields that were left out because PostgreSQL did not log what they
   *     need, with commas between; null if there are none
   * @throws EvaluationException if there is no data
   */
  @Nullable String write(Change change, Workspace workspace);

  /** A field of an object. */
  record Field(String name, Expression expression) {}

  /** An object of named values. */
  record Fields(List<Field> fields) implements EventPayload {
    public Fields {
      fields = List.copyOf(fields);
    }

    @Override
    public @Nullable String write(Change change, Workspace workspace) {
      JsonWriter json = workspace.json.reset().beginObject();
      String missing = null;
      for (Field field : fields) {
        Object value = field.expression().evaluate(workspace.evaluation);
        if (value == Row.NOT_LOGGED) {
          missing = append(missing, field.name());
        } else {
          json.name(field.name()).value(value);
        }
      }
      json.endObject();
      return missing;
    }
  }

  /** One value. */
  record Whole(Expression expression) implements EventPayload {
    @Override
    public @Nullable String write(Change change, Workspace workspace) {
      Object value = expression.evaluate(workspace.evaluation);
      if (value == Row.NOT_LOGGED) {
        throw new EvaluationException(
            Codes.NO_VALUE, "the data depends on a value that PostgreSQL did not log");
      }
      workspace.json.reset().value(value);
      return null;
    }
  }

  /** Every column of the row. */
  record EntireRow() implements EventPayload {
    @Override
    public @Nullable String write(Change change, Workspace workspace) {
      JsonWriter json = workspace.json.reset().beginObject();
      String missing = null;
      Row row = Rows.current(change);
      if (row != null) {
        for (int i = 0; i < row.schema().columns().size(); i++) {
          String name = row.schema().column(i).name();
          Object value = row.get(i);
          if (value == Row.NOT_LOGGED) {
            missing = append(missing, name);
          } else {
            json.name(name).value(value);
          }
        }
      }
      json.endObject();
      return missing;
    }
  }

  private static String append(@Nullable String names, String name) {
    return names == null ? name : names + "," + name;
  }
}
