package io.rowbell.language.expression;

import io.rowbell.language.expression.RowNodes.Image;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.Operation;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableSchema;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which rows the changes that a rule tells of have, and which of their values PostgreSQL may not
 * have logged: what the {@link Shape} of an expression follows from.
 *
 * <p>An insert has every value. An update lacks large values that did not change (TOAST), unless
 * the replica identity is FULL. An old row has the columns of the replica identity.
 */
public final class Images {
  private static final Pattern PRECISION = Pattern.compile("numeric\\((\\d+),(-?\\d+)\\)");

  /** With so many digits a numeric has at most 24 bytes, and less is never moved out of a row. */
  private static final int DIGITS_KEPT_IN_LINE = 24;

  /** A transaction's child rows are those that it wrote, as they are at its end. */
  private static final Set<Operation> CHILD_OPERATIONS = Set.of(Operation.INSERT, Operation.UPDATE);

  private final @Nullable TableSchema table;
  private final Set<Operation> operations;
  private final @Nullable Shape element;

  private Images(@Nullable TableSchema table, Set<Operation> operations, @Nullable Shape element) {
    this.table = table;
    this.operations = operations;
    this.element = element;
  }

  /**
   * @param table null for messages
   * @param operations of the changes as events are made of them
   */
  public static Images of(@Nullable TableSchema table, Set<Operation> operations) {
    return new Images(table, Set.copyOf(operations), null);
  }

  /** The rows of a child table that a transaction wrote. */
  static Images ofChild(Child child) {
    return of(child.table(), CHILD_OPERATIONS);
  }

  /** Every column of the row that bare names read; what may be missing is omittable. */
  public Map<String, Shape> row() {
    return row(Image.CURRENT);
  }

  Map<String, Shape> row(Image image) {
    Map<String, Shape> columns = new LinkedHashMap<>();
    if (table != null) {
      for (int i = 0; i < table.columns().size(); i++) {
        Shape shape = Shape.of(table.column(i));
        // Where there is no row, there is no column either.
        columns.put(
            table.column(i).name(), shape.orOmitted(mayBeAbsent(image) || mayBeUnlogged(image, i)));
      }
    }
    return columns;
  }

  Shape column(Image image, Column column, int index) {
    return Shape.of(column).orNull(mayBeAbsent(image)).orOmitted(mayBeUnlogged(image, index));
  }

  boolean mayBeAbsent(Image image) {
    return switch (image) {
      case CURRENT -> has(Operation.TRUNCATE);
      case BEFORE -> has(Operation.INSERT) || has(Operation.SNAPSHOT) || has(Operation.TRUNCATE);
      case AFTER -> has(Operation.DELETE) || has(Operation.TRUNCATE);
      // A rule that reads it does not fire for a key that it does not remember.
      case LAST -> false;
    };
  }

  boolean mayBeUnlogged(Image image, int index) {
    if (table == null || table.identity().contains(index)) {
      return false;
    }
    boolean large =
        table.replicaIdentity() != ReplicaIdentity.FULL
            && mayBeMovedOut(table.column(index).type());
    return switch (image) {
      case CURRENT -> has(Operation.DELETE) || (large && has(Operation.UPDATE));
      case BEFORE -> has(Operation.DELETE) || has(Operation.UPDATE);
      case AFTER -> large && has(Operation.UPDATE);
      // It was remembered from any change that came first.
      case LAST -> large || has(Operation.DELETE);
    };
  }

  private boolean has(Operation operation) {
    return operations.contains(operation);
  }

  /** Whether PostgreSQL may keep a value of this type outside of its row. */
  private static boolean mayBeMovedOut(ColumnType type) {
    return switch (type.kind()) {
      case BOOLEAN, INTEGER, FLOAT, UUID, ENUM, TIMESTAMP_TZ, TIMESTAMP, DATE, TIME, INTERVAL ->
          false;
      case NUMERIC -> {
        Matcher precision = PRECISION.matcher(type.sqlName());
        yield !precision.matches()
            || Integer.parseInt(precision.group(1)) > DIGITS_KEPT_IN_LINE
            || Integer.parseInt(precision.group(2)) > DIGITS_KEPT_IN_LINE;
      }
      case TEXT, BYTES, JSON, ARRAY, OPAQUE -> true;
    };
  }

  /** The same within a comprehension over such elements. */
  Images withElement(Shape shape) {
    return new Images(table, operations, shape);
  }

  /** What a comprehension's variable stands for. */
  Shape element() {
    return Objects.requireNonNull(element, "outside of a comprehension there is no element");
  }
}
