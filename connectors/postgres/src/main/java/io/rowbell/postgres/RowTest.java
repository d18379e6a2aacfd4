package io.rowbell.postgres;

import io.rowbell.model.RowPredicate;
import io.rowbell.model.RowPredicate.All;
import io.rowbell.model.RowPredicate.Any;
import io.rowbell.model.RowPredicate.Compare;
import io.rowbell.model.RowPredicate.Null;
import io.rowbell.model.RowPredicate.Operator;
import io.rowbell.postgres.WalMessages.ColumnMessage;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link RowPredicate} asked of the bytes of a tuple: whether it may hold. What cannot be told
 * from them may hold: a value that was not logged, one in another form than is usual, a column of
 * another type than the constant's, or one that is not there.
 */
@FunctionalInterface
interface RowTest {
  boolean mayHold(RawTuple row);

  /**
   * @param columns the table as it was announced
   * @return null if it may hold of every row
   */
  static @Nullable RowTest of(RowPredicate predicate, List<ColumnMessage> columns) {
    if (predicate instanceof All all) {
      return all(all.parts().stream().map(part -> of(part, columns)).toList());
    }
    if (predicate instanceof Any any) {
      return any(any.parts().stream().map(part -> of(part, columns)).toList());
    }
    if (predicate instanceof Null test) {
      int column = index(columns, test.column());
      return column < 0 || RawType.of(columns.get(column).type()) == RawType.OTHER
          ? null
          : isNull(column, test.wanted());
    }
    return of((Compare) predicate, columns);
  }

  /** Of how many comparisons a predicate is made. */
  static int count(RowPredicate predicate) {
    if (predicate instanceof All all) {
      return all.parts().stream().mapToInt(RowTest::count).sum();
    }
    return predicate instanceof Any any ? any.parts().stream().mapToInt(RowTest::count).sum() : 1;
  }

  /** The index of a column; -1 if there is none of that name. */
  static int index(List<ColumnMessage> columns, String name) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private static @Nullable RowTest all(List<@Nullable RowTest> parts) {
    List<RowTest> known = new ArrayList<>();
    for (RowTest part : parts) {
      if (part != null) {
        known.add(part);
      }
    }
    RowTest[] tests = known.toArray(RowTest[]::new);
    return tests.length == 0
        ? null
        : row -> {
          for (RowTest test : tests) {
            if (!test.mayHold(row)) {
              return false;
            }
          }
          return true;
        };
  }

  private static @Nullable RowTest any(List<@Nullable RowTest> parts) {
    List<RowTest> known = new ArrayList<>();
    for (RowTest part : parts) {
      if (part == null) {
        return null;
      }
      known.add(part);
    }
    RowTest[] tests = known.toArray(RowTest[]::new);
    return row -> {
      for (RowTest test : tests) {
        if (test.mayHold(row)) {
          return true;
        }
      }
      return false;
    };
  }

  private static RowTest isNull(int column, boolean wanted) {
    return row -> row.isNull(column) ? wanted : !(wanted && row.isText(column));
  }

  private static @Nullable RowTest of(Compare compare, List<ColumnMessage> columns) {
    int column = index(columns, compare.column());
    if (column < 0) {
      return null;
    }
    RawType type = RawType.of(columns.get(column).type());
    Operator operator = compare.operator();
    boolean ofNull = operator == Operator.NOT_EQUAL;
    RowTest test = null;
    if (compare.constant() instanceof BigDecimal number && type == RawType.NUMBER) {
      test = number(column, operator, new RawNumber(number));
    } else if (compare.constant() instanceof String text && type == RawType.TEXT) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      // Halves of characters have no bytes; and bytes that are no text are read as U+FFFD.
      boolean exact = new String(bytes, StandardCharsets.UTF_8).equals(text);
      test = exact && text.indexOf('\uFFFD') < 0 ? same(column, !ofNull, bytes) : null;
    } else if (compare.constant() instanceof Boolean truth && type == RawType.BOOLEAN) {
      test = truth(column, truth == (operator == Operator.EQUAL));
    }
    RowTest known = test;
    return known == null
        ? null
        : row -> row.isNull(column) ? ofNull : !row.isText(column) || known.mayHold(row);
  }

  private static RowTest number(int column, Operator operator, RawNumber constant) {
    return row -> {
      int order = constant.compare(row.bytes(), row.textStart(column), row.textEnd(column));
      return order == RawNumber.NOT_KNOWN
          || switch (operator) {
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case LESS -> order < 0;
            case LESS_OR_EQUAL -> order <= 0;
            case GREATER -> order > 0;
            case GREATER_OR_EQUAL -> order >= 0;
          };
    };
  }

  private static RowTest same(int column, boolean wanted, byte[] constant) {
    return row ->
        wanted
            == Arrays.equals(
                row.bytes(),
                row.textStart(column),
                row.textEnd(column),
                constant,
                0,
                constant.length);
  }

  private static RowTest truth(int column, boolean wanted) {
    return row -> {
      int start = row.textStart(column);
      byte letter = row.bytes()[start];
      boolean known = row.textEnd(column) == start + 1 && (letter == 't' || letter == 'f');
      return !known || (letter == 't') == wanted;
    };
  }
}
