package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.rowbell.language.contract.JsonTree;
import io.rowbell.testkit.JavaProcess;
import io.rowbell.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows with awkward values of every type, from PostgreSQL to events, keep to the contract. */
class ContractTypesIT {
  private static final Duration SOON = Duration.ofMinutes(2);

  /** A type, and values of it as SQL writes them. */
  private static final Map<String, List<String>> TYPES = new LinkedHashMap<>();

  static {
    TYPES.put("boolean", List.of("true", "false"));
    TYPES.put("smallint", List.of("-32768", "32767"));
    TYPES.put("integer", List.of("-2147483648", "2147483647"));
    TYPES.put("bigint", List.of("-9223372036854775808", "9223372036854775807"));
    TYPES.put("oid", List.of("0", "4294967295"));
    TYPES.put("real", List.of("0.1", "'NaN'", "1e-45", "'-Infinity'"));
    TYPES.put("double precision", List.of("1e300", "'NaN'", "'Infinity'", "-5e-324"));
    TYPES.put("numeric", List.of("1.00", "'NaN'", "'-Infinity'", "1e-40", "-1e60"));
    TYPES.put("numeric(10,2)", List.of("7", "'NaN'"));
    TYPES.put("text", List.of("''", "E'it''s \\n\\t\"größer\" 😀'"));
    TYPES.put("varchar(9)", List.of("'abc'"));
    TYPES.put("char(4)", List.of("'ab'"));
    TYPES.put("uuid", List.of("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"));
    TYPES.put("mood", List.of("'sad'", "'it''s \"ok\"'", "''"));
    TYPES.put(
        "timestamptz",
        List.of(
            "'infinity'",
            "'-infinity'",
            "'2026-11-20 10:15:30.123456+05:30'",
            "'4713-01-01 BC'",
            "'294276-12-31 23:59:59.999999+00'"));
    TYPES.put("timestamp", List.of("'infinity'", "'2026-11-20 10:15'", "'0044-03-15 BC'"));
    TYPES.put("date", List.of("'infinity'", "'-infinity'", "'2026-11-20'", "'5874897-12-31'"));
    TYPES.put("time", List.of("'24:00'", "'09:30:00.5'"));
    TYPES.put("timetz", List.of("'09:30+02'"));
    TYPES.put(
        "interval",
        List.of(
            "'0'",
            "'1 year -2 mons 3 days -04:05:06.7'",
            "'-1 year 2 mons -3 days 04:05:06'",
            "'-1 us'",
            "'-infinity'"));
    TYPES.put("bytea", List.of("''", "'\\x00ff10'"));
    TYPES.put("json", List.of("'null'", "'3'", "'\"x\"'", "'{\"a\": [1, null]}'"));
    TYPES.put("jsonb", List.of("'null'", "'[]'", "'{\"a\": 1e2}'"));
    TYPES.put("int[]", List.of("'{}'", "'{1,NULL}'", "'{{1,2},{3,4}}'", "'[0:1]={5,6}'"));
    TYPES.put("text[]", List.of("'{NULL,\"NULL\",\"a,b\"}'"));
    TYPES.put("mood[]", List.of("'{sad,NULL}'", "'{{sad},{\"\"}}'"));
    TYPES.put("numeric[]", List.of("'{NaN,1.5}'"));
    TYPES.put("int4range", List.of("'empty'", "'[1,5)'"));
    TYPES.put("tstzrange", List.of("'(,infinity]'"));
    TYPES.put("money", List.of("12.34"));
    TYPES.put("inet", List.of("'10.0.0.1/8'"));
    TYPES.put("bit varying", List.of("B'101'"));
    TYPES.put("point", List.of("'(1,2)'"));
    TYPES.put("tsvector", List.of("'a:1 b:2'"));
    TYPES.put("positive", List.of("12.50"));
    TYPES.put("pair", List.of("'(1,\"a b\")'"));
  }

  /** Types of which any text is a value, as far as a schema can tell. */
  private static final Set<String> TEXTS =
      Set.of(
          "text",
          "varchar(9)",
          "char(4)",
          "timetz",
          "int4range",
          "tstzrange",
          "money",
          "inet",
          "bit varying",
          "point",
          "tsvector",
          "pair");

  private final Path directory;
  private final PostgresServer server = PostgresServer.start();

