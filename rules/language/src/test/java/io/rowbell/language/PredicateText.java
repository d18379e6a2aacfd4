package io.rowbell.language;

import io.rowbell.model.RowPredicate;
import io.rowbell.model.RowPredicate.All;
import io.rowbell.model.RowPredicate.Any;
import io.rowbell.model.RowPredicate.Compare;
import io.rowbell.model.RowPredicate.Null;
import java.math.BigDecimal;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a predicate asks, in words. */
final class PredicateText {
  private PredicateText() {}

  static String of(@Nullable RowPredicate predicate) {
    if (predicate == null) {
      return "every row";
    }
    if (predicate instanceof All all) {
      return all.parts().stream()
          .map(PredicateText::of)
          .collect(Collectors.joining(" and ", "(", ")"));
    }
    if (predicate instanceof Any any) {
      return any.parts().stream()
          .map(PredicateText::of)
          .collect(Collectors.joining(" or ", "(", ")"));
    }
    if (predicate instanceof Null test) {
      return test.column() + (test.wanted() ? " null" : " known");
    }
    Compare compare = (Compare) predicate;
    String operator =
        switch (compare.operator()) {
          case EQUAL -> "=";
          case NOT_EQUAL -> "<>";
          case LESS -> "<";
          case LESS_OR_EQUAL -> "<=";
          case GREATER -> ">";
          case GREATER_OR_EQUAL -> ">=";
        };
    Object constant =
        compare.constant() instanceof BigDecimal number
            ? number.toPlainString()
            : compare.constant();
    return compare.column() + " " + operator + " " + constant;
  }
}
