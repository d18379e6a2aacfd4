package io.rowbell.postgres;

import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import org.jspecify.annotations.Nullable;

/** A row read with SELECT: what SQL printed for each column, decoded when it is first read. */
final class SelectedRow implements Row {
  private static final Object NULL = new Object();

  private final Relation relation;

  /** A text; {@link #NULL}; {@link Row#NOT_LOGGED} for a column that we may not read. */
  private final Object[] printed;

  private final @Nullable Object[] values;

  /**
   * @param texts what SQL printed for each column that was selected
   * @param places for each column of the relation, its place in {@code texts}, or -1
   */
  SelectedRow(Relation relation, @Nullable String[] texts, int[] places) {
    this.relation = relation;
    this.printed = new Object[places.length];
    for (int i = 0; i < places.length; i++) {
      if (places[i] < 0) {
        printed[i] = NOT_LOGGED;
      } else {
        String text = texts[places[i]];
        printed[i] = text == null ? NULL : text;
      }
    }
    this.values = new Object[places.length];
  }

  @Override
  public TableSchema schema() {
    return relation.schema();
  }

  @Override
  public @Nullable Object get(int column) {
    Object value = values[column];
    if (value == null) {
      value =
          printed[column] instanceof String text ? relation.decode(column, text) : printed[column];
      values[column] = value;
    }
    return value == NULL ? null : value;
  }
}
