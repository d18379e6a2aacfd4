package io.rowbell.language.expression;

import static io.rowbell.language.expression.Truth.FALSE;
import static io.rowbell.language.expression.Truth.NOT_LOGGED;
import static io.rowbell.language.expression.Truth.TRUE;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.Row;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which row a name reads, and what the words for a change mean. */
class RowsTest {
  private static final Set<Operation> ALL =
      Set.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE);
  private static final Change INSERT =
      new Change.Inserted(Sample.ORIGIN, Sample.row(Sample.STOCKS, Sample.after()));
  private static final Change DELETE =
      new Change.Deleted(Sample.ORIGIN, Sample.row(Sample.STOCKS, Sample.before()));

  private static Truth test(String source, Change change) {
    Evaluation evaluation = new Evaluation();
    evaluation.begin(change);
    return Sample.compile(Scope.table(Sample.STOCKS, ALL), source).test(evaluation);
  }

  @Test
  void aBareColumnIsTheRowAsItIsNow() {
    assertThat(test("price == 110", Sample.update())).isEqualTo(TRUE);
    assertThat(test("price == 110", INSERT)).isEqualTo(TRUE);
    assertThat(test("price == 90", DELETE)).isEqualTo(TRUE);
  }

  @Test
  void aRowThatIsNotThereIsNull() {
    assertThat(test("before.price == null && before == null", INSERT)).isEqualTo(TRUE);
    assertThat(test("after.price == null && after == null", DELETE)).isEqualTo(TRUE);
    assertThat(test("before.price == 90 && before != null", Sample.update())).isEqualTo(TRUE);
  }

  @Test
  void becomesIsTrueOnceTheConditionIsAndWasNot() {
    assertThat(test("becomes(price > 100)", Sample.update())).isEqualTo(TRUE);
    assertThat(test("becomes(price > 80)", Sample.update())).isEqualTo(FALSE);
    assertThat(test("becomes(price > 200)", Sample.update())).isEqualTo(FALSE);
    assertThat(test("becomes(price > 100)", INSERT)).isEqualTo(TRUE);
    assertThat(test("becomes(price > 80)", DELETE)).isEqualTo(FALSE);
    assertThat(test("!becomes(price > 80)", DELETE)).isEqualTo(TRUE);
  }

  @Test
  void becomesCountsAnUnknownConditionAsNotTrue() {
    Map<String, @Nullable Object> before = Sample.before();
    before.put("price", null);
    assertThat(test("becomes(price > 100)", Sample.update(before, Sample.after()))).isEqualTo(TRUE);
    Map<String, @Nullable Object> after = Sample.after();
    after.put("price", null);
    assertThat(test("becomes(price > 80)", Sample.update(Sample.before(), after))).isEqualTo(FALSE);
  }

  @Test
  void becomesIsUnknownIfTheOldValueWasNotLogged() {
    Map<String, @Nullable Object> before = Sample.before();
    before.put("price", Row.NOT_LOGGED);
    assertThat(test("becomes(price > 100)", Sample.update(before, Sample.after())))
        .isEqualTo(NOT_LOGGED);
  }

  @Test
  void becomesReadsLetNamesOfBothRows() {
    Problems problems = new Problems();
    ExpressionCompiler compiler = new ExpressionCompiler(Scope.table(Sample.STOCKS, ALL));
    Expression unused = compiler.let("twice", Text.of("t", "price * 2"), problems);
    Expression crossing =
        compiler.condition(
            Text.of("t", "twice == 220 && becomes(twice > 200) && twice == 220"), problems);
    assertThat(problems.issues()).isEmpty();
    Evaluation evaluation = new Evaluation();
    evaluation.begin(Sample.update());
    assertThat(requireNonNull(crossing).test(evaluation)).isEqualTo(TRUE);
    assertThat(requireNonNull(crossing).oldColumns()).containsExactly("price");
  }

  @Test
  void changedComparesByValueAndTakesNoGuess() {
    assertThat(test("changed(price)", Sample.update())).isEqualTo(TRUE);
    assertThat(test("changed(symbol, qty)", Sample.update())).isEqualTo(FALSE);
    assertThat(
            test("changed(after[\"Größe\"])", Sample.updateWith("Größe", new BigDecimal("1.00"))))
        .isEqualTo(FALSE);
    assertThat(test("changed(price)", Sample.updateWith("price", Row.NOT_LOGGED))).isEqualTo(FALSE);
    assertThat(test("changed(price)", INSERT)).isEqualTo(FALSE);
    assertThat(test("changed(qty)", Sample.updateWith("qty", 1L))).isEqualTo(TRUE);
  }

  @Test
  void everyColumnCanBeReached() {
    assertThat(Sample.test("after[\"Größe\"] == 1.00")).isEqualTo(TRUE);
    Problems problems = new Problems();
    Expression named = new ExpressionCompiler(Sample.scope()).name(Text.of("t", "Größe"), problems);
    assertThat(requireNonNull(named).columns()).containsExactly("Größe");
  }

  @Test
  void theColumnsReadAreKnown() {
    Expression expression =
        Sample.compile(Sample.scope(), "before.status == 'HALTED' && becomes(price > after.id)");
    assertThat(expression.columns()).containsExactlyInAnyOrder("status", "price", "id");
    assertThat(expression.oldColumns()).containsExactlyInAnyOrder("status", "price");
    assertThat(Sample.compile(Sample.scope(), "changed(symbol)").oldColumns())
        .containsExactly("symbol");
    assertThat(
            Sample.compile(Scope.table(Sample.STOCKS, Set.of(Operation.DELETE)), "symbol == 'x'")
                .oldColumns())
        .containsExactly("symbol");
  }

  @Test
  void aMessageHasContentAndPrefix() {
    Evaluation evaluation = new Evaluation();
    evaluation.begin(new Change.Message(Sample.ORIGIN, "reports", "{\"a\": 7}", true));
    Scope scope = Scope.message();
    assertThat(Sample.compile(scope, "prefix + content").evaluate(evaluation))
        .isEqualTo("reports{\"a\": 7}");
    assertThat(Sample.compile(scope, "int(json(content).a)").evaluate(evaluation)).isEqualTo(7L);
    assertThat(Sample.compile(scope, "op").evaluate(evaluation)).isEqualTo("message");
    assertThat(Sample.problems(scope, "price > 1")).singleElement().asString().contains("E111");
  }

  @Test
  void anEvaluationStartsAfreshForEachChange() {
    Problems problems = new Problems();
    ExpressionCompiler compiler = new ExpressionCompiler(Sample.scope());
    Expression unused = compiler.let("twice", Text.of("t", "price * 2"), problems);
    Expression expression = compiler.expression(Text.of("t", "twice"), problems);
    Evaluation evaluation = new Evaluation();
    evaluation.begin(Sample.updateWith("price", new BigDecimal("1.50")));
    assertThat(requireNonNull(expression).evaluate(evaluation)).isEqualTo(new BigDecimal("3.00"));
    evaluation.begin(Sample.updateWith("price", new BigDecimal("2.50")));
    assertThat(requireNonNull(expression).evaluate(evaluation)).isEqualTo(new BigDecimal("5.00"));
  }

  @Test
  void theOldRowMustBeLogged() {
    Scope onlyKey = Scope.table(Sample.stocks(ReplicaIdentity.DEFAULT), Set.of(Operation.UPDATE));
    assertThat(Sample.problems(onlyKey, "before.price > 1 && before.qty == 1"))
        .containsExactly(
            "1 E110 this condition reads the row before the change, but public.stocks has REPLICA"
                + " IDENTITY DEFAULT: PostgreSQL does not log old values | run ALTER TABLE"
                + " public.stocks REPLICA IDENTITY FULL, or compare with last.price, which needs"
                + " none");
    assertThat(Sample.problems(onlyKey, "id > 1 && becomes(price > 100)"))
        .singleElement()
        .asString()
        .startsWith("19 E110");
    assertThat(Sample.problems(onlyKey, "before.id == 1")).isEmpty();
    assertThat(Sample.problems(onlyKey, "before != null && null != after")).isEmpty();
    assertThat(Sample.problems(onlyKey, "becomes(id == 1)")).isEmpty();
    Scope inserts = Scope.table(Sample.stocks(ReplicaIdentity.DEFAULT), Set.of(Operation.INSERT));
    assertThat(Sample.problems(inserts, "before == null && becomes(price > 100)")).isEmpty();
    assertThat(Sample.problems(inserts, "before.price == null"))
        .singleElement()
        .asString()
        .startsWith("1 W112 there is no row before the change");
    Scope deletes = Scope.table(Sample.stocks(ReplicaIdentity.DEFAULT), Set.of(Operation.DELETE));
    assertThat(Sample.problems(deletes, "symbol == 'x'"))
        .singleElement()
        .asString()
        .contains("E110");
    assertThat(Sample.problems(deletes, "id == 1")).isEmpty();
    assertThat(Sample.problems(onlyKey, "changed(price, id)"))
        .containsExactly(
            "9 W201 changed(price) is never true: PostgreSQL does not log the old value | run ALTER"
                + " TABLE public.stocks REPLICA IDENTITY FULL");
  }
}
