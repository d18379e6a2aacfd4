package io.rowbell.language.expression;

import io.rowbell.language.contract.JsonTree;
import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.model.Json;
import io.rowbell.model.Operation;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One of CEL's conformance cases. The variables that it binds are the columns of a row. */
record CelCase(String file, TextProto test) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");

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
    TextProto typed = test.message("typed_result");
    TextProto expected = typed == null ? test.message("value") : typed.message("result");
    if (typed != null && expected == null) {
      return new Result.Refused("typed_result");
    }
    List<Column> columns = new ArrayList<>();
    Map<String, @Nullable Object> row = new HashMap<>();
    for (TextProto binding : test.messages("bindings")) {
      if (!bind(binding, columns, row)) {
        return new Result.Refused("bindings");
      }
    }
    TableSchema table =
        new TableSchema(
            new TableId("public", "bound"),
            columns,
            List.of(),
            ReplicaIdentity.FULL,
            IntStream.range(0, columns.size()).boxed().toList());
    boolean mustFail = test.message("eval_error") != null;
    Problems problems = new Problems();
    Expression expression =
        new ExpressionCompiler(Scope.table(table, Set.of(Operation.INSERT)))
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
      Evaluation evaluation = new Evaluation();
      evaluation.begin(new Change.Inserted(Sample.ORIGIN, Sample.row(table, row)));
      value = expression.evaluate(evaluation);
    } catch (EvaluationException e) {
      return mustFail ? new Result.Same() : new Result.Other("fails: " + e.getMessage());
    }
    if (mustFail) {
      return new Result.Other(value == null ? "null" : CanonicalText.of(value));
    }
    // A case that says nothing else comes to true.
    return Dynamic.same(value, expected == null ? (Object) true : value(expected))
        ? new Result.Same()
        : new Result.Other(value == null ? "null" : CanonicalText.of(value));
  }

  /**
   * Makes a variable a column.
   *
   * @return whether there is one of that name and type
   */
  private static boolean bind(
      TextProto binding, List<Column> columns, Map<String, @Nullable Object> row) {
    String name = binding.text("key");
    TextProto given = binding.message("value");
    TextProto value = given == null ? null : given.message("value");
    if (value == null || !NAME.matcher(name).matches()) {
      return false;
    }
    Map.Entry<String, Object> field = value.only();
    ColumnType type =
        switch (field.getKey()) {
          case "int64_value" -> ColumnType.of(Kind.INTEGER, "bigint");
          case "bool_value" -> ColumnType.of(Kind.BOOLEAN, "boolean");
          case "double_value" -> ColumnType.of(Kind.FLOAT, "double precision");
          case "string_value", "null_value" -> ColumnType.of(Kind.TEXT, "text");
          case "bytes_value" -> ColumnType.of(Kind.BYTES, "bytea");
          case "list_value" -> listOf((TextProto) field.getValue());
          case "map_value" -> ColumnType.of(Kind.JSON, "jsonb");
          default -> null;
        };
    if (type == null) {
      return false;
    }
    columns.add(new Column(name, type, field.getKey().equals("null_value")));
    Object bound = value(value);
    if (type.kind() == Kind.JSON) {
      row.put(name, new Json(JsonTree.write(bound).strip()));
    } else {
      row.put(
          name,
          bound instanceof List<?> list
              ? list.stream().map(CelCase::element).toList()
              : element(bound));
    }
    return true;
  }

  private static @Nullable Object element(@Nullable Object value) {
    return value instanceof BigDecimal number ? (Object) number.longValueExact() : value;
  }

  /** An array's type; null if its elements are neither all ints nor all texts. */
  private static @Nullable ColumnType listOf(TextProto list) {
    Set<String> kinds =
        list.messages("values").stream()
            .map(element -> element.only().getKey())
            .collect(Collectors.toSet());
    return kinds.equals(Set.of("int64_value"))
        ? ColumnType.arrayOf(ColumnType.of(Kind.INTEGER, "bigint"))
        : kinds.equals(Set.of("string_value"))
            ? ColumnType.arrayOf(ColumnType.of(Kind.TEXT, "text"))
            : null;
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
