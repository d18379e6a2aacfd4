package io.rowbell.language.expression;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every function and word of the language. A new one is added to the list of its group. */
final class Functions {
  private static final List<RuleFunction> ALL =
      Stream.of(
              ChangeFunctions.ALL,
              NumberFunctions.ALL,
              TextFunctions.ALL,
              JsonFunctions.ALL,
              TimeFunctions.ALL,
              ListFunctions.ALL,
              WindowFunctions.ALL,
              PrivacyFunctions.ALL)
          .flatMap(List::stream)
          .toList();

  private static final Map<String, RuleFunction> FUNCTIONS = byName(false);
  private static final Map<String, RuleFunction> WORDS = byName(true);

  private Functions() {}

  static List<RuleFunction> all() {
    return ALL;
  }

  static @Nullable RuleFunction find(String name) {
    return FUNCTIONS.get(name);
  }

  static @Nullable RuleFunction word(String name) {
    return WORDS.get(name);
  }

  static Set<String> names() {
    return FUNCTIONS.keySet();
  }

  static Set<String> words() {
    return WORDS.keySet();
  }

  private static Map<String, RuleFunction> byName(boolean word) {
    return ALL.stream()
        .filter(function -> function.word() == word)
        .collect(Collectors.toUnmodifiableMap(RuleFunction::name, Function.identity()));
  }
}
