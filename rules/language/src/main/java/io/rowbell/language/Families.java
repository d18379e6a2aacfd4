package io.rowbell.language;

import io.rowbell.language.expression.Child;
import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.memory.ChildRows;
import io.rowbell.language.memory.ChildRows.ChildRow;
import io.rowbell.language.memory.OpenTransaction;
import io.rowbell.model.Row;
import io.rowbell.model.UnreadableValueException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The child rows of a transaction by the value of their parent, as one rule reads them: looked
 * through once, however many parents there are.
 */
final class Families {
  /** Child rows of one event. */
  private static final int MAX_ROWS = 10_000;

  private final Child child;
  private final Map<Object, Family> byParent = new HashMap<>();
  private @Nullable RuntimeException failure;

  /** The rows of one parent. */
  private static final class Family {
    final List<Row> rows = new ArrayList<>();

    /** Whether each of them was kept with all that the rule reads. */
    boolean whole = true;
  }

  private Families(Child child) {
    this.child = child;
  }

  /**
   * @param columns the names of those that the rule reads
   */
  static Families of(Child child, Set<String> columns, OpenTransaction transaction) {
    Families families = new Families(child);
    try {
      families.read(transaction, columns);
    } catch (EvaluationException | UnreadableValueException e) {
      families.failure = e;
    }
    return families;
  }

  /**
   * The children of a parent.
   *
   * @throws EvaluationException if there are too many, or they are not known
   * @throws UnreadableValueException if the value of a parent cannot be read
   */
  List<Row> of(Object value) {
    if (failure != null) {
      throw failure;
    }
    Family family = byParent.get(comparable(value));
    if (family == null) {
      return List.of();
    }
    if (family.rows.size() > MAX_ROWS) {
      throw new EvaluationException(
          Codes.LARGE_TRANSACTION,
          "'" + child.name() + "' has " + family.rows.size() + " rows, more than " + MAX_ROWS);
    }
    if (!family.whole) {
      throw changed();
    }
    return Collections.unmodifiableList(family.rows);
  }

  private EvaluationException changed() {
    return new EvaluationException(
        Codes.OTHER_RULES,
        "the rules or table " + child.table().id() + " were changed within the transaction");
  }

  private void read(OpenTransaction transaction, Set<String> columns) {
    ChildRows rows = transaction.children(child.table().id().toString());
    if (rows == null) {
      throw new EvaluationException(
          Codes.OTHER_RULES,
          "the rules were changed within the transaction, and earlier rows of "
              + child.table().id()
              + " were not kept");
    }
    ChildRows.Failure lost = rows.failure();
    if (lost != null) {
      throw new EvaluationException(lost.code(), lost.reason());
    }
    String column = child.table().column(child.column()).name();
    for (ChildRow kept : rows.rows()) {
      if (!kept.has(child.table(), Set.of(column))) {
        throw changed();
      }
      Row row = kept.row(child.table());
      Object value = row.get(child.column());
      if (value == Row.NOT_LOGGED) {
        throw new EvaluationException(
            Codes.NO_VALUE,
            "'" + column + "' of a row of " + child.table().id() + " is not in the log");
      }
      if (value != null) {
        Family family = byParent.computeIfAbsent(comparable(value), v -> new Family());
        family.rows.add(row);
        family.whole &= kept.has(child.table(), columns);
      }
    }
  }

  /** Equal for values that SQL calls equal. */
  private static Object comparable(Object value) {
    if (value instanceof BigDecimal number) {
      return number.stripTrailingZeros();
    }
    return value instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : value;
  }
}
