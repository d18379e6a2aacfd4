package io.rowbell.language.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * CEL's own conformance cases. Each comes to what CEL says, or to something else that is declared
 * here, or is declared to be no part of the language; {@code docs/cel.md} is made of it.
 *
 * <p>The folder of cases is named by the system property {@code cel.conformance}; without it the
 * test reports itself skipped.
 */
class ConformanceTest {
  private static final Path PAGE = Path.of("../../docs/cel.md");
  private static final Map<String, List<String>> DIFFERENCES = new LinkedHashMap<>();
  private static final Map<String, Pattern> OUTSIDE = new LinkedHashMap<>();

  private static void differ(String why, String... sources) {
    DIFFERENCES.put(why, List.of(sources));
  }

  /** Issues, or CEL's own markers, of cases that are no part of the language. */
  private static void outside(String what, String issues) {
    OUTSIDE.put(what, Pattern.compile("(?s)" + issues));
  }

  static {
    differ(
        "Numbers with a point or an exponent are exact, where CEL has doubles: they neither overflow nor underflow, a remainder is one, and the largest int is itself.",
        "2.0 * 8.988466e+307 ",
        "2.0 * -8.988466e+307 ",
        "1e-324  / 2.0",
        "47.5 % 5.5",
        "int(9223372036854775807.0)",
        "int(-9223372036854775808.0)");
    differ(
        "Times have microseconds, as PostgreSQL's have.",
        "string(timestamp('9999-12-31T23:59:59.999999999Z'))");
    differ("Durations are intervals, and shown in ISO 8601.", "string(duration('1000000s'))");
    differ(
        "PostgreSQL's calendar and intervals are longer than CEL's: 4713 BC to 294276, and 178 million years.",
        "timestamp('0000-01-01T00:00:00Z')",
        "timestamp(-62135596801)",
        "timestamp(253402300800)",
        "timestamp('0001-01-01T00:00:00Z') + duration('-1s')",
        "timestamp('9999-12-31T23:59:59Z') + duration('1s')",
        "timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z')",
        "timestamp('0001-01-01T00:00:00Z') - timestamp('9999-12-31T23:59:59Z')",
        "duration('-320000000000s')",
        "duration('320000000000s')",
        "duration('-200000000000s') + duration('-200000000000s')",
        "duration('200000000000s') + duration('200000000000s')",
        "duration('-200000000000s') - duration('200000000000s')",
        "duration('200000000000s') - duration('-200000000000s')");
    differ(
        "What is not there is null and no error: an element beyond a list's end, a member that a JSON value has not; `substring` is clipped to the text.",
        "[1, 2, 3][3]",
        "x.name",
        "'tacocat'.substring(40) == 'cat'",
        "'tacocat'.substring(-1) == 'cat'",
        "'tacocat'.substring(1, 50) == 'cat'",
        "'tacocat'.substring(49, 50) == 'cat'",
        "'tacocat'.substring(4, 3) == ''");

    outside(
        "Variables of names with a dot, or of types that no column has; those of others are run as columns.",
        "bindings");
    outside("Names with a leading dot: there are no name spaces.", "E101 .* column '\\..*");
    outside(
        "Cases of nothing but the type that CEL's checker deduces; of others the value counts.",
        "typed_result");
    outside(
        "Protocol buffers: messages, their fields, enums and wrappers.",
        "E108 messages with fields.*|E101 .*'(?:google|TestAllTypes|GlobalEnum|NestedEnum|cel\\.expr|com|x\\.y|a\\.b|a|y|x|bool|int|list|map|null_type|string|uint|bytes|double|type|dyn|timestamp|duration)'");
    outside("Unsigned integers.", "E108 there are no unsigned integers");
    outside(
        "Maps whose keys are not text.",
        "E108 a name is a text in quotes|E108 the name .* is given twice");
    outside(
        "Optional values, `cel.bind` and the other names of extensions.",
        "E100 unsupported syntax.*|E101 .*'(?:optional|cel|math|base64|msg|strings|proto|cel\\.bind)'");
    outside("Functions that rules do not have.", "E105 .*");
    outside("Two-variable macros and other overloads of extensions.", "E106 .*takes .*argument.*");
    outside(
        "Operands and arguments of mixed types: refused when the file is loaded, where CEL is dynamic.",
        "E102 .*|E106 .*");
    outside("One comprehension inside another.", "E120 .*");
    outside("Constants that fail: refused when the file is loaded.", "E109 .*");
  }

