package io.rowbell.language.expression;

import io.rowbell.language.issue.Codes;
import io.rowbell.model.Row;
import io.rowbell.model.UnreadableValueException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value as an explanation shows it. Never that of a private column.
 *
 * @param state what kind of a value it is
 * @param value null unless the state is KNOWN; the message if it is FAILED
 */
public record ShownValue(State state, @Nullable Object value) {
  private static final int LONGEST = 120;

  /** What can be said of a value. */
  public enum State {
    KNOWN,
    /** SQL's NULL. */
    NULL,
    /** What follows from null. */
    UNKNOWN,
    /** PostgreSQL did not log it. */
    NOT_LOGGED,
    /** It is of a private column. */
    PRIVATE,
    /** It is rows, of which only some columns are known. */
    ROWS,
    /** There is none: its computation failed. */
    FAILED;

    /** As it is written. */
    public String word() {
      return switch (this) {
        case PRIVATE -> "(private)";
        case ROWS -> "(rows)";
        case NOT_LOGGED -> "(not logged)";
        default -> name().toLowerCase(Locale.ROOT);
      };
    }
  }

  static final ShownValue HIDDEN = new ShownValue(State.PRIVATE, null);

  static ShownValue of(@Nullable Object value) {
    if (value == null) {
      return new ShownValue(State.NULL, null);
    }
    if (value == Node.UNKNOWN) {
      return new ShownValue(State.UNKNOWN, null);
    }
    return value == Row.NOT_LOGGED
        ? new ShownValue(State.NOT_LOGGED, null)
        : new ShownValue(State.KNOWN, value);
  }

  /** A column's value. */
  static ShownValue of(Row row, int column) {
    try {
      return of(row.get(column));
    } catch (UnreadableValueException failure) {
      return unreadable(failure);
    }
  }

  /** The value of a part of an expression. */
  static ShownValue of(Part part, Evaluation e, Set<String> privates) {
    if (part.tells(privates)) {
      return HIDDEN;
    }
    if (part.node().type().rows() != null) {
      return new ShownValue(State.ROWS, null);
    }
    try {
      return of(part.node().eval(e));
    } catch (EvaluationException failure) {
      return failed(failure);
    } catch (UnreadableValueException failure) {
      return unreadable(failure);
    }
  }

  /** What a condition comes to. That a private column decides it is told, its value is not. */
  static ShownValue truth(Part part, Evaluation e, Set<String> privates) {
    if (part.node() instanceof RowNodes.ColumnNode && part.tells(privates)) {
      return HIDDEN;
    }
    try {
      return switch (part.node().test(e)) {
        case TRUE -> new ShownValue(State.KNOWN, true);
        case FALSE -> new ShownValue(State.KNOWN, false);
        case UNKNOWN -> new ShownValue(State.UNKNOWN, null);
        case NOT_LOGGED -> new ShownValue(State.NOT_LOGGED, null);
      };
    } catch (EvaluationException failure) {
      return failed(failure);
    } catch (UnreadableValueException failure) {
      return unreadable(failure);
    }
  }

  private static ShownValue failed(EvaluationException failure) {
    return new ShownValue(State.FAILED, failure.code() + " " + failure.getMessage());
  }

  private static ShownValue unreadable(UnreadableValueException failure) {
    return new ShownValue(State.FAILED, Codes.UNREADABLE + " " + failure.getMessage());
  }

  /** Whether it is a condition that holds. */
  public boolean isTrue() {
    return Boolean.TRUE.equals(value);
  }

  /** Whether it is a condition that does not hold. */
  public boolean isFalse() {
    return Boolean.FALSE.equals(value);
  }

  /** On one line, not longer than is of use; text between quotes. */
  public String text() {
    if (state != State.KNOWN || value == null) {
      return state.word();
    }
    String text = CanonicalText.of(value).replaceAll("\\s+", " ");
    int length = text.codePointCount(0, text.length());
    String shown =
        length > LONGEST ? text.substring(0, text.offsetByCodePoints(0, LONGEST)) + "…" : text;
    return value instanceof String ? "'" + shown + "'" : shown;
  }

  /** As a JSON value; what has none is told by its state. */
  public void write(JsonWriter json) {
    switch (state) {
      case KNOWN, NULL -> json.name("value").value(value);
      case FAILED -> json.name("state").value("failed").name("reason").value(value);
      default -> json.name("state").value(state.name().toLowerCase(Locale.ROOT));
    }
  }
}
