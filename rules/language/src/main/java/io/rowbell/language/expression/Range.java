package io.rowbell.language.expression;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * That a column's value lies between two others. Of null it says nothing: an ordering is unknown
 * then.
 *
 * @param order of the column's values, the same for every range of the column
 * @param low null for none
 * @param high null for none; may lie below {@code low}, and then the test never holds
 */
public record Range(int column, Comparator<Object> order, @Nullable End low, @Nullable End high)
    implements ColumnTest {

  /**
   * @param inclusive whether the value itself lies in the range
   */
  public record End(Object value, boolean inclusive) {}

  /** What lies in another range of the column, too. */
  Range and(Range other) {
    return new Range(column, order, inner(low, other.low, 1), inner(high, other.high, -1));
  }

  /**
   * @param sign 1 for the higher of two ends, -1 for the lower
   */
  private @Nullable End inner(@Nullable End a, @Nullable End b, int sign) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    int order = sign * Integer.signum(this.order.compare(a.value, b.value));
    return order > 0 || (order == 0 && !a.inclusive) ? a : b;
  }
}
