package io.rowbell.language;

import io.rowbell.model.Change;
import io.rowbell.model.Row;
import org.jspecify.annotations.Nullable;

/** Which row of a change a bare name reads. */
final class Rows {
  private Rows() {}

  /** The row after the change, or the one a delete removed; null where there is no row. */
  static @Nullable Row current(Change change) {
    if (change instanceof Change.Updated updated) {
      return updated.after();
    }
    if (change instanceof Change.Inserted inserted) {
      return inserted.after();
    }
    return change instanceof Change.Deleted deleted ? deleted.before() : null;
  }
}
