package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Problems;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlReader;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConstantsTest {
  private final Problems problems = new Problems();

  @Test
  void plainNumbersAndTruthsAreValuesEverythingElseIsText() {
    Map<String, @Nullable Object> values =
        read(
            """
            pct: 5
            ratio: -0.050
            big: 123456789012345678901
            max: 9223372036854775807
            zip: 01234
            quoted: '5'
            on: true
            off: "true"
            no: no
            nothing: null
            list: [a, 1, null]
            map: {a: 1.5}
            """);

    assertThat(values)
        .containsEntry("pct", 5L)
        .containsEntry("ratio", new BigDecimal("-0.050"))
        .containsEntry("big", new BigDecimal("123456789012345678901"))
        .containsEntry("max", Long.MAX_VALUE)
        .containsEntry("zip", "01234")
        .containsEntry("quoted", "5")
        .containsEntry("on", true)
        .containsEntry("off", "true")
        .containsEntry("no", "no")
        .containsEntry("nothing", null)
        .containsEntry("list", Arrays.asList("a", 1L, null))
        .containsEntry("map", Map.of("a", new BigDecimal("1.5")));
    assertThat(problems.issues()).isEmpty();
  }

  @Test
  void aNameMustBeOneThatExpressionsCanWrite() {
    read("a-b: 1\n");

    assertThat(problems.issues())
        .extracting(issue -> issue.code() + " " + issue.message())
        .isEqualTo(List.of("R011 'a-b' cannot be written as vars.a-b"));
  }

  private Map<String, @Nullable Object> read(String text) {
    YamlMap map = (YamlMap) Objects.requireNonNull(YamlReader.read("f", text, problems));
    return Constants.read(map, problems).values();
  }
}
