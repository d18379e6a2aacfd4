package io.rowbell.postgres;

import io.rowbell.model.ColumnType.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Values of one type: what is written in SQL, and for some of them what must be read. */
final class Golden {
  final String type;
  final Kind kind;
  final List<Value> values = new ArrayList<>();

  private Golden(String type, Kind kind) {
    this.type = type;
    this.kind = kind;
  }

  /**
   * A value.
   *
   * @param literal SQL
   * @param expected the canonical value, or null if it is only compared by way of SQL
   * @param andBack whether SQL must print the canonical value as it printed the first
   */
  record Value(String literal, @Nullable Object expected, boolean andBack) {}

  static Golden type(String type, Kind kind) {
    return new Golden(type, kind);
  }

  /** A value that must be read as {@code expected}. */
  Golden is(String literal, Object expected) {
    values.add(new Value(literal, expected, true));
    return this;
  }

  /** A value that loses something on purpose (bounds of an array): not compared on the way back. */
  Golden isOneWay(String literal, Object expected) {
    values.add(new Value(literal, expected, false));
    return this;
  }

  /** Values of which it is enough that SQL recognises what was read. */
  Golden and(String... literals) {
    Arrays.stream(literals).forEach(literal -> values.add(new Value(literal, null, true)));
    return this;
  }

  /** A value of an opaque or text type: read exactly as given. */
  Golden same(String... texts) {
    for (String text : texts) {
      values.add(new Value("'" + text.replace("'", "''") + "'", text, true));
    }
    return this;
  }

  @Override
  public String toString() {
    return type;
  }
}
