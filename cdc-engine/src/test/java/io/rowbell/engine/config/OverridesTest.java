package io.rowbell.engine.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.spi.Secret;
import io.rowbell.spi.Setting;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OverridesTest {
  record Web(@Setting("Where.") ListenAddress listen, @Setting("Token.") @Nullable Secret token) {}

  record Settings(
      @Setting(value = "A number.", byDefault = "1") int maxCount,
      @Setting(value = "A list.", byDefault = "[]") List<Integer> sizes,
      @Setting("Web.") @Nullable Web http,
      @Setting(value = "Extra.", byDefault = "{}") Map<String, String> extra) {}

  private static Bound<Settings> bound(String yaml, String... environment) {
    return Bound.of(
        Settings.class,
        yaml,
        environment.length == 2
            ? Map.of(environment[0], environment[1])
            : Map.of(environment[0], environment[1], environment[2], environment[3]));
  }

  @Test
  void aVariableOverridesTheFile() {
    assertThat(bound("max-count: 2", "ROWBELL_MAX_COUNT", "3").settings())
        .isEqualTo(new Settings(3, List.of(), null, Map.of()));
  }

  @Test
  void aVariableMakesASectionThatTheFileLeavesOut() {
    assertThat(bound("{}", "ROWBELL_HTTP_LISTEN", "127.0.0.1:0").settings())
        .isEqualTo(
            new Settings(1, List.of(), new Web(new ListenAddress("127.0.0.1", 0), null), Map.of()));
  }

  @Test
  void aListIsWrittenWithCommas() {
    assertThat(bound("sizes: [9]", "ROWBELL_SIZES", "1, 2").settings())
        .isEqualTo(new Settings(1, List.of(1, 2), null, Map.of()));
  }

  @Test
  void referencesAreReplacedInAVariableToo() {
    assertThat(bound("{}", "ROWBELL_MAX_COUNT", "${env:N}", "N", "7").settings())
        .isEqualTo(new Settings(7, List.of(), null, Map.of()));
  }

  @Test
  void aWrongValueIsShownInItsVariable() {
    assertThat(bound("max-count: 2", "ROWBELL_MAX_COUNT", "many").messages())
        .isEqualTo(
            """
            environment:1:19: error C004: 'max-count' must be a whole number, not 'many'
                 1 | ROWBELL_MAX_COUNT=many
                   |                   ^""");
  }

  @Test
  void aVariableThatOverridesNothingIsAnError() {
    assertThat(bound("{}", "ROWBELL_MAXCOUNT", "hunter2").messages())
        .isEqualTo(
            """
            environment:1:1: error C007: 'ROWBELL_MAXCOUNT' overrides no setting
                 1 | ROWBELL_MAXCOUNT
                   | ^
                   = help: did you mean 'ROWBELL_MAX_COUNT'?""");
    assertThat(bound("{}", "ROWBELL_EXTRA_POLL_INTERVAL_MS", "1").messages())
        .contains("'ROWBELL_EXTRA_POLL_INTERVAL_MS' overrides no setting");
  }

  @Test
  void aNameThatFitsTwoKeysOverridesNeither() {
    record Inner(@Setting(value = "C.", byDefault = "1") int c) {}
    record Two(@Setting("AB.") Inner aB, @Setting(value = "A-B-C.", byDefault = "1") int aBC) {}

    assertThat(Bound.of(Two.class, "{}", Map.of("ROWBELL_A_B_C", "2")).messages())
        .contains("'ROWBELL_A_B_C' could be any of a-b-c, a-b.c");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ROWBELL_JAVA_OPTS",
        "ROWBELL_MVN_ARGS",
        "ROWBELL_CLASS_ARCHIVE",
        "ROWBELL_SERVICE_HOST",
        "ROWBELL_SERVICE_PORT_HTTP",
        "ROWBELL_PORT",
        "ROWBELL_PORT_8080_TCP_ADDR",
        "OTHER"
      })
  void variablesOfTheLauncherAndOfKubernetesAreNotMeant(String name) {
    assertThat(bound("{}", name, "x").messages()).isEmpty();
  }

  @Test
  void aVariableThatTheFileRefersToIsNotMeant() {
    assertThat(bound("extra: {a: \"${env:ROWBELL_SECRET}\"}", "ROWBELL_SECRET", "x").settings())
        .isEqualTo(new Settings(1, List.of(), null, Map.of("a", "x")));
  }
}
