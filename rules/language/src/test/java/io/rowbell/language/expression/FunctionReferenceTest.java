package io.rowbell.language.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example of the reference runs, and the reference is what the declarations say. */
class FunctionReferenceTest {
  private static final Path REFERENCE = Path.of("..", "..", "docs", "functions.md");

  static Stream<RuleFunction.Example> examples() {
    return Functions.all().stream().flatMap(function -> function.examples().stream());
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyExampleComesToItsResult(RuleFunction.Example example) {
    if (example.result().startsWith("X")) {
      EvaluationException thrown =
          catchThrowableOfType(
              EvaluationException.class,
              () -> Sample.eval("active ? " + example.expression() + " : null"));
      assertThat(thrown == null ? null : thrown.code()).isEqualTo(example.result());
    } else if (example.result().equals("unknown")) {
      assertThat(Sample.eval(example.expression())).isNull();
    } else {
      Object value = Sample.eval(example.expression());
      Object expected = Sample.eval(example.result());
      assertThat(Dynamic.same(value, expected))
          .as("%s is %s, not %s", example.expression(), value, expected)
          .isTrue();
    }
  }

  @Test
  void everyFunctionIsDescribedAndShown() {
    assertThat(Functions.all())
        .allSatisfy(
            function -> {
              assertThat(function.summary()).as(function.name()).isNotEmpty();
              assertThat(function.forms()).as(function.name()).isNotEmpty();
              if (!List.of("content", "prefix").contains(function.name())) {
                assertThat(function.examples()).as(function.name()).isNotEmpty();
              }
            });
  }

  @Test
  void theReferenceIsUpToDate() throws IOException {
    String reference = FunctionReference.markdown();
    if (Boolean.getBoolean("rowbell.write-reference")) {
      Files.createDirectories(REFERENCE.getParent());
      Files.writeString(REFERENCE, reference);
    }
    assertThat(REFERENCE)
        .as("run this test with -Drowbell.write-reference=true to write it anew")
        .hasContent(reference);
  }
}
