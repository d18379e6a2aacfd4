package io.rowbell.engine.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferencesTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of("HOST", "db", "EMPTY", "", "NESTED", "${env:HOST}");

  private final Problems problems = new Problems();
  private final References references = new References(ENVIRONMENT, Path.of(""), problems);

  @ParameterizedTest
  @CsvSource({
    "plain, plain",
    "'', ''",
    "${env:HOST}, db",
    "http://${env:HOST}:${env:PORT:-80}/, http://db:80/",
    "${env:EMPTY:-other}, other",
    "a${env:EMPTY}b, ab",
    "${env:NOT_SET:-}, ''",
    "${env:NOT_SET:-a:-b}, a:-b",
    "$${env:HOST}, ${env:HOST}",
    "$$${env:HOST}, $${env:HOST}",
    "costs $5 or {x}, costs $5 or {x}",
    "${env:NESTED}, ${env:HOST}"
  })
  void referencesAreReplaced(String written, String value) {
    assertThat(references.resolve(Text.of("f", written)).value()).isEqualTo(value);
    assertThat(problems.issues()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "x${env:HOTS}       | f:1:2: error C005: the environment has no variable 'HOTS'",
        "${env:HOTS}        | help: did you mean 'HOST'?",
        "${env:UNHEARD_OF}  | help: set it, or give a default: ${env:UNHEARD_OF:-default}",
        "${HOST}            | '${HOST}' is no reference",
        "${sys:HOST}        | help: write ${env:NAME} or ${file:PATH}; a literal ${ is written $${",
        "ab${env:HOST       | f:1:3: error C005: this reference has no end",
        "${env:A B}         | 'A B' is no name of a variable",
        "${file:not/there}  | there is no file 'not/there'"
      })
  void whatCannotBeReplacedIsShownInItsPlace(String written, String message) {
    assertThat(references.resolve(Text.of("f", written)).value()).isNull();
    assertThat(problems.issues()).hasSize(1);
    assertThat(problems.issues().get(0).render()).contains(message);
  }

  @Test
  void everyReferenceOfAValueIsLookedAt() {
    references.resolve(Text.of("f", "${env:ONE} ${env:TWO}"));

    assertThat(problems.issues()).extracting(Issue::message).hasSize(2);
  }

  @Test
  void theVariablesOfAFileAreThoseOfItsReferences() {
    assertThat(References.variables("a: ${env:A}${env:B_1:-x}\n# ${file:C} $${env:D}\n"))
        .containsExactlyInAnyOrder("A", "B_1");
  }
}
