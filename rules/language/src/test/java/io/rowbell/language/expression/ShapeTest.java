package io.rowbell.language.expression;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.rowbell.language.contract.JsonSchema;
import io.rowbell.language.contract.JsonTree;
import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.Interval;
import io.rowbell.model.Json;
import io.rowbell.model.Operation;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import io.rowbell.model.TimeOfDay;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What an expression comes to is what its schema says, whatever the rows are: awkward values, null
 * where the column allows it, nothing where PostgreSQL need not log it.
 */
class ShapeTest {
  private static final int ROWS = 150;
  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
  private static final Map<String, List<?>> VALUES =
      Map.ofEntries(
          Map.entry("id", List.of(Long.MIN_VALUE, 0L, 7L, Long.MAX_VALUE)),
          Map.entry("symbol", List.of("", "ACME", "it's \"ok\"\n", "größer 😀")),
          Map.entry("price", List.of(new BigDecimal("0.00"), new BigDecimal("-9.90"), Double.NaN)),
          Map.entry("qty", List.of(-2147483648L, 0L, 3L)),
          Map.entry("status", List.of("OPEN", "HALTED")),
          Map.entry("weight", List.of(0.5, 1e-300, -1e300, Double.NEGATIVE_INFINITY, Double.NaN)),
          Map.entry("active", List.of(true, false)),
          Map.entry(
              "tags",
              List.of(
                  List.of(),
                  List.of("a"),
                  Arrays.asList("b", null),
                  List.of(List.of("c", "d"), List.of("e", "f")))),
          Map.entry(
              "payload",
              List.of(
                  new Json("null"),
                  new Json("3"),
                  new Json("[1, \"x\"]"),
                  new Json("{\"total\": 9.90, \"items\": [{\"sku\": null, \"qty\": 2}]}"))),
          Map.entry(
              "created_at",
              List.of(
                  Sample.COMMIT,
                  Instant.MAX,
                  Instant.MIN,
                  Instant.parse("+10000-01-01T00:00:00Z"))),
          Map.entry(
              "due",
              List.of(
                  LocalDate.of(2026, 12, 1), LocalDate.MAX, LocalDate.MIN, LocalDate.of(-1, 1, 1))),
          Map.entry("ref", List.of("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
          Map.entry(
              "lasted",
              List.of(
                  new Interval(0, 0, 0),
                  new Interval(-13, 4, -3_600_500_000L),
                  new Interval(0, 0, 1),
                  Interval.INFINITY,
                  Interval.MINUS_INFINITY)),
          Map.entry(
              "local",
              List.of(LocalDateTime.of(2026, 11, 20, 10, 15, 30, 120_000_000), LocalDateTime.MAX)),
          Map.entry("opens", List.of(TimeOfDay.parse("24:00:00"), TimeOfDay.parse("09:30:00.5"))),
          Map.entry("raw", List.of(new byte[] {}, new byte[] {-1}, new byte[] {1, 2, 3})),
          Map.entry("addr", List.of("10.0.0.1/8")),
          Map.entry(
              "Größe",
              List.of(
                  new BigDecimal("1e-30"),
                  new BigDecimal(BigDecimal.TEN.pow(40).toBigInteger()),
                  Double.POSITIVE_INFINITY)),
          Map.entry("note", List.of("text")));

  static Stream<String> expressions() {
    return Stream.concat(
        Stream.concat(
            Functions.all().stream()
                .filter(function -> function.group() != RuleFunction.Group.WINDOWS)
                .flatMap(function -> function.examples().stream())
                .map(RuleFunction.Example::expression),
            Sample.STOCKS.columns().stream()
                .flatMap(
                    column ->
                        Stream.of("after", "before", "last")
                            .map(row -> row + "[\"" + column.name() + "\"]"))),
        Stream.of(
            "null",
            "[]",
            "[1, null]",
            "[qty, 2.5]",
            "[1, price]",
            "['a', 'b'] + ['c']",
            "tags + tags",
            "tags[0]",
            "tags.filter(t, t != null)",
            "tags.map(t, t)",
            "tags.map(t, [t])",
            "{'a': qty, 'b': {'c': symbol}}",
            "[{'a': 1}, {'a': qty}]",
            "[{'a': 1}, {'b': qty}]",
            "payload.items.map(i, {'sku': i.sku, 'n': note})",
            "qty == null ? null : 'x'",
            "qty == null ? 1 : 2.5",
            "active ? ref : symbol",
            "active ? status : 'none'",
            "active ? tags : []",
            "coalesce(note, qty == null ? null : symbol)",
            "coalesce(qty, null)",
            "coalesce(null, 1.5)",
            "note == 'a'",
            "note != null && qty > 1",
            "qty in [1, 2]",
            "vars.labels",
            "vars.nothing",
            "-qty",
            "qty + 1",
            "price / 3",
            "price * Größe",
            "weight * 2.0",
            "due + 1",
            "ts - created_at",
            "lasted + lasted",
            "string(payload)",
            "string(payload.gone)",
            "json(symbol)",
            "sum([qty, 1])",
            "before == null",
            "op",
            "raw"));
  }

  @ParameterizedTest
  @MethodSource("expressions")
  void valuesAreAsTheirSchemaSays(String source) {
    for (ReplicaIdentity identity : List.of(ReplicaIdentity.FULL, ReplicaIdentity.DEFAULT)) {
      TableSchema table = Sample.stocks(identity);
      for (Set<Operation> operations :
          List.of(Set.of(Operation.UPDATE), Set.of(Operation.UPDATE, Operation.INSERT))) {
        check(source, table, operations);
      }
    }
  }

  private static void check(String source, TableSchema table, Set<Operation> operations) {
    Scope scope =
        new Scope(
            table,
            operations,
            Sample.scope().vars(),
            Set.of(),
            new KeyedHash("0123456789abcdef".getBytes(StandardCharsets.UTF_8)),
            List.of());
    Expression expression;
    try {
      expression = Sample.compile(scope, source);
    } catch (AssertionError refused) {
      return; // the old row is not logged, or the example is of an error
    }
    Shape shape = expression.shape(Images.of(table, operations));
    String text = JsonTree.write(JsonSchema.of(shape));
    com.networknt.schema.JsonSchema schema = SCHEMAS.getSchema(text);
    Evaluation evaluation = new Evaluation();
    Random random = new Random(source.hashCode());
    for (int i = 0; i < ROWS; i++) {
      evaluation.begin(change(table, operations, random));
      evaluation.remember(row(table, random, /* logged= */ false));
      Object value;
      try {
        value = expression.evaluate(evaluation);
      } catch (EvaluationException | ClassCastException failed) {
        continue; // a rule's failure makes no event
      }
      if (value == Row.NOT_LOGGED) {
        assertThat(shape.omittable()).as("%s is omittable: %s", source, shape).isTrue();
      } else {
        String json =
            new String(new JsonWriter().value(value).toByteArray(), StandardCharsets.UTF_8);
        assertThat(schema.validate(json, InputFormat.JSON))
            .as("%s of %s by %s", json, source, text)
            .isEmpty();
      }
    }
  }

  private static Change change(TableSchema table, Set<Operation> operations, Random random) {
    return operations.contains(Operation.INSERT) && random.nextBoolean()
        ? new Change.Inserted(Sample.ORIGIN, row(table, random, /* logged= */ true))
        : new Change.Updated(
            Sample.ORIGIN,
            oldRow(table, random),
            row(table, random, table.replicaIdentity() == ReplicaIdentity.FULL));
  }

  /** A row as an insert logs it, or as an update that leaves out what did not change. */
  private static Row row(TableSchema table, Random random, boolean logged) {
    Map<String, @Nullable Object> values = new HashMap<>();
    IntStream.range(0, table.columns().size())
        .forEach(
            index -> {
              Column column = table.column(index);
              List<?> of = Objects.requireNonNull(VALUES.get(column.name()));
              Object value = of.get(random.nextInt(of.size()));
              if (column.nullable() && random.nextInt(3) == 0) {
                value = null;
              }
              boolean large =
                  switch (column.type().kind()) {
                    case TEXT, JSON, ARRAY, BYTES, OPAQUE -> true;
                    case NUMERIC -> column.name().equals("Größe");
                    default -> false;
                  };
              boolean left =
                  large && !logged && !table.identity().contains(index) && random.nextInt(4) == 0;
              values.put(column.name(), left ? Row.NOT_LOGGED : value);
            });
    return Sample.row(table, values);
  }

  private static Row oldRow(TableSchema table, Random random) {
    Row whole = row(table, random, /* logged= */ true);
    return new Row() {
      @Override
      public TableSchema schema() {
        return table;
      }

      @Override
      public @Nullable Object get(int column) {
        return table.identity().contains(column) ? whole.get(column) : NOT_LOGGED;
      }
    };
  }

  private static String schema(String source) {
    Scope scope = Scope.table(Sample.STOCKS, Set.of(Operation.INSERT));
    Shape shape = Sample.compile(scope, source).shape(Images.of(Sample.STOCKS, scope.operations()));
    return JsonTree.write(JsonSchema.of(shape)).replaceAll("\\s+", "");
  }

  @Test
  void whatIsKnownIsSaid() {
    assertThat(schema("symbol")).isEqualTo("{\"type\":\"string\"}");
    assertThat(schema("note")).isEqualTo("{\"type\":[\"string\",\"null\"]}");
    assertThat(schema("coalesce(note, '')")).isEqualTo("{\"type\":\"string\"}");
    assertThat(schema("upper(note)")).isEqualTo("{\"type\":[\"string\",\"null\"]}");
    assertThat(schema("qty"))
        .isEqualTo(
            "{\"type\":[\"integer\",\"null\"],\"minimum\":-2147483648,\"maximum\":2147483647}");
    assertThat(schema("price"))
        .isEqualTo("{\"type\":[\"number\",\"string\"],\"pattern\":\"^NaN$\"}");
    assertThat(schema("status")).isEqualTo("{\"type\":\"string\",\"enum\":[\"OPEN\",\"HALTED\"]}");
    assertThat(schema("payload")).isEqualTo("{}");
    assertThat(schema("note == null")).isEqualTo("{\"type\":\"boolean\"}");
    assertThat(schema("{'a': note}"))
        .isEqualTo(
            "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":[\"string\",\"null\"]}},\"required\":[\"a\"]}");
    assertThat(schema("tags.map(t, size(t))"))
        .isEqualTo(
            "{\"type\":\"array\",\"items\":{\"type\":[\"integer\",\"null\"],"
                + "\"minimum\":-9223372036854775808,\"maximum\":9223372036854775807}}");
  }
}
