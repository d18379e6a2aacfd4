package io.rowbell.language;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.SqlIdentifier;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The JSON Schema (draft 2020-12) of rule files, for editors: what {@link RuleCompiler} takes, as
 * far as a schema can say it. With a catalog it knows the tables and columns that rules may name.
 */
public final class RuleFileSchema {
  private static final String DURATION = "^([0-9]+(\\.[0-9]+)?(d|h|ms|us|m|s))+$|^P[0-9YMWDTHS.]+$";
  private static final List<String> ROW_STEPS = List.of("insert", "update", "delete", "snapshot");

  private final Catalog catalog;
  private final Map<TableSchema, String> rows = new LinkedHashMap<>();

  private RuleFileSchema(Catalog catalog) {
    this.catalog = catalog;
    catalog.tables().values().stream()
        .sorted(Comparator.comparing(TableSchema::id))
        .forEach(table -> rows.put(table, "row" + (rows.size() + 1)));
  }

  /**
   * The schema of every rule file.
   *
   * @return ends with a line end
   */
  public static String write() {
    return write(new Catalog(List.of(), Map.of()));
  }

  /**
   * The schema of rule files for a database.
   *
   * @param catalog the tables that are offered
   * @return ends with a line end; the same for the same tables
   */
  public static String write(Catalog catalog) {
    StringWriter text = new StringWriter();
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.setPrettyPrinter(printer);
      write(json, new RuleFileSchema(catalog).document());
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return text.append('\n').toString();
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> member : map.entrySet()) {
        json.writeFieldName((String) member.getKey());
        write(json, member.getValue());
      }
      json.writeEndObject();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object item : list) {
        write(json, item);
      }
      json.writeEndArray();
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Integer number) {
      json.writeNumber(number);
    } else {
      json.writeString(value.toString());
    }
  }

  private Map<String, Object> document() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    document.put("title", "Rowbell's rule files");
    document.putAll(object(RuleKeys.FILE));
    document.put("required", List.of("rules", "triggers"));
    Map<String, Object> definitions = new LinkedHashMap<>();
    definitions.put("trigger", trigger());
    definitions.put("expression", Map.of("type", List.of("string", "number", "boolean")));
    definitions.put("test", required(object(RuleKeys.TEST), "test", "steps"));
    definitions.put("step", step());
    definitions.put("expect", expect());
    definitions.put("fails", fails());
    rows.forEach((table, name) -> definitions.put(name, row(table)));
    document.put("$defs", definitions);
    return document;
  }

  private Map<String, Object> object(List<RuleKeys.Key> keys) {
    Map<String, Object> properties = new LinkedHashMap<>();
    keys.forEach(key -> properties.put(key.name(), property(key)));
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("type", "object");
    object.put("properties", properties);
    object.put("additionalProperties", false);
    return object;
  }

  private static Map<String, Object> required(Map<String, Object> object, String... keys) {
    object.put("required", List.of(keys));
    return object;
  }

  private Map<String, Object> property(RuleKeys.Key key) {
    Map<String, Object> property = new LinkedHashMap<>();
    property.put("description", key.description());
    switch (key.form()) {
      case TEXT, TEMPLATE -> property.put("type", "string");
      case EXPRESSION -> property.put("$ref", "#/$defs/expression");
      case EXPRESSIONS -> {
        property.put("type", "object");
        property.put("additionalProperties", ref("expression"));
      }
      case DATA -> property.put("anyOf", List.of(ref("expression"), named()));
      case CONSTANTS, DEFAULTS -> {
        property.put("type", "object");
        if (key.form() == RuleKeys.Form.DEFAULTS) {
          property.putAll(object(RuleKeys.DEFAULTS));
        }
      }
      case CHILDREN -> {
        property.put("type", "object");
        property.put("additionalProperties", children(key));
      }
      case ON -> property.put("type", "string");
      case DURATION -> {
        property.put("type", "string");
        property.put("pattern", DURATION);
      }
      case NUMBER -> {
        property.put("type", "integer");
        property.put("minimum", 1);
      }
      case FLAG -> property.put("type", "boolean");
      case ON_ERROR -> property.put("enum", OnError.words());
      case MODE -> property.put("enum", Shadowing.MODES);
      case TEXTS -> {
        property.put("type", "array");
        property.put("items", Map.of("type", "string"));
      }
      case VERSION -> property.put("const", key.example());
      case TRIGGERS -> items(property, "trigger");
      case TESTS -> items(property, "test");
      case STEPS -> items(property, "step");
    }
    List<Object> examples = key.form() == RuleKeys.Form.ON ? examples(key) : example(key);
    if (!examples.isEmpty()) {
      property.put("examples", examples);
    }
    return property;
  }

  private static void items(Map<String, Object> property, String definition) {
    property.put("type", "array");
    property.put("items", ref(definition));
  }

  private static Map<String, Object> ref(String definition) {
    return Map.of("$ref", "#/$defs/" + definition);
  }

  private static Map<String, Object> named() {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("type", "object");
    named.put(
        "additionalProperties",
        Map.of("anyOf", List.of(Map.of("type", "null"), ref("expression"))));
    return named;
  }

  private static List<Object> example(RuleKeys.Key key) {
    return switch (key.form()) {
      case NUMBER -> List.of(Integer.valueOf(key.example()));
      case FLAG -> List.of(Boolean.valueOf(key.example()));
      case TEXTS -> List.of(List.of(key.example()));
      case CHILDREN -> List.of();
      case VERSION -> List.of();
      default -> key.example().isEmpty() ? List.of() : List.of(key.example());
    };
  }

  /** What an editor offers for {@code on}. */
  private List<Object> examples(RuleKeys.Key key) {
    if (rows.isEmpty()) {
      return List.of(key.example());
    }
    List<Object> examples = new ArrayList<>();
    for (TableSchema each : rows.keySet()) {
      String table = written(each.id());
      examples.add("insert " + table);
      examples.add("update " + table);
      examples.add("insert or update " + table);
      examples.add("delete " + table);
      examples.add(table);
    }
    return examples;
  }

  /** What an editor offers for a table of {@code with}: columns that may refer to another row. */
  private Map<String, Object> children(RuleKeys.Key key) {
    List<String> examples = new ArrayList<>();
    for (TableSchema table : rows.keySet()) {
      for (int i = 0; i < table.columns().size(); i++) {
        String column = table.column(i).name();
        if (table.primaryKey().contains(i) || column.endsWith("_id")) {
          examples.add(written(table.id()) + " by " + SqlIdentifier.quote(column));
        }
      }
    }
    Map<String, Object> child = new LinkedHashMap<>();
    child.put("type", "string");
    child.put("pattern", " by ");
    child.put("examples", examples.isEmpty() ? List.of(key.example()) : examples);
    return child;
  }

  /** A table's name as a rule file writes it: without its schema if the search path finds it. */
  private String written(TableId id) {
    boolean found = catalog.find(id.name()).map(TableSchema::id).filter(id::equals).isPresent();
    return found ? SqlIdentifier.quote(id.name()) : id.sql();
  }

  private Map<String, Object> trigger() {
    Map<String, Object> trigger = required(object(RuleKeys.TRIGGER), "event", "on", "data");
    Map<String, Object> needed = new LinkedHashMap<>();
    for (String key : List.of("until", "for", "resolved")) {
      needed.put(key, List.of("while"));
    }
    trigger.put("dependentRequired", needed);
    trigger.put("not", Map.of("required", List.of("when", "while")));
    List<Object> tables = new ArrayList<>();
    for (TableSchema table : rows.keySet()) {
      tables.add(columnsOf(table));
    }
    if (!tables.isEmpty()) {
      trigger.put("allOf", tables);
    }
    return trigger;
  }

  /** What an editor offers for the data of a rule on one table. */
  private Map<String, Object> columnsOf(TableSchema described) {
    Map<String, Object> columns = new LinkedHashMap<>();
    for (Column column : described.columns()) {
      columns.put(column.name(), Map.of("description", column.type().sqlName()));
    }
    String table =
        Pattern.compile("[.*+?()\\[\\]{}|^$\\\\]")
            .matcher(written(described.id()))
            .replaceAll("\\\\$0");
    Map<String, Object> on = Map.of("pattern", "(^|[ .])" + table + " *(\\(|$)");
    Map<String, Object> rule = new LinkedHashMap<>();
    rule.put("if", Map.of("properties", Map.of("on", on)));
    rule.put("then", Map.of("properties", Map.of("data", Map.of("properties", columns))));
    return rule;
  }

  private Map<String, Object> step() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put(
        "wait",
        described(
            Map.of("type", "string", "pattern", DURATION), "Time goes by; nothing else moves it."));
    properties.put(
        "transaction",
        described(Map.of("type", "array", "items", ref("step")), "Steps that commit together."));
    properties.put(
        "expect", described(ref("expect"), "All events since the last 'expect': none, or which."));
    properties.put(
        "fails", described(ref("fails"), "The rules that fail, and the codes they fail with."));
    properties.put(
        "where",
        described(Map.of("type", "object"), "The values that the row has now, to find it by."));
    rows.forEach(
        (table, name) ->
            ROW_STEPS.forEach(word -> properties.put(word + " " + written(table.id()), ref(name))));
    Map<String, Object> patterns = new LinkedHashMap<>();
    patterns.put("^(" + String.join("|", ROW_STEPS) + ") ", Map.of("type", "object"));
    patterns.put("^truncate ", Map.of("type", "null"));
    patterns.put("^message ", ref("expression"));
    Map<String, Object> mapping = new LinkedHashMap<>();
    mapping.put("type", "object");
    mapping.put("properties", properties);
    mapping.put("patternProperties", patterns);
    mapping.put("additionalProperties", false);
    mapping.put("minProperties", 1);
    Map<String, Object> truncate = new LinkedHashMap<>();
    truncate.put("type", "string");
    truncate.put("pattern", "^truncate ");
    truncate.put(
        "examples",
        rows.isEmpty()
            ? List.of("truncate orders")
            : rows.keySet().stream().map(table -> "truncate " + written(table.id())).toList());
    return Map.of("anyOf", List.of(mapping, truncate));
  }

  private static Map<String, Object> described(Map<String, Object> schema, String description) {
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("description", description);
    schema.keySet().stream().sorted().forEach(key -> described.put(key, schema.get(key)));
    return described;
  }

  private static Map<String, Object> expect() {
    Map<String, Object> events = new LinkedHashMap<>();
    events.put("type", "object");
    events.put("minProperties", 1);
    Map<String, Object> list = new LinkedHashMap<>();
    list.put("type", "array");
    list.put("items", Map.of("type", List.of("string", "object")));
    Map<String, Object> word = new LinkedHashMap<>();
    word.put("type", "string");
    word.put("examples", List.of("none"));
    return Map.of("anyOf", List.of(word, events, list));
  }

  private static Map<String, Object> fails() {
    Map<String, Object> codes = new LinkedHashMap<>();
    codes.put("type", "object");
    codes.put("additionalProperties", Map.of("type", List.of("string", "null")));
    Map<String, Object> list = new LinkedHashMap<>();
    list.put("type", "array");
    list.put("items", Map.of("anyOf", List.of(Map.of("type", "string"), codes)));
    return Map.of("anyOf", List.of(Map.of("type", "string"), codes, list));
  }

  private static Map<String, Object> row(TableSchema table) {
    Map<String, Object> columns = new LinkedHashMap<>();
    for (Column column : table.columns()) {
      columns.put(column.name(), value(column));
    }
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("description", "A row of " + table.id() + ".");
    row.put("type", "object");
    row.put("properties", columns);
    row.put("additionalProperties", false);
    return row;
  }

  private static Map<String, Object> value(Column column) {
    ColumnType type = column.type();
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("description", type.sqlName() + (column.nullable() ? "" : " not null"));
    List<String> types =
        switch (type.kind()) {
          case INTEGER -> List.of("integer", "string");
          case NUMERIC, FLOAT -> List.of("number", "string");
          case BOOLEAN -> List.of("boolean", "string");
          case ARRAY -> List.of("array");
          case JSON -> List.of();
          default -> List.of("string", "number", "boolean");
        };
    if (type.kind() == ColumnType.Kind.ENUM) {
      value.put(
          "anyOf",
          column.nullable()
              ? List.of(Map.of("enum", type.labels()), Map.of("type", "null"))
              : List.of(Map.of("enum", type.labels())));
    } else if (!types.isEmpty()) {
      List<String> all = new ArrayList<>(types);
      if (column.nullable()) {
        all.add("null");
      }
      value.put("type", all);
    }
    return value;
  }
}
