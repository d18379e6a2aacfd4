package io.rowbell.language.expression;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import io.rowbell.model.Change;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateTest {
  private final Problems problems = new Problems();

  private @Nullable Template compile(String source) {
    return new ExpressionCompiler(Sample.scope()).template(Text.of("t", source), problems);
  }

  private String render(String source, Change change) {
    Template template = compile(source);
    if (template == null) {
      throw new AssertionError(problems.issues());
    }
    Evaluation evaluation = new Evaluation();
    evaluation.begin(change);
    return template.render(evaluation);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "plain ~ plain",
        "stocks.{lower(symbol)} ~ stocks.acme",
        "{symbol}{id} at {price} ~ ACME1 at 110.00",
        "{{not a hole}} {id} ~ {not a hole} 1",
        "{ {'a': 'x}'}.a == 'x}' ? 'map' : '}' } ~ map",
        "{created_at} ~ 2026-11-20T08:15:30.5Z",
        "{payload.who.name} ~ Ada"
      })
  void fillsItsHoles(String source, String expected) {
    assertThat(render(source, Sample.update())).isEqualTo(expected);
  }

  @Test
  void knowsWhetherItIsConstantAndWhatItReads() {
    assertThat(compile("a{vars.hot}")).matches(Template::constant);
    Template template = requireNonNull(compile("{symbol}-{before.status}"));
    assertThat(template.constant()).isFalse();
    assertThat(template.columns()).containsExactlyInAnyOrder("symbol", "status");
    assertThat(template.oldColumns()).containsExactly("status");
  }

  @Test
  void aHoleWithoutAValueIsAnError() {
    EvaluationException thrown =
        catchThrowableOfType(EvaluationException.class, () -> render("to.{note}", Sample.update()));
    assertThat(thrown.code()).isEqualTo("X409");
    assertThat(thrown).hasMessage("the hole {note} has no value: it is null");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "a.{symbl} ~ 4 E101",
        "a.{symbol ~ 3 E100",
        "a.symbol} ~ 9 E100",
        "a.{} ~ 4 E100",
        "a.{tags} ~ 4 E103"
      })
  void problemsStandInTheHole(String source, String expected) {
    assertThat(compile(source)).isNull();
    assertThat(problems.issues()).hasSize(1);
    assertThat(problems.issues().get(0).location().column() + " " + problems.issues().get(0).code())
        .isEqualTo(expected);
  }
}
