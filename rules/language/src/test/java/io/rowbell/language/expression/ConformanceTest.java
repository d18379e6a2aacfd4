package io.rowbell.language.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import io.rowbell.model.Operation;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * CEL's own conformance cases, run on the part that this language shares with CEL: every case whose
 * expression it accepts. The folder of cases is named by the system property {@code
 * cel.conformance}; without it the test reports itself skipped.
 */
class ConformanceTest {
  /** Cases of the shared part that come to something else, and why that is meant. */
  private static final Map<String, String> DIFFERENCES = new TreeMap<>();

  static {
    String exact = "decimal literals are exact: they neither overflow nor underflow as doubles do";
    DIFFERENCES.put("2.0 * 8.988466e+307 ", exact);
    DIFFERENCES.put("2.0 * -8.988466e+307 ", exact);
    DIFFERENCES.put("1e-324  / 2.0", exact);
    DIFFERENCES.put(
        "string(timestamp('9999-12-31T23:59:59.999999999Z'))",
        "times have microseconds, as PostgreSQL's have");
    DIFFERENCES.put(
        "string(duration('1000000s'))", "durations are intervals, and shown in ISO 8601");
  }

  private static final TableSchema NOTHING =
      new TableSchema(
          new TableId("public", "nothing"), List.of(), List.of(), ReplicaIdentity.FULL, List.of());

  @Test
  void givesTheValueThatCelGives() throws IOException {
    Optional<String> folder = Optional.ofNullable(System.getProperty("cel.conformance"));
    assumeThat(folder).as("the folder of CEL's conformance cases").isPresent();
    List<String> wrong = new ArrayList<>();
    Set<String> differing = new TreeSet<>();
    int shared = 0;
    for (Path file : files(Path.of(folder.orElseThrow()))) {
      for (TextProto section : TextProto.parse(Files.readString(file)).messages("section")) {
        for (TextProto test : section.messages("test")) {
          String result = run(test);
          shared += result == null ? 0 : 1;
          if (result != null && !result.isEmpty()) {
            if (DIFFERENCES.containsKey(test.text("expr"))) {
              differing.add(test.text("expr"));
            } else {
              wrong.add(file.getFileName() + " " + test.text("name") + ": " + result);
            }
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(differing).isEqualTo(DIFFERENCES.keySet());
    assertThat(shared).as("cases of the shared part").isGreaterThan(550);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(path -> path.toString().endsWith(".textproto")).sorted().toList();
    }
  }

  /** Null for a case outside the shared part, empty for one that is right, else what is wrong. */
  private static @Nullable String run(TextProto test) {
    String source = test.text("expr");
    TextProto expected = test.message("value");
    if (expected == null || test.message("bindings") != null) {
      return null;
    }
    Problems problems = new Problems();
    Expression expression =
        new ExpressionCompiler(Scope.table(NOTHING, Set.of(Operation.INSERT)))
            .expression(Text.of("case", source), problems);
    if (expression == null) {
      return null;
    }
    Object value;
    try {
      value = expression.evaluate(new Evaluation());
    } catch (EvaluationException e) {
      return source + " fails: " + e.getMessage();
    }
    Object wanted = value(expected);
    return Dynamic.same(value, wanted) ? "" : source + " is " + value + ", not " + wanted;
  }

  private static Double number(String text) {
    return switch (text) {
      case "inf", "infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      case "nan" -> Double.NaN;
      default -> Double.valueOf(text);
    };
  }

  private static @Nullable Object value(TextProto value) {
    Map.Entry<String, Object> field = value.only();
    return switch (field.getKey()) {
      case "null_value" -> null;
      case "bool_value" -> TextProto.text(field.getValue()).equals("true");
      case "int64_value", "uint64_value" -> new BigDecimal(TextProto.text(field.getValue()));
      case "double_value" -> number(TextProto.text(field.getValue()));
      case "string_value" -> TextProto.text(field.getValue());
      case "bytes_value" -> field.getValue();
      case "list_value" ->
          ((TextProto) field.getValue())
              .messages("values").stream().map(ConformanceTest::value).toList();
      case "map_value" -> {
        Map<Object, @Nullable Object> map = new LinkedHashMap<>();
        for (TextProto entry : ((TextProto) field.getValue()).messages("entries")) {
          map.put(value(entry.messages("key").get(0)), value(entry.messages("value").get(0)));
        }
        yield map;
      }
      default -> field.getKey();
    };
  }
}
