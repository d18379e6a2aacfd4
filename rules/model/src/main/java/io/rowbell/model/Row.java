package io.rowbell.model;

import org.jspecify.annotations.Nullable;

/**
 * One image of a row, read by column index and decoded on the first read of a column.
 *
 * <p>Immutable to its readers; safe to read from one thread at a time. The values are those that
 * {@link ColumnType.Kind} names, never a driver's.
 */
public interface Row {
  /**
   * What {@link #get} answers for a column that PostgreSQL did not log. Compare with {@code ==}.
   */
  Object NOT_LOGGED =
      new Object() {
        @Override
        public String toString() {
          return "(not logged)";
        }
      };

  /** The table as it was when the row was written. */
  TableSchema schema();

  /**
   * The value of a column.
   *
   * @param column an index into {@link TableSchema#columns()}
   * @return the value in its canonical Java class; null for SQL's NULL; {@link #NOT_LOGGED} if
   *     PostgreSQL did not write the value to the log (an unchanged TOASTed value, a column outside
   *     the replica identity)
   * @throws IndexOutOfBoundsException if there is no such column
   * @throws UnreadableValueException if the value cannot be represented; it says which and why
   */
  @Nullable Object get(int column);

  /**
   * Whether two images of the same table hold different values in a column.
   *
   * @return false if the values are the same or if either is not logged
   */
  static boolean differs(Row before, Row after, int column) {
    Object old = before.get(column);
    Object now = after.get(column);
    return old != NOT_LOGGED && now != NOT_LOGGED && !Values.same(old, now);
  }
}
