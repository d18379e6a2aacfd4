package io.rowbell.postgres;

import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import io.rowbell.model.UnreadableValueException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One version of a table, as its rows are written in the log.
 *
 * @param oid the table's {@code pg_class.oid}
 * @param schema what rules see
 * @param decoders how the values of each column are read
 * @param logged for each column, whether an old row has its value; narrower than the table's own
 *     identity where a partition logs less
 */
@SuppressWarnings("ArrayRecordComponent") // read for every row, never changed or compared
record Relation(long oid, TableSchema schema, List<TextDecoder> decoders, boolean[] logged) {
  Relation {
    decoders = List.copyOf(decoders);
    if (decoders.size() != schema.columns().size() || logged.length != decoders.size()) {
      throw new IllegalArgumentException("one decoder for each column of " + schema.id());
    }
  }

  /** The columns that name a row: the primary key's, or what an old row has instead of them. */
  List<Integer> key() {
    if (!schema.primaryKey().isEmpty()) {
      return schema.primaryKey();
    }
    return schema.identity().size() == schema.columns().size() ? List.of() : schema.identity();
  }

  /**
   * A value of a column.
   *
   * @param text what PostgreSQL printed
   * @throws UnreadableValueException if it cannot be represented; never holds the value
   */
  Object decode(int column, String text) {
    try {
      return decoders.get(column).decode(text);
    } catch (RuntimeException e) {
      throw new UnreadableValueException(what(column) + ": " + e.getMessage(), e);
    }
  }

  /** A column, as a message names it. */
  String what(int column) {
    return "column '"
        + schema.column(column).name()
        + "' of "
        + schema.id()
        + ", type "
        + schema.column(column).type();
  }

  /**
   * The values of a row's key, made comparable with {@code equals}; null if one of them is not
   * known.
   */
  static @Nullable List<Object> keyOf(TableSchema schema, Row row) {
    List<Object> key = new ArrayList<>();
    for (int column : schema.primaryKey()) {
      Object value = row.get(column);
      if (value == null || value == Row.NOT_LOGGED) {
        return null;
      }
      key.add(comparable(value));
    }
    return key;
  }

  private static Object comparable(Object value) {
    if (value instanceof BigDecimal number) {
      return number.stripTrailingZeros();
    }
    if (value instanceof List<?> list) {
      return list.stream().map(part -> part == null ? List.of() : comparable(part)).toList();
    }
    return value instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : value;
  }
}
