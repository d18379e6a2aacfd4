package io.rowbell.language.memory;

import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import io.rowbell.model.UnreadableValueException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Some columns of a row as it once was. Reading any other is a fault of the program. */
final class RememberedRow implements Row {
  private final TableSchema table;
  private final int[] columns;
  private final @Nullable Object[] values;

  private RememberedRow(TableSchema table, int[] columns, @Nullable Object[] values) {
    this.table = table;
    this.columns = columns;
    this.values = values;
  }

  /**
   * Reads one value for each column.
   *
   * @param columns never changed afterwards
   */
  static RememberedRow read(ByteBuffer in, TableSchema table, int[] columns) {
    @Nullable Object[] values = new Object[columns.length];
    for (int i = 0; i < columns.length; i++) {
      values[i] = Values.read(in);
    }
    return new RememberedRow(table, columns, values);
  }

  @Override
  public TableSchema schema() {
    return table;
  }

  @Override
  public @Nullable Object get(int column) {
    for (int i = 0; i < columns.length; i++) {
      if (columns[i] == column) {
        if (values[i] instanceof UnreadableValueException unreadable) {
          throw unreadable;
        }
        return values[i];
      }
    }
    throw new IllegalArgumentException("column " + column + " is not remembered");
  }
}
