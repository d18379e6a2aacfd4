package io.rowbell.language.memory;

import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one child table that a transaction has written so far: each once, in its last state,
 * in the order in which it was first written; those that were deleted again are gone.
 */
public final class ChildRows {
  private final Map<ByteBuffer, ChildRow> rows = new LinkedHashMap<>();
  private @Nullable Failure failure;

  /**
   * Why the rows are not known.
   *
   * @param code the catalogue's code
   * @param reason what is wrong, in one sentence
   */
  public record Failure(String code, String reason) {}

  /** One row. */
  public static final class ChildRow {
    private final Form form;
    private final ByteBuffer values;
    private @Nullable Row row;

    ChildRow(Form form, ByteBuffer values) {
      this.form = form;
      this.values = values;
    }

    Form form() {
      return form;
    }

    @Nullable Object[] values() {
      ByteBuffer in = values.duplicate();
      @Nullable Object[] all = new Object[form.names().size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = Values.read(in);
      }
      return all;
    }

    /** Whether it holds these columns as a table now has them. */
    public boolean has(TableSchema table, Set<String> columns) {
      return form.has(table, columns);
    }

    /** As a row of the table: the same one for the same table. */
    public Row row(TableSchema table) {
      Row known = row;
      if (known == null || !known.schema().equals(table)) {
        known = RememberedRow.read(values.duplicate(), table, form.indexes(table));
        row = known;
      }
      return known;
    }
  }

  /** All of them. */
  public Collection<ChildRow> rows() {
    return rows.values();
  }

  /** Why they are not known; null if they are. */
  public @Nullable Failure failure() {
    return failure;
  }

  @Nullable ChildRow get(byte[] key) {
    return rows.get(ByteBuffer.wrap(key));
  }

  void put(byte[] key, ChildRow row) {
    rows.put(ByteBuffer.wrap(key), row);
  }

  void remove(byte[] key) {
    rows.remove(ByteBuffer.wrap(key));
  }

  void clear() {
    rows.clear();
  }

  void fail(Failure why) {
    failure = why;
    rows.clear();
  }

  /**
   * A primary key as bytes that are the same for the same values; null if it is not known.
   *
   * @param columns the indexes of its columns
   */
  static byte @Nullable [] key(Row row, int[] columns) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int column : columns) {
      Object value = HeldChange.value(row, column);
      if (value == null || value == Row.NOT_LOGGED || value instanceof RuntimeException) {
        return null;
      }
      Values.write(out, value instanceof BigDecimal number ? number.stripTrailingZeros() : value);
    }
    return out.toByteArray();
  }
}
