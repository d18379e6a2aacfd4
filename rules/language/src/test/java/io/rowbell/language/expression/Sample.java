package io.rowbell.language.expression;

import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.model.Json;
import io.rowbell.model.Operation;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.Row;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A table with a column of every kind, its rows, and expressions evaluated on them. */
final class Sample {
  static final Instant COMMIT = Instant.parse("2026-11-20T10:15:30.5Z");
  static final Origin ORIGIN = new Origin(731, COMMIT, new Position(0x16B3748), 0, null);
  static final Set<Operation> UPDATE = Set.of(Operation.UPDATE);
  static final TableSchema STOCKS = stocks(ReplicaIdentity.FULL);

  private Sample() {}

  static TableSchema stocks(ReplicaIdentity identity) {
    List<Column> columns =
        List.of(
            column("id", Kind.INTEGER, "bigint", false),
            column("symbol", Kind.TEXT, "text", false),
            column("price", Kind.NUMERIC, "numeric(10,2)", false),
            column("qty", Kind.INTEGER, "integer", true),
            new Column(
                "status", ColumnType.enumOf("stock_status", List.of("OPEN", "HALTED")), false),
            column("weight", Kind.FLOAT, "double precision", false),
            column("active", Kind.BOOLEAN, "boolean", false),
            new Column("tags", ColumnType.arrayOf(ColumnType.of(Kind.TEXT, "text")), false),
            column("payload", Kind.JSON, "jsonb", false),
            column("created_at", Kind.TIMESTAMP_TZ, "timestamp with time zone", false),
            column("due", Kind.DATE, "date", false),
            column("ref", Kind.UUID, "uuid", false),
            column("lasted", Kind.INTERVAL, "interval", false),
            column("local", Kind.TIMESTAMP, "timestamp without time zone", false),
            column("opens", Kind.TIME, "time without time zone", false),
            column("raw", Kind.BYTES, "bytea", false),
            column("addr", Kind.OPAQUE, "inet", false),
            column("Größe", Kind.NUMERIC, "numeric", false),
            column("note", Kind.TEXT, "text", true));
    return new TableSchema(
        new TableId("public", "stocks"),
        columns,
        List.of(0),
        identity,
        identity == ReplicaIdentity.FULL
            ? IntStream.range(0, columns.size()).boxed().toList()
            : identity == ReplicaIdentity.NOTHING ? List.of() : List.of(0));
  }

  private static Column column(String name, Kind kind, String sqlName, boolean nullable) {
    return new Column(name, ColumnType.of(kind, sqlName), nullable);
  }

  /** The sample row before its update. */
  static Map<String, @Nullable Object> before() {
    Map<String, @Nullable Object> values = after();
    values.put("price", new BigDecimal("90.00"));
    values.put("status", "HALTED");
    return values;
  }

  /** The sample row after its update. */
  static Map<String, @Nullable Object> after() {
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("id", 1L);
    values.put("symbol", "ACME");
    values.put("price", new BigDecimal("110.00"));
    values.put("qty", null);
    values.put("status", "OPEN");
    values.put("weight", 0.5);
    values.put("active", true);
    values.put("tags", List.of("tech", "us"));
    values.put(
        "payload",
        new Json(
            "{\"total\": 9.90, \"express\": true, \"gone\": null, \"who\": {\"name\": \"Ada\"},"
                + " \"items\": [{\"sku\": \"A\", \"qty\": 2}, {\"sku\": \"B\", \"qty\": 3}]}"));
    values.put("created_at", COMMIT.minusSeconds(7200));
    values.put("due", java.time.LocalDate.of(2026, 12, 1));
    values.put("ref", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    values.put("lasted", new io.rowbell.model.Interval(0, 1, 3_600_000_000L));
    values.put("local", java.time.LocalDateTime.of(2026, 11, 20, 10, 15));
    values.put("opens", io.rowbell.model.TimeOfDay.parse("09:30:00"));
    values.put("raw", new byte[] {104, 105});
    values.put("addr", "10.0.0.1/8");
    values.put("Größe", new BigDecimal("1.0"));
    values.put("note", null);
    return values;
  }

  static Row row(TableSchema schema, Map<String, @Nullable Object> values) {
    Object[] cells = schema.columns().stream().map(column -> values.get(column.name())).toArray();
    return new Row() {
      @Override
      public TableSchema schema() {
        return schema;
      }

      @Override
      public @Nullable Object get(int column) {
        return cells[column];
      }

      @Override
      public String toString() {
        return Arrays.toString(cells);
      }
    };
  }

  static Change.Updated update(
      Map<String, @Nullable Object> before, Map<String, @Nullable Object> after) {
    return new Change.Updated(ORIGIN, row(STOCKS, before), row(STOCKS, after));
  }

  /** The update of the sample row with one of its new values replaced. */
  static Change.Updated updateWith(String column, @Nullable Object value) {
    Map<String, @Nullable Object> after = after();
    after.put(column, value);
    return update(before(), after);
  }

  static Change.Updated update() {
    return update(before(), after());
  }

  static Scope scope() {
    Map<String, @Nullable Object> vars = new LinkedHashMap<>();
    vars.put("hot", 90L);
    vars.put("rate", new BigDecimal("0.1"));
    vars.put("labels", List.of("a", "b"));
    vars.put("nothing", null);
    return Scope.table(STOCKS, UPDATE)
        .withVars(vars)
        .withHash(new KeyedHash("0123456789abcdef".getBytes(StandardCharsets.UTF_8)));
  }

  /** Compiles without problems but warnings. */
  static Expression compile(Scope scope, String source) {
    return compile(new ExpressionCompiler(scope), source);
  }

  static Expression compile(ExpressionCompiler compiler, String source) {
    Problems problems = new Problems();
    Expression expression = compiler.expression(Text.of("test", source), problems);
    if (expression == null || problems.hasErrors()) {
      throw new AssertionError(
          source
              + "\n"
              + String.join("\n", problems.issues().stream().map(Issue::render).toList()));
    }
    return expression;
  }

  /** The value on the sample update. */
  static @Nullable Object eval(String source) {
    return eval(source, update());
  }

  /** The value for a change, which is the first one that windows see. */
  static @Nullable Object eval(String source, Change change) {
    ExpressionCompiler compiler = new ExpressionCompiler(scope());
    Expression expression = compile(compiler, source);
    return expression.evaluate(evaluation(compiler, change));
  }

  /** A change as the expressions of a compiler see it, if it is the first one. */
  static Evaluation evaluation(ExpressionCompiler compiler, Change change) {
    Evaluation evaluation = new Evaluation();
    evaluation.begin(change);
    evaluation.windows(
        compiler.windows().stream()
            .map(window -> window.given(evaluation))
            .map(given -> new Window.Total(given == null ? 0 : 1, given))
            .toArray(Window.Total[]::new));
    return evaluation;
  }

  static Truth test(String source, Change change) {
    Evaluation evaluation = new Evaluation();
    evaluation.begin(change);
    return compile(scope(), source).test(evaluation);
  }

  static Truth test(String source) {
    return test(source, update());
  }

  /** The problems of a condition, each as {@code column CODE message | help}. */
  static List<String> problems(Scope scope, String source) {
    Problems problems = new Problems();
    Expression unused = new ExpressionCompiler(scope).condition(Text.of("test", source), problems);
    return problems.issues().stream()
        .map(
            issue ->
                issue.location().column()
                    + " "
                    + issue.code()
                    + " "
                    + issue.message()
                    + (issue.help() == null ? "" : " | " + issue.help()))
        .toList();
  }

  static List<String> problems(String source) {
    return problems(scope(), source);
  }
}