  @Test
  void comesToWhatCelSaysOrToWhatIsDeclared() throws IOException {
    Optional<String> folder = Optional.ofNullable(System.getProperty("cel.conformance"));
    assumeThat(folder).as("the folder of CEL's conformance cases").isPresent();
    Map<String, int[]> files = new TreeMap<>();
    Map<String, Integer> differing = new LinkedHashMap<>();
    Map<String, Integer> refused = new LinkedHashMap<>();
    List<String> undeclared = new ArrayList<>();
    for (CelCase one : CelCase.all(Path.of(folder.orElseThrow()))) {
      CelCase.Result result = one.run();
      int column = 0;
      if (result instanceof CelCase.Result.Other other) {
        column = 1;
        count(one, other.what(), difference(one), differing, undeclared);
      } else if (result instanceof CelCase.Result.Refused why) {
        column = 2;
        count(one, why.why(), reason(why.why()), refused, undeclared);
      }
      files.computeIfAbsent(one.file(), f -> new int[3])[column]++;
    }

    assertThat(undeclared).as("neither as CEL says nor declared").isEmpty();
    assertThat(differing.keySet()).as("declared and differing").isEqualTo(DIFFERENCES.keySet());
    DIFFERENCES.forEach(
        (why, sources) -> assertThat(differing).as(why).containsEntry(why, sources.size()));
    assertThat(refused.keySet()).as("declared and refused").isEqualTo(OUTSIDE.keySet());
    String page = page(files, refused);
    if (Boolean.getBoolean("rowbell.write-reference")) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE)
        .as("run this test with -Drowbell.write-reference=true to write it anew")
        .hasContent(page);
  }

  private static void count(
      CelCase one,
      String what,
      Optional<String> declared,
      Map<String, Integer> counts,
      List<String> undeclared) {
    if (declared.isPresent()) {
      counts.merge(declared.get(), 1, Integer::sum);
    } else {
      undeclared.add(one.file() + ": " + one.source() + " → " + what);
    }
  }

  private static Optional<String> difference(CelCase one) {
    return DIFFERENCES.entrySet().stream()
        .filter(entry -> entry.getValue().contains(one.source()))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static Optional<String> reason(String issue) {
    return OUTSIDE.entrySet().stream()
        .filter(entry -> entry.getValue().matcher(issue).matches())
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static String page(Map<String, int[]> files, Map<String, Integer> refused) {
    int[] sum = new int[3];
    files.values().forEach(counts -> add(sum, counts));
    StringBuilder page =
        new StringBuilder(
            """
            # CEL, and where rules differ

            Expressions are CEL's syntax and, where CEL gives a value, its values. CEL's own conformance cases are run by a test, which
            needs their folder: `mvn verify -pl rules/language -am -Dcel.conformance=DIR`. It makes this page, and fails if a case
            differs that is not declared here, or if a declared one does not.
            Beyond CEL: null in an ordering, in arithmetic or in a function is *unknown* and no error
            ([nulls](rule-language.md#nulls)), and numbers are exact.

            | File of cases | As CEL | Otherwise | No part of the language |
            |---|---|---|---|
            """);
    files.forEach((file, counts) -> page.append(row(file, counts)));
    page.append(row("**all**", sum)).append("\n## Otherwise\n\n");
    DIFFERENCES.forEach(
        (why, sources) -> {
          page.append("- ").append(why).append('\n');
          sources.forEach(source -> page.append("  - `").append(source.strip()).append("`\n"));
        });
    page.append("\n## No part of the language\n\n| What | Cases |\n|---|---|\n");
    OUTSIDE
        .keySet()
        .forEach(
            what ->
                page.append("| ")
                    .append(what)
                    .append(" | ")
                    .append(refused.get(what))
                    .append(" |\n"));
    return page.toString();
  }

  private static void add(int[] sum, int[] counts) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += counts[i];
    }
  }

  private static String row(String file, int[] counts) {
    return "| " + file + " | " + counts[0] + " | " + counts[1] + " | " + counts[2] + " |\n";
  }
}
