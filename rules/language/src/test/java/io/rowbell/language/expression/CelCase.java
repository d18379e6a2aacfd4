package io.rowbell.language.expression;

import io.rowbell.language.issue.Issue;
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
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One of CEL's conformance cases. */
record CelCase(String file, TextProto test) {
  private static final TableSchema NOTHING =
      new TableSchema(
          new TableId("public", "nothing"), List.of(), List.of(), ReplicaIdentity.FULL, List.of());

  /** What became of a case. */
  sealed interface Result {
    /** As CEL has it. */
    record Same() implements Result {}

    /** Something else, in words. */
    record Other(String what) implements Result {}

    /** The language does not accept it: the first issue's code and message, or {@code bindings}. */
    record Refused(String why) implements Result {}
  }

  static List<CelCase> all(Path folder) throws IOException {
    List<CelCase> cases = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file :
          files.filter(path -> path.toString().endsWith(".textproto")).sorted().toList()) {
        String name = file.getFileName().toString().replace(".textproto", "");
        for (TextProto section : TextProto.parse(Files.readString(file)).messages("section")) {
          section.messages("test").forEach(test -> cases.add(new CelCase(name, test)));
        }
      }
    }
    return cases;
  }

  String source() {
    return test.text("expr");
  }

  Result run() {
    if (test.message("bindings") != null) {
      return new Result.Refused("bindings");
    }
    if (test.message("typed_result") != null) {
      return new Result.Refused("typed_result");
    }
    boolean mustFail = test.message("eval_error") != null;
    Problems problems = new Problems();
    Expression expression =
        new ExpressionCompiler(Scope.table(NOTHING, Set.of(Operation.INSERT)))
            .expression(Text.of("case", source()), problems);
    if (expression == null) {
      Issue issue = problems.issues().get(0);
      boolean failure = issue.code().equals("E109") || issue.code().equals("E102");
      return mustFail && failure
          ? new Result.Same()
          : new Result.Refused(issue.code() + " " + issue.message());
    }
    Object value;
    try {
      value = expression.evaluate(new Evaluation());
    } catch (EvaluationException e) {
      return mustFail ? new Result.Same() : new Result.Other("fails: " + e.getMessage());
    }
    if (mustFail) {
      return new Result.Other(value == null ? "null" : CanonicalText.of(value));
    }
    TextProto expected = test.message("value");
    // A case that says nothing else comes to true.
    return Dynamic.same(value, expected == null ? (Object) true : value(expected))
        ? new Result.Same()
        : new Result.Other(value == null ? "null" : CanonicalText.of(value));
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
          ((TextProto) field.getValue()).messages("values").stream().map(CelCase::value).toList();
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
