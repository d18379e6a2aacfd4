package io.rowbell.language;

import io.rowbell.language.expression.Expression;
import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import io.rowbell.model.Row;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a rule listens to.
 *
 * @param operations at least one
 * @param columns the indexes of the listed columns; empty for any
 * @param when its condition; null for none
 */
@SuppressWarnings("ArrayRecordComponent") // read in the hottest loop, never compared or shown
record Trigger(Set<Operation> operations, int[] columns, @Nullable Expression when) {

  /** Whether a change is of its operations and, of an update, whether a listed column differs. */
  boolean concerns(Change change) {
    return operations.contains(change.operation())
        && !(change instanceof Change.Updated update && !listedColumnDiffers(update));
  }

  /** Asked again of a rule that is likely to match, so that an unreadable value is its failure. */
  private boolean listedColumnDiffers(Change.Updated update) {
    for (int column : columns) {
      if (Row.differs(update.before(), update.after(), column)) {
        return true;
      }
    }
    return columns.length == 0;
  }
}
