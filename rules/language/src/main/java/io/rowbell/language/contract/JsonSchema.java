package io.rowbell.language.contract;

import io.rowbell.language.expression.Shape;
import io.rowbell.language.expression.Type;
import io.rowbell.model.ColumnType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * JSON Schemas (draft 2020-12, of whose words draft 07 has the same) of what rules write.
 *
 * <p>Each follows from how a value of the type is written: {@code numeric} and floating-point
 * numbers are JSON numbers, but NaN and the infinities texts; times are ISO 8601 with as many
 * decimals as there are, an extended year outside of 0000 to 9999, and PostgreSQL's infinities.
 */
public final class JsonSchema {
  /** The dialect. */
  public static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";

  private static final String NO_NUMBER = "^(NaN|-?Infinity)$";
  private static final String DAY = "[+-]?[0-9]{4,9}-[0-9]{2}-[0-9]{2}";
  private static final String TIME = "[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?";
  private static final String INTERVAL =
      "P(-?[0-9]+Y)?(-?[0-9]+M)?(-?[0-9]+D)?"
          + "(T(-?[0-9]+H)?(-?[0-9]+M)?(-?[0-9]+(\\.[0-9]{1,6})?S)?)?";
  private static final String NOT_LOGGED = "Left out where PostgreSQL did not log what it needs";
  private static final String NAMED = ", and named in the attribute 'missing'";
  private static final Pattern INTEGER = Pattern.compile("smallint|integer|bigint|oid");
  private static final Pattern SCALED = Pattern.compile("numeric\\(.*\\)");

  private JsonSchema() {}

  /** The schema of a payload. */
  public static Map<String, @Nullable Object> of(RuleOutput.Data data) {
    return data instanceof RuleOutput.Data.Fields named
        ? object(named.fields(), NOT_LOGGED + NAMED + ".")
        : of(((RuleOutput.Data.Value) data).shape());
  }

  /** The schema of an expression's values. */
  public static Map<String, @Nullable Object> of(Shape shape) {
    Map<String, @Nullable Object> schema = ofType(shape);
    if (shape.nested()) {
      schema = or(schema, Map.of("type", "array"));
    }
    return shape.nullable() ? orNull(schema) : schema;
  }

  /** The schema of a key, which is the text of a value: numbers and booleans lose their type. */
  static Map<String, @Nullable Object> ofText(Shape shape) {
    Map<String, @Nullable Object> schema = ofType(shape);
    boolean textual = types(schema).equals(List.of("string"));
    Map<String, @Nullable Object> text = textual ? schema : typed("string");
    if (types(schema).equals(List.of("integer"))) {
      text.put("pattern", "^-?[0-9]+$");
    }
    return shape.nullable() ? orNull(text) : text;
  }

  private static Map<String, @Nullable Object> object(
      Map<String, Shape> fields, String whyLeftOut) {
    Map<String, @Nullable Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    fields.forEach(
        (name, shape) -> {
          Map<String, @Nullable Object> schema = of(shape);
          if (shape.omittable()) {
            schema.put("description", whyLeftOut);
          } else {
            required.add(name);
          }
          properties.put(name, schema);
        });
    Map<String, @Nullable Object> schema = typed("object");
    schema.put("properties", properties);
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    return schema;
  }

