package io.rowbell.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.RowPredicate.Compare;
import io.rowbell.model.RowPredicate.Null;
import io.rowbell.model.RowPredicate.Operator;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RowPredicateTest {
  private static final RowPredicate A = new Compare("a", Operator.EQUAL, 1);
  private static final RowPredicate B = new Compare("b", Operator.GREATER, 2);
  private static final RowPredicate C = new Null("c", true);

  @Test
  void numbersAreComparedByValue() {
    assertThat(new Compare("a", Operator.EQUAL, new BigDecimal("100.00")))
        .isEqualTo(new Compare("a", Operator.EQUAL, 100L));
    assertThatThrownBy(() -> new Compare("a", Operator.EQUAL, 1.5))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anOperatorHoldsOrItsOppositeDoes() {
    for (Operator operator : Operator.values()) {
      assertThat(operator.negated()).isNotEqualTo(operator);
      assertThat(operator.negated().negated()).isEqualTo(operator);
    }
  }

  @Test
  void ofOneKindIsMadeOne() {
    assertThat(RowPredicate.any(List.of(A, RowPredicate.any(List.of(B, A)))))
        .isEqualTo(new RowPredicate.Any(List.of(A, B)));
    assertThat(RowPredicate.all(List.of(A, A))).isEqualTo(A);
    assertThat(RowPredicate.all(List.of(A, B, C)).columns()).containsExactly("a", "b", "c");
  }

  @Test
  void whatReadsOtherColumnsIsLeftOutWhereThatOnlyWidens() {
    assertThat(all(A, B).within(Set.of("a"))).isEqualTo(A);
    assertThat(any(A, B).within(Set.of("a"))).isNull();
    assertThat(any(all(A, B), all(A, C)).within(Set.of("a"))).isEqualTo(A);
    assertThat(any(A, C).within(Set.of("a", "c"))).isEqualTo(any(A, C));
    assertThat(all(B, C).within(Set.of("a"))).isNull();
  }

  @Test
  void implicationIsSeenThroughAllAndAny() {
    assertThat(A.implies(any(B, A))).isTrue();
    assertThat(all(A, B).implies(A)).isTrue();
    assertThat(any(all(A, B), A).implies(A)).isTrue();
    assertThat(all(A, B).implies(all(B, any(A, C)))).isTrue();
    assertThat(any(A, B).implies(any(B, C, A))).isTrue();

    assertThat(any(A, B).implies(A)).isFalse();
    assertThat(A.implies(all(A, B))).isFalse();
    assertThat(A.implies(new Compare("a", Operator.NOT_EQUAL, 1))).isFalse();
  }

  private static RowPredicate all(RowPredicate... parts) {
    return RowPredicate.all(List.of(parts));
  }

  private static RowPredicate any(RowPredicate... parts) {
    return RowPredicate.any(List.of(parts));
  }
}
