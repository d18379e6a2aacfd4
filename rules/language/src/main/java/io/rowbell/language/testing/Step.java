package io.rowbell.language.testing;

import io.rowbell.language.issue.Location;
import io.rowbell.model.Operation;
import io.rowbell.model.TableSchema;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A step of a test. */
sealed interface Step {
  /** Where it stands. */
  Location at();

  /** What one transaction writes. */
  record Transaction(Location at, List<Write> writes) implements Step {
    public Transaction {
      writes = List.copyOf(writes);
    }
  }

  /** Time goes by. */
  record Wait(Location at, Duration duration) implements Step {}

  /** What must have come since the last step of this kind. */
  record Expect(Location at, Expectation expectation) implements Step {}

  /** One change of a transaction, or a row of a snapshot. */
  sealed interface Write {
    /** Where it stands. */
    Location at();
  }

  /**
   * A change of a table.
   *
   * @param where the values that the row has now, by column: the only row with them is meant; empty
   *     for an insert, a snapshot's row and a truncate
   * @param values what the row's columns become
   */
  record RowWrite(
      Location at,
      Operation operation,
      TableSchema table,
      Map<Integer, @Nullable Object> where,
      Map<Integer, @Nullable Object> values)
      implements Write {}

  /** A message within the transaction. */
  record MessageWrite(Location at, String prefix, String content) implements Write {}
}
