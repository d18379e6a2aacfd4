package io.rowbell.language;

import io.rowbell.language.expression.Child;
import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.expression.TransactionFacts;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.memory.ChildRows;
import io.rowbell.language.memory.ChildRows.ChildRow;
import io.rowbell.language.memory.OpenTransaction;
import io.rowbell.model.Row;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a transaction that was read to its end tells the rules that waited for it. */
final class CommitFacts implements TransactionFacts {
  /** Child rows of one event. */
  static final int MAX_ROWS = 10_000;

  private final OpenTransaction transaction;
  private final Map<Child, Map<Object, List<ChildRow>>> byParent = new HashMap<>();
  private @Nullable Keeping rule;

  CommitFacts(OpenTransaction transaction) {
    this.transaction = transaction;
  }

  /** Which rule asks from here on. */
  void of(Keeping asking) {
    rule = asking;
  }

  @Override
  public long changes() {
    return transaction.changes();
  }

  @Override
  public List<Row> children(Child child, Object value) {
    List<ChildRow> rows =
        byParent.computeIfAbsent(child, this::byParent).getOrDefault(comparable(value), List.of());
    if (rows.size() > MAX_ROWS) {
      throw new EvaluationException(
          Codes.LARGE_TRANSACTION,
          "'" + child.name() + "' has " + rows.size() + " rows, more than " + MAX_ROWS);
    }
    Set<String> columns = rule == null ? Set.of() : rule.columnsOf(child);
    List<Row> found = new ArrayList<>(rows.size());
    for (ChildRow row : rows) {
      require(row, child, columns);
      found.add(row.row(child.table()));
    }
    return found;
  }

  private Map<Object, List<ChildRow>> byParent(Child child) {
    ChildRows rows = transaction.children(child.table().id().toString());
    if (rows == null) {
      throw new EvaluationException(
          Codes.OTHER_RULES,
          "the rules were changed within the transaction, and earlier rows of "
              + child.table().id()
              + " were not kept");
    }
    ChildRows.Failure failure = rows.failure();
    if (failure != null) {
      throw new EvaluationException(failure.code(), failure.reason());
    }
    String column = child.table().column(child.column()).name();
    Map<Object, List<ChildRow>> found = new HashMap<>();
    for (ChildRow row : rows.rows()) {
      require(row, child, Set.of(column));
      Object value = row.row(child.table()).get(child.column());
      if (value == Row.NOT_LOGGED) {
        throw new EvaluationException(
            Codes.NO_VALUE,
            "'" + column + "' of a row of " + child.table().id() + " is not in the log");
      }
      if (value != null) {
        found.computeIfAbsent(comparable(value), v -> new ArrayList<>()).add(row);
      }
    }
    return found;
  }

  private static void require(ChildRow row, Child child, Set<String> columns) {
    if (!row.has(child.table(), columns)) {
      throw new EvaluationException(
          Codes.OTHER_RULES,
          "the rules or table " + child.table().id() + " were changed within the transaction");
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
