package io.rowbell.postgres;

import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import org.jspecify.annotations.Nullable;

/**
 * The row before an update for which nothing was logged, because its identity did not change: the
 * identity's columns are those of the row after it, and the others are not known.
 */
final class UnloggedRow implements Row {
  private final Relation relation;
  private final Row after;

  UnloggedRow(Relation relation, Row after) {
    this.relation = relation;
    this.after = after;
  }

  @Override
  public TableSchema schema() {
    return relation.schema();
  }

  @Override
  public @Nullable Object get(int column) {
    return relation.logged()[column] ? after.get(column) : NOT_LOGGED;
  }
}
