package io.rowbell.postgres;

import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import io.rowbell.model.UnreadableValueException;
import io.rowbell.model.Values;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A row over the bytes of a pgoutput tuple: a column is found, turned into text and decoded when it
 * is first read.
 *
 * <p>An unchanged TOASTed value has no bytes in the log. It is told by the tuple's own mark, so
 * that no value can be mistaken for it, and is taken from the old row where that was logged.
 */
final class TupleRow implements Row {
  private static final Object NULL = new Object();

  private final Relation relation;
  private final byte[] bytes;
  private final int[] starts;
  private final boolean keyOnly;
  private final @Nullable Row whereUnchanged;
  private @Nullable Object @Nullable [] values;

  private TupleRow(
      Relation relation, byte[] bytes, int[] starts, boolean keyOnly, @Nullable Row old) {
    this.relation = relation;
    this.bytes = bytes;
    this.starts = starts;
    this.keyOnly = keyOnly;
    this.whereUnchanged = old;
  }

  /**
   * A new row.
   *
   * @param starts where each column's mark stands
   * @param old where a value that is not in the log for being unchanged may be found
   */
  static TupleRow after(Relation relation, byte[] bytes, int[] starts, @Nullable Row old) {
    return new TupleRow(relation, bytes, starts, false, old);
  }

  /** An old row of which only what the relation logs is there; the rest of the tuple says NULL. */
  static TupleRow before(Relation relation, byte[] bytes, int[] starts) {
    return new TupleRow(relation, bytes, starts, true, null);
  }

  @Override
  public TableSchema schema() {
    return relation.schema();
  }

  @Override
  public @Nullable Object get(int column) {
    if (values == null) {
      values = new Object[starts.length];
    }
    Object value = values[column];
    if (value == null) {
      value = read(column);
      values[column] = value;
    }
    return value == NULL ? null : value;
  }

  private Object read(int column) {
    if (keyOnly && !relation.logged()[column]) {
      return NOT_LOGGED;
    }
    int start = starts[column];
    return switch (bytes[start]) {
      case WalMessages.NULL -> NULL;
      case WalMessages.TEXT -> decode(column, start);
      case WalMessages.UNCHANGED -> {
        Object old = whereUnchanged == null ? NOT_LOGGED : whereUnchanged.get(column);
        yield old == null ? NULL : old;
      }
      case WalMessages.LEFT_OUT ->
          throw new UnreadableValueException(
              relation.what(column)
                  + ": it is large, and was left out because no rule was known to read it");
      default ->
          throw new UnreadableValueException(
              relation.what(column) + ": it came in a form that was not asked for");
    };
  }

  private Object decode(int column, int start) {
    return relation.decode(
        column,
        new String(bytes, start + 5, WalMessages.int32(bytes, start + 1), StandardCharsets.UTF_8));
  }

  /**
   * Whether a column of two rows of one relation holds different values. Looks at the bytes first.
   *
   * @return false if either has none
   */
  static boolean differs(Row before, TupleRow after, int column) {
    if (before instanceof TupleRow old && old.sameBytes(after, column)) {
      return false;
    }
    Object was = before.get(column);
    Object is = after.get(column);
    return was != NOT_LOGGED && is != NOT_LOGGED && !Values.same(was, is);
  }

  private boolean sameBytes(TupleRow other, int column) {
    int start = starts[column];
    int otherStart = other.starts[column];
    if (bytes[start] != WalMessages.TEXT || other.bytes[otherStart] != WalMessages.TEXT) {
      return bytes[start] == other.bytes[otherStart];
    }
    int length = WalMessages.int32(bytes, start + 1) + 4;
    int otherLength = WalMessages.int32(other.bytes, otherStart + 1) + 4;
    return Arrays.equals(
        bytes,
        start + 1,
        start + 1 + length,
        other.bytes,
        otherStart + 1,
        otherStart + 1 + otherLength);
  }
}
