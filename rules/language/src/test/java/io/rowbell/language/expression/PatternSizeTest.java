package io.rowbell.language.expression;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PatternSizeTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        "a{1000}b{1000}c{1000}d{1000}",
        "((a{10}){10}){10}",
        "[({1000}]{1000}",
        "[]{1000}{1000}]{1000}",
        "[[:alpha:]{99}]{1000}",
        "\\({1000}",
        "\\{1000}\\{1000}",
        "\\p{Greek}{1000}\\x{10FFFF}{1000}",
        "a{,1000}{,1000}",
        "(a|b{20}){0,200}",
        ")))(((",
        "(?P<country>a){1000}",
        "(?i-s:^a|b$){1000}",
        "(?",
        "[",
        "\\",
        "(a{100}){100",
        "\\Q(a{1000}){1000}"
      })
  void usual(String pattern) {
    assertThat(PatternSize.isTooLarge(pattern)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a{100}){100}",
        "((((a{1000}){1000}){1000}){1000})",
        "(?:(?P<x>a{1000})){6}",
        "((a|b|c){100}){100,}",
        "([)]{100}){0,100}",
        "(a\\){100}x){60}{60}",
        "(\\Qaa\\E{100}){100}",
        "a{1000}b{1000}c{1000}d{1000}e{1000}f",
        "((((((((((a{1000}){1000}){1000}){1000}){1000}){1000}){1000}){1000}){1000}){1000})"
      })
  void tooLarge(String pattern) {
    assertThat(PatternSize.isTooLarge(pattern)).isTrue();
  }
}
