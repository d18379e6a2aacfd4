package io.rowbell.language.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.cel.common.ast.CelExpr;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import io.rowbell.model.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the parts of an expression come to, and where they stand in its text. */
class ExplainerTest {
  /** The examples of all functions, and what else has nodes of its own. */
  static Stream<String> expressions() {
    return Stream.concat(
        Functions.all().stream()
            .flatMap(function -> function.examples().stream())
            // As in the reference's test, what always fails stands where it may not be reached.
            .map(
                example ->
                    example.result().startsWith("X")
                        ? "active ? " + example.expression() + " : null"
                        : example.expression()),
        Stream.of(
            "(price + 1.5) * (2 - qty) > (1)",
            "-price < -5 && !(active || price > 1) || symbol in ['A', \"B\"]",
            "(active ? price > 1.0 : (price < 2)) && payload.items[0].sku == 'A'",
            "payload['who'].name == r'A\\da' && size(symbol) == 3",
            "tags.exists(t, t == symbol) && tags.all(t, size(t) > 1)",
            "[1, 2, (3)].map(x, x * 2)[1] == (4)",
            "{'a': price, 'b': [qty]}.a == 110.00",
            "before.price / price < 1 / 3.0 && becomes((price > 100) && active)",
            "before != null && after[\"Größe\"] >= 1 && status != 'HALTED'",
            "decimal(payload.total) > 5.0 == true",
            "qty > 1 && note == null && note != 'x'",
            "'a )' + \"b (\" + '''c ' ]''' == 'x'",
            "price\n  > 100 // (the limit\n  && active",
            "vars.hot < 91 && vars.rate == 0.1 && op == 'update' && tx.id > 1",
            "lower(symbol).startsWith('ac') && created_at < ts - duration('1h')"));
  }

  @ParameterizedTest
  @MethodSource("expressions")
  void everyPartIsEvaluatedAsTheWholeIs(String source) {
    String condition = isCondition(source) ? source : "[" + source + "] == null || true";
    ExpressionCompiler compiler = new ExpressionCompiler(Sample.scope());
    Expression expression = Sample.compile(compiler, condition);
    Evaluation evaluation = Sample.evaluation(compiler, Sample.update());
    Object expected;
    try {
      expected = expression.node().eval(evaluation);
    } catch (EvaluationException e) {
      expected = e.code();
    }

    ShownValue shown = expression.explain(evaluation).result();

    String text =
        expected == Row.NOT_LOGGED
            ? "(not logged)"
            : expected == null || expected == Node.UNKNOWN ? "unknown" : expected.toString();
    String said = shown.state() == ShownValue.State.FAILED ? String.valueOf(shown.value()) : "";
    assertThat(said.isEmpty() ? shown.text() : said.substring(0, 4)).isEqualTo(text);
  }

  private static boolean isCondition(String source) {
    return Sample.compile(Sample.scope(), source).type().is(Type.Kind.BOOLEAN);
  }

  @ParameterizedTest
  @MethodSource("expressions")
  void everyPartIsShownAsItIsWritten(String source) {
    Part root = Objects.requireNonNull(Sample.compile(Sample.scope(), source).part());

    assertThat(all(root))
        .allSatisfy(
            part -> {
              Syntax again = Syntax.parse(Text.of("part", part.text()), new Problems());
              assertThat(shape(Objects.requireNonNull(again, part::text).root()))
                  .as(part.text())
                  .isEqualTo(shape(part.expr()));
            });
  }

  private static List<Part> all(Part part) {
    List<Part> parts = new ArrayList<>(List.of(part));
    part.parts().forEach(each -> parts.addAll(all(each)));
    return parts;
  }

  /** A tree without the numbers of its parts. */
  private static String shape(CelExpr expr) {
    return expr.toString().replaceAll("\\[\\d+\\]", "");
  }

  @Test
  void aChainIsFlatAndComparisonsShowTheirValues() {
    Explained explained =
        explain("price > 100 && qty < 5 && status == 'OPEN' && symbol in ['A', 'B']");

    assertThat(explained.operator()).isEqualTo("and");
    assertThat(explained.result().text()).isEqualTo("false");
    assertThat(explained.parts())
        .extracting(Explained::text, part -> part.result().text(), Explained::detail)
        .containsExactly(
            tuple("price > 100", "true", "110.00 > 100"),
            tuple("qty < 5", "unknown", "null < 5"),
            tuple("status == 'OPEN'", "true", "'OPEN' == 'OPEN'"),
            tuple("symbol in ['A', 'B']", "false", "'ACME' in ['A', 'B']"));
  }

  @Test
  void becomesShowsBothRows() {
    assertThat(explain("becomes(price > 100)").parts())
        .extracting(Explained::label, part -> part.result().text(), Explained::detail)
        .containsExactly(
            tuple("after", "true", "110.00 > 100"), tuple("before", "false", "90.00 > 100"));
    assertThat(explain("changed(price, symbol)").detail())
        .isEqualTo("price: 90.00 → 110.00, symbol: 'ACME' → 'ACME'");
  }

  @Test
  void whatFailsIsSaidWhereItFails() {
    Explained explained = explain("price > 100 || price / (price - 110) > 1");

    assertThat(explained.result().text()).isEqualTo("true");
    assertThat(explained.parts().get(1).result().text()).isEqualTo("failed");
    assertThat(explained.parts().get(1).detail()).isEqualTo("X404 division by zero");
  }

  @Test
  void theValuesOfPrivateColumnsAreNeverShown() {
    Scope scope = Sample.scope().withPrivates(Set.of("symbol", "note", "payload"));
    ExpressionCompiler compiler = new ExpressionCompiler(scope);
    Problems problems = new Problems();
    Expression unused = compiler.let("secret", Text.of("let", "symbol + '-' + note"), problems);
    Expression condition =
        compiler.condition(
            Text.of(
                "when",
                "symbol == 'x' && secret == 'y' && upper(symbol) != 'z' && becomes(symbol == 'b')"
                    + " && changed(symbol) && tags.exists(t, t == symbol) && payload.who.name == 'q'"
                    + " && [symbol][0] == 'l' && after['symbol'] == 'k' && size(symbol) > 99"
                    + " && mask(symbol) == 'm'"),
            problems);
    Evaluation evaluation = new Evaluation();
    evaluation.begin(Sample.updateWith("note", "deep"));

    Explained explained = Objects.requireNonNull(condition).explain(evaluation);

    assertThat(explained.toString())
        .contains("(private)")
        .doesNotContain("ACME")
        .doesNotContain("deep")
        .doesNotContain("Ada");
    assertThat(explained.parts().get(9).detail()).isEqualTo("(private) > 99");
    assertThat(explained.parts().get(10).detail()).isEqualTo("'***' == 'm'");
  }

  private static Explained explain(String source) {
    Evaluation evaluation = new Evaluation();
    evaluation.begin(Sample.update());
    return Sample.compile(Sample.scope(), source).explain(evaluation);
  }
}
