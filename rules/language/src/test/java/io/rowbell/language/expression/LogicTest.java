package io.rowbell.language.expression;

import static io.rowbell.language.expression.Truth.FALSE;
import static io.rowbell.language.expression.Truth.NOT_LOGGED;
import static io.rowbell.language.expression.Truth.TRUE;
import static io.rowbell.language.expression.Truth.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.Change;
import io.rowbell.model.Row;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Kleene's logic, and what null and values that were not logged mean in it. */
class LogicTest {
  /** A comparison with each truth: qty is null, note was not logged. */
  private static final Map<Truth, String> OPERANDS =
      Map.of(
          TRUE, "price == 110",
          FALSE, "price == 111",
          UNKNOWN, "qty > 1",
          NOT_LOGGED, "note == 'x'");

  private static Truth test(String source) {
    return Sample.test(source, Sample.updateWith("note", Row.NOT_LOGGED));
  }

  @ParameterizedTest
  @CsvSource({
    "TRUE,TRUE,TRUE,TRUE",
    "TRUE,FALSE,FALSE,TRUE",
    "TRUE,UNKNOWN,UNKNOWN,TRUE",
    "TRUE,NOT_LOGGED,NOT_LOGGED,TRUE",
    "FALSE,TRUE,FALSE,TRUE",
    "FALSE,FALSE,FALSE,FALSE",
    "FALSE,UNKNOWN,FALSE,UNKNOWN",
    "FALSE,NOT_LOGGED,FALSE,NOT_LOGGED",
    "UNKNOWN,TRUE,UNKNOWN,TRUE",
    "UNKNOWN,FALSE,FALSE,UNKNOWN",
    "UNKNOWN,UNKNOWN,UNKNOWN,UNKNOWN",
    "UNKNOWN,NOT_LOGGED,NOT_LOGGED,NOT_LOGGED",
    "NOT_LOGGED,TRUE,NOT_LOGGED,TRUE",
    "NOT_LOGGED,FALSE,FALSE,NOT_LOGGED",
    "NOT_LOGGED,UNKNOWN,NOT_LOGGED,NOT_LOGGED",
    "NOT_LOGGED,NOT_LOGGED,NOT_LOGGED,NOT_LOGGED"
  })
  void andAndOrFollowKleene(Truth a, Truth b, Truth and, Truth or) {
    assertThat(test(OPERANDS.get(a) + " && " + OPERANDS.get(b))).isEqualTo(and);
    assertThat(test(OPERANDS.get(a) + " || " + OPERANDS.get(b))).isEqualTo(or);
  }

  @ParameterizedTest
  @EnumSource(Truth.class)
  void notTurnsWhatIsKnownOnly(Truth operand) {
    Truth expected = operand == TRUE ? FALSE : operand == FALSE ? TRUE : operand;
    assertThat(test("!(" + OPERANDS.get(operand) + ")")).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"TRUE,TRUE", "FALSE,FALSE", "UNKNOWN,UNKNOWN", "NOT_LOGGED,NOT_LOGGED"})
  void choiceIsUnknownIfItsConditionIs(Truth condition, Truth expected) {
    assertThat(test(OPERANDS.get(condition) + " ? true : false")).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "qty == null | TRUE",
        "qty != null | FALSE",
        "null == qty | TRUE",
        "qty == 1 | FALSE",
        "qty != 1 | TRUE",
        "qty == vars.nothing | TRUE",
        "price == null | FALSE",
        "qty < 1 | UNKNOWN",
        "qty + 1 == 2 | UNKNOWN",
        "qty + 1 == null | UNKNOWN",
        "abs(qty) == null | UNKNOWN",
        "note == null | NOT_LOGGED",
        "note != null | NOT_LOGGED",
        "has(note) | NOT_LOGGED",
        "note in ['a'] | NOT_LOGGED",
        "coalesce(note, 'x') == 'x' | NOT_LOGGED",
        "note + 'x' == 'x' | NOT_LOGGED",
        "qty in [1, 2] | FALSE",
        "qty in [1, null] | TRUE",
        "symbol in ['ACME', 'X'] | TRUE",
        "coalesce(qty, 3) == 3 | TRUE",
        "coalesce(qty + 1, 3) == 3 | TRUE",
        "active | TRUE",
        "!active | FALSE",
        "size(symbol) == 4 | TRUE"
      })
  void nullIsAValueToEqualityAndUnknownToTheRest(String source, Truth expected) {
    assertThat(test(source)).isEqualTo(expected);
  }

  @Test
  void aFailureDoesNotMatterWhereTheOtherSideDecides() {
    assertThat(Sample.test("id / 0 > 1 && price < 0")).isEqualTo(FALSE);
    assertThat(Sample.test("price < 0 && id / 0 > 1")).isEqualTo(FALSE);
    assertThat(Sample.test("id / 0 > 1 || price > 0")).isEqualTo(TRUE);
    assertThatThrownBy(() -> Sample.test("id / 0 > 1 || price < 0"))
        .isInstanceOf(EvaluationException.class);
    assertThatThrownBy(() -> Sample.test("id / 0 > 1 || qty > 1"))
        .isInstanceOf(EvaluationException.class);
  }

  @Test
  void whatFollowsFromNullIsNullInData() {
    assertThat(Sample.eval("qty * 2")).isNull();
    assertThat(Sample.eval("[qty + 1, 2]")).isEqualTo(java.util.Arrays.asList(null, 2L));
  }

  @Test
  void whatFollowsFromAValueThatWasNotLoggedIsNotLogged() {
    Change change = Sample.updateWith("note", Row.NOT_LOGGED);
    assertThat(Sample.eval("note", change)).isSameAs(Row.NOT_LOGGED);
    assertThat(Sample.eval("upper(note)", change)).isSameAs(Row.NOT_LOGGED);
    assertThat(Sample.eval("{'n': note}", change)).isSameAs(Row.NOT_LOGGED);
    assertThat(Sample.eval("[1].map(x, note)", change)).isSameAs(Row.NOT_LOGGED);
    assertThat(Sample.eval("active ? note : 'x'", change)).isSameAs(Row.NOT_LOGGED);
  }
}