  private static Map<String, @Nullable Object> ofType(Shape shape) {
    Type type = shape.type();
    return switch (type.kind()) {
      case NULL -> typed("null");
      case BOOLEAN -> typed("boolean");
      case INT -> integer(shape.column());
      case DECIMAL, DOUBLE -> number(shape.column());
      case TEXT, OPAQUE -> typed("string");
      case UUID -> {
        Map<String, @Nullable Object> schema =
            matching("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
        schema.put("format", "uuid");
        yield schema;
      }
      case ENUM -> {
        Map<String, @Nullable Object> schema = typed("string");
        if (!type.labels().isEmpty()) {
          schema.put("enum", new ArrayList<>(type.labels()));
        }
        yield schema;
      }
      case TIMESTAMP -> matching("-?infinity|" + DAY + "T" + TIME + "Z");
      case LOCAL_TIMESTAMP -> matching("-?infinity|" + DAY + "T" + TIME);
      case DATE -> matching("-?infinity|" + DAY);
      case TIME -> matching(TIME);
      case INTERVAL -> matching("-?infinity|" + INTERVAL);
      case BYTES -> {
        Map<String, @Nullable Object> schema = matching("[A-Za-z0-9+/]*={0,2}");
        schema.put("contentEncoding", "base64");
        yield schema;
      }
      case JSON -> new LinkedHashMap<>();
      case LIST -> {
        Map<String, @Nullable Object> schema = typed("array");
        Shape element = shape.element();
        if (element != null) {
          schema.put("items", of(element));
        }
        yield schema;
      }
      case ROW -> throw new IllegalStateException("a row is no value of an event");
      case MAP ->
          shape.members() == null ? typed("object") : object(shape.members(), NOT_LOGGED + ".");
    };
  }

  private static Map<String, @Nullable Object> typed(String type) {
    Map<String, @Nullable Object> schema = new LinkedHashMap<>();
    schema.put("type", type);
    return schema;
  }

  private static Map<String, @Nullable Object> matching(String pattern) {
    Map<String, @Nullable Object> schema = typed("string");
    schema.put("pattern", "^(" + pattern + ")$");
    return schema;
  }

  /** A column's integers have its range; those of a domain or of a computation 64 bits. */
  private static Map<String, @Nullable Object> integer(@Nullable ColumnType column) {
    Map<String, @Nullable Object> schema = typed("integer");
    Matcher name = INTEGER.matcher(column == null ? "bigint" : column.sqlName());
    String sql = name.matches() ? name.group() : "bigint";
    schema.put(
        "minimum",
        switch (sql) {
          case "smallint" -> (long) Short.MIN_VALUE;
          case "integer" -> (long) Integer.MIN_VALUE;
          case "oid" -> 0L;
          default -> Long.MIN_VALUE;
        });
    schema.put(
        "maximum",
        switch (sql) {
          case "smallint" -> (long) Short.MAX_VALUE;
          case "integer" -> (long) Integer.MAX_VALUE;
          case "oid" -> 0xFFFF_FFFFL;
          default -> Long.MAX_VALUE;
        });
    return schema;
  }

  private static Map<String, @Nullable Object> number(@Nullable ColumnType column) {
    Map<String, @Nullable Object> schema = new LinkedHashMap<>();
    schema.put("type", new ArrayList<>(List.of("number", "string")));
    // A numeric of a fixed scale cannot hold the infinities.
    boolean scaled = column != null && SCALED.matcher(column.sqlName()).matches();
    schema.put("pattern", scaled ? "^NaN$" : NO_NUMBER);
    return schema;
  }

  /** Null, too. */
  static Map<String, @Nullable Object> orNull(Map<String, @Nullable Object> schema) {
    List<Object> types = new ArrayList<>(types(schema));
    if (types.contains("null") || schema.isEmpty()) {
      return schema;
    }
    if (schema.containsKey("anyOf")) {
      return or(schema, typed("null"));
    }
    Map<String, @Nullable Object> either = new LinkedHashMap<>(schema);
    types.add("null");
    either.put("type", types);
    if (schema.get("enum") instanceof List<?> labels) {
      List<@Nullable Object> values = new ArrayList<>(labels);
      values.add(null);
      either.put("enum", values);
    }
    return either;
  }

  /** One or another. */
  static Map<String, @Nullable Object> or(
      Map<String, @Nullable Object> first, Map<String, @Nullable Object> second) {
    if (first.equals(second) || first.isEmpty()) {
      return first;
    }
    if (second.isEmpty()) {
      return second;
    }
    List<Object> alternatives = new ArrayList<>(alternatives(first));
    alternatives(second).stream()
        .filter(other -> !alternatives.contains(other))
        .forEach(alternatives::add);
    Map<String, @Nullable Object> schema = new LinkedHashMap<>();
    schema.put("anyOf", alternatives);
    return schema;
  }

  /** What a schema allows: the parts of an {@code anyOf}, or itself. */
  static List<Object> alternatives(Map<String, @Nullable Object> schema) {
    return schema.get("anyOf") instanceof List<?> parts
        ? new ArrayList<>(parts)
        : new ArrayList<>(List.of(schema));
  }

  /** The types that a schema names; empty for any. */
  static List<Object> types(Map<String, @Nullable Object> schema) {
    Object type = schema.get("type");
    return type instanceof List<?> several
        ? new ArrayList<>(several)
        : type == null ? List.of() : List.of(type);
  }
}
