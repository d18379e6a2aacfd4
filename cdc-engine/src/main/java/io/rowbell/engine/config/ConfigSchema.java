package io.rowbell.engine.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.yaml.YamlList;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlNode;
import io.rowbell.language.yaml.YamlReader;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * The JSON Schema (draft 2020-12) of the configuration, for editors: what {@link ConfigLoader}
 * takes, as far as a schema can say it.
 */
public final class ConfigSchema {
  private static final String REFERENCE = "#/$defs/reference";

  private final JsonGenerator json;

  private ConfigSchema(JsonGenerator json) {
    this.json = json;
  }

  /**
   * The schema, with the adapters that are on the class path.
   *
   * @return ends with a line end
   */
  public static String write() {
    return write(Adapters.found(ConfigSchema.class.getClassLoader()));
  }

  static String write(Adapters adapters) {
    StringWriter text = new StringWriter();
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentObjectsWith(indenter);
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.setPrettyPrinter(printer);
      new ConfigSchema(json).document(Shape.of(PipelineSettings.class, adapters));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return text.append('\n').toString();
  }

  private void document(Shape.Group shape) throws IOException {
    json.writeStartObject();
    json.writeStringField("$schema", "https://json-schema.org/draft/2020-12/schema");
    json.writeStringField("title", "Rowbell's configuration, rowbell.yaml");
    group(shape);
    json.writeObjectFieldStart("$defs");
    json.writeObjectFieldStart("reference");
    json.writeStringField("description", "A value from the environment or from a file.");
    json.writeStringField("type", "string");
    json.writeStringField("pattern", "\\$\\{(env|file):[^}]+\\}");
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndObject();
  }

  private void group(Shape.Group shape) throws IOException {
    json.writeStringField("type", "object");
    json.writeObjectFieldStart("properties");
    for (Shape.Field field : shape.fields()) {
      if (field.shape() instanceof Shape.Target target) {
        json.writeObjectFieldStart(Shape.Target.HANDLER);
        json.writeStringField("description", Shape.Target.HANDLER_DESCRIPTION);
        json.writeStringField("type", "string");
        json.writeEndObject();
        adapters(target.sinks());
        continue;
      }
      json.writeObjectFieldStart(field.key());
      json.writeStringField("description", field.description());
      shape(field.shape());
      String byDefault = field.byDefault();
      if (byDefault != null) {
        json.writeFieldName("default");
        value(field.shape(), byDefault);
      }
      json.writeEndObject();
    }
    json.writeEndObject();
    json.writeBooleanField("additionalProperties", false);
    strings("required", required(shape));
    for (Shape.Field field : shape.fields()) {
      if (field.shape() instanceof Shape.Target target) {
        oneOf(target);
      }
    }
  }

  /** What must stand there: neither null nor a default, nor a record that needs nothing. */
  private static List<String> required(Shape.Group shape) {
    return shape.fields().stream()
        .filter(field -> !field.nullable() && field.byDefault() == null)
        .filter(field -> !(field.shape() instanceof Shape.Target))
        .filter(field -> !(field.shape() instanceof Shape.Group group && required(group).isEmpty()))
        .map(Shape.Field::key)
        .toList();
  }

  private void oneOf(Shape.Target target) throws IOException {
    json.writeArrayFieldStart("oneOf");
    json.writeStartObject();
    strings("required", List.of(Shape.Target.HANDLER));
    json.writeEndObject();
    for (String sink : target.sinks().keySet()) {
      json.writeStartObject();
      strings("required", List.of(sink));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void adapters(Map<String, Shape.Adapter> adapters) throws IOException {
    for (Map.Entry<String, Shape.Adapter> adapter : adapters.entrySet()) {
      json.writeObjectFieldStart(adapter.getKey());
      group(adapter.getValue().settings());
      json.writeEndObject();
    }
  }

  private void shape(Shape shape) throws IOException {
    if (shape instanceof Shape.Scalar scalar) {
      scalar(scalar.type());
    } else if (shape instanceof Shape.Sequence sequence) {
      json.writeStringField("type", "array");
      if (sequence.distinct()) {
        json.writeBooleanField("uniqueItems", true);
      }
      json.writeObjectFieldStart("items");
      shape(sequence.item());
      json.writeEndObject();
    } else if (shape instanceof Shape.Texts) {
      json.writeStringField("type", "object");
      json.writeObjectFieldStart("additionalProperties");
      strings("type", List.of("string", "number", "boolean"));
      json.writeEndObject();
    } else if (shape instanceof Shape.Group group) {
      group(group);
    } else if (shape instanceof Shape.Choice choice) {
      json.writeStringField("type", "object");
      json.writeObjectFieldStart("properties");
      adapters(choice.adapters());
      json.writeEndObject();
      json.writeBooleanField("additionalProperties", false);
      json.writeNumberField("minProperties", 1);
      json.writeNumberField("maxProperties", 1);
    }
  }

  private void scalar(ScalarType<?> type) throws IOException {
    switch (type.kind()) {
      case TEXT, PATH, URI -> json.writeStringField("type", "string");
      case SECRET -> {
        json.writeStringField("type", "string");
        json.writeBooleanField("writeOnly", true);
      }
      case NUMBER -> orReference("type", "integer");
      case FLAG -> orReference("type", "boolean");
      case DURATION -> orReference("pattern", "^(?=.)(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?(\\d+ms)?$");
      case SIZE -> {
        json.writeArrayFieldStart("anyOf");
        constraint("type", "integer");
        constraint("pattern", "^\\d+\\s*(B|[KMGT]i?B)?$");
        constraint("$ref", REFERENCE);
        json.writeEndArray();
      }
      case ADDRESS -> orReference("pattern", "^.*:\\d{1,5}$");
      case WORD -> {
        json.writeArrayFieldStart("anyOf");
        json.writeStartObject();
        strings("enum", type.words());
        json.writeEndObject();
        constraint("$ref", REFERENCE);
        json.writeEndArray();
      }
    }
  }

  private void orReference(String keyword, String value) throws IOException {
    json.writeArrayFieldStart("anyOf");
    constraint(keyword, value);
    constraint("$ref", REFERENCE);
    json.writeEndArray();
  }

  private void constraint(String keyword, String value) throws IOException {
    json.writeStartObject();
    if (keyword.equals("pattern")) {
      json.writeStringField("type", "string");
    }
    json.writeStringField(keyword, value);
    json.writeEndObject();
  }

  private void strings(String name, List<String> values) throws IOException {
    if (values.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart(name);
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }

  private void value(Shape shape, String text) throws IOException {
    if (shape instanceof Shape.Scalar scalar) {
      scalarValue(scalar.type(), text);
      return;
    }
    YamlNode node = YamlReader.read("default", text, new Problems());
    if (node != null) {
      node(node);
    }
  }

  private void scalarValue(ScalarType<?> type, String text) throws IOException {
    switch (type.kind()) {
      case NUMBER -> json.writeNumber(Long.parseLong(text));
      case FLAG -> json.writeBoolean(Boolean.parseBoolean(text));
      default -> json.writeString(text);
    }
  }

  /** Defaults of several parts are small and of text. */
  private void node(YamlNode node) throws IOException {
    if (node instanceof YamlMap map) {
      json.writeStartObject();
      for (YamlMap.Entry entry : map.entries()) {
        json.writeFieldName(entry.name());
        node(entry.value());
      }
      json.writeEndObject();
    } else if (node instanceof YamlList list) {
      json.writeStartArray();
      for (YamlNode item : list.items()) {
        node(item);
      }
      json.writeEndArray();
    } else {
      json.writeString(node.toString());
    }
  }
}