  ContractTypesIT(@TempDir Path directory) throws Exception {
    this.directory = directory;
    server.createDatabase("shop");
    StringBuilder columns = new StringBuilder("id bigint PRIMARY KEY");
    int number = 0;
    for (String type : TYPES.keySet()) {
      columns.append(", c").append(number++).append(' ').append(type);
    }
    server.execute(
        "shop",
        "CREATE TYPE mood AS ENUM ('sad', 'it''s \"ok\"', '');"
            + "CREATE TYPE pair AS (a int, b text);"
            + "CREATE DOMAIN positive AS numeric(8,2) CHECK (VALUE > 0);"
            + "CREATE TABLE things ("
            + columns
            + ")");
    Files.writeString(
        directory.resolve("rules.yaml"),
        """
        rules: v1
        triggers:
          - event: ThingSeen
            on: insert or update or delete things
            data: row
        """);
    Files.writeString(
        directory.resolve("rowbell.yaml"),
        """
        source:
          postgres:
            host: %s
            port: %d
            database: shop
            user: %s
            password: "${env:PG_PASSWORD}"
        rules: [rules.yaml]
        journal: {sqlite: {file: journal.db}}
        """
            .formatted(server.host(), server.port(), server.user()));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private JavaProcess rowbell(String... args) {
    return JavaProcess.of(Main.class)
        .directory(directory)
        .environment("PG_PASSWORD", server.password())
        .args(args)
        .start();
  }

  private List<String> ended(String... args) throws InterruptedException {
    try (JavaProcess process = rowbell(args)) {
      int code = process.awaitExit(SOON);
      assertThat(code).as(String.join("\n", process.output())).isZero();
      return process.output();
    }
  }

  @Test
  void everyEventKeepsToItsContract() throws Exception {
    assertThat(ended("check", "--apply")).isNotEmpty();
    assertThat(ended("contract", "-o", "contract")).containsExactly("wrote 2 files into contract");
    int rows = TYPES.values().stream().mapToInt(List::size).max().orElseThrow() + 1;
    StringBuilder sql = new StringBuilder();
    for (int row = 0; row < rows; row++) {
      sql.append("INSERT INTO things VALUES (").append(row);
      for (List<String> values : TYPES.values()) {
        sql.append(", ").append(row < values.size() ? values.get(row) : "NULL");
      }
      sql.append(");");
    }
    // A value that is moved out of its row is not logged by an update of another.
    sql.append("INSERT INTO things (id, c9) SELECT 99, string_agg(md5(i::text), '')")
        .append(" FROM generate_series(1, 999) i;");
    server.execute("shop", sql.toString());
    server.execute("shop", "UPDATE things SET c0 = true; DELETE FROM things");
    int expected = 3 * (rows + 1);

    List<String> events;
    try (JavaProcess run = rowbell("run")) {
      run.awaitLine("streams from", SOON);
      try (JavaProcess follow = rowbell("events", "--follow")) {
        follow.awaitLine(
            line -> line.contains("\"op\":\"delete\"") && line.contains("\"data\":{\"id\":99"),
            SOON);
        events = follow.output().stream().filter(line -> line.contains("ThingSeen")).toList();
      }
      run.terminate();
      assertThat(run.awaitExit(SOON)).isZero();
    }

    assertThat(events).hasSize(expected);
    String text = Files.readString(directory.resolve("contract/ThingSeen.v1.schema.json"));
    JsonSchema schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(text);
    Map<?, ?> properties = object(object(JsonTree.read(text)).get("properties"));
    assertThat(events)
        .anyMatch(
            event -> event.contains("\"op\":\"update\"") && event.contains("\"missing\":\"c9\""));
    for (String event : events) {
      Map<?, ?> data = object(object(JsonTree.read(event)).get("data"));
      assertThat(schema.validate(JsonTree.write(data), InputFormat.JSON)).as(event).isEmpty();
      assertThat(data.keySet()).as(event).allMatch(properties::containsKey);
    }
    assertRefusesOtherValues(schema, object(object(JsonTree.read(events.get(0))).get("data")));
  }

  /** A schema that allows everything would be kept to by everything. */
  private static void assertRefusesOtherValues(JsonSchema schema, Map<?, ?> data) {
    int number = 0;
    for (String type : TYPES.keySet()) {
      String column = "c" + number++;
      if (!type.startsWith("json")) {
        assertThat(errors(schema, data, column, Map.of("a", 1L))).as(type).isNotEmpty();
        if (!TEXTS.contains(type)) {
          assertThat(errors(schema, data, column, "~")).as(type).isNotEmpty();
        }
      }
    }
    assertThat(errors(schema, data, "id", null)).as("the primary key").isNotEmpty();
  }

  private static Set<ValidationMessage> errors(
      JsonSchema schema, Map<?, ?> data, String field, @Nullable Object value) {
    Map<String, @Nullable Object> changed = new LinkedHashMap<>();
    data.forEach((name, given) -> changed.put(name.toString(), given));
    changed.put(field, value);
    return schema.validate(JsonTree.write(changed), InputFormat.JSON);
  }

  private static Map<?, ?> object(@Nullable Object tree) {
    assertThat(tree).isInstanceOf(Map.class);
    return (Map<?, ?>) Objects.requireNonNull(tree);
  }
}
