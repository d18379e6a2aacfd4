package io.rowbell.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.expression.JsonValues;
import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The tables that rules may name, in a file beside the configuration, so that rules can be checked
 * and tested without a database. JSON of format 1, as docs/configuration.md describes it: tables in
 * the order of their names, columns in that of the table, so that a difference reads well.
 */
public final class TableFile {
  /** The file's name. */
  public static final String NAME = "rowbell.tables.json";

  private static final int FORMAT = 1;

  private TableFile() {}

  /**
   * The tables as the file holds them.
   *
   * @return ends with a line end; the same for the same tables
   */
  public static String write(Catalog catalog) {
    StringWriter text = new StringWriter();
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.setPrettyPrinter(printer);
      json.writeStartObject();
      json.writeNumberField("format", FORMAT);
      strings(json, "search_path", catalog.searchPath());
      json.writeObjectFieldStart("schemas");
      Map<String, Map<String, TableSchema>> schemas = new TreeMap<>();
      catalog
          .tables()
          .forEach(
              (id, table) ->
                  schemas.computeIfAbsent(id.schema(), s -> new TreeMap<>()).put(id.name(), table));
      for (Map.Entry<String, Map<String, TableSchema>> schema : schemas.entrySet()) {
        json.writeObjectFieldStart(schema.getKey());
        for (Map.Entry<String, TableSchema> table : schema.getValue().entrySet()) {
          json.writeObjectFieldStart(table.getKey());
          table(json, table.getValue());
          json.writeEndObject();
        }
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return text.append('\n').toString();
  }

  private static void table(JsonGenerator json, TableSchema table) throws IOException {
    json.writeObjectFieldStart("columns");
    for (Column column : table.columns()) {
      json.writeObjectFieldStart(column.name());
      type(json, column.type());
      if (!column.nullable()) {
        json.writeBooleanField("not_null", true);
      }
      json.writeEndObject();
    }
    json.writeEndObject();
    strings(json, "primary_key", names(table, table.primaryKey()));
    json.writeStringField("replica_identity", word(table.replicaIdentity()));
    if (!table.identity().equals(all(table.columns().size()))) {
      strings(json, "logged", names(table, table.identity()));
    }
  }

  private static void type(JsonGenerator json, ColumnType type) throws IOException {
    json.writeStringField("type", type.sqlName());
    json.writeStringField("kind", word(type.kind()));
    if (!type.labels().isEmpty()) {
      strings(json, "labels", type.labels());
    }
    if (type.element() != null) {
      json.writeObjectFieldStart("element");
      type(json, type.element());
      json.writeEndObject();
    }
  }

  private static List<Integer> all(int columns) {
    return IntStream.range(0, columns).boxed().toList();
  }

  private static List<String> names(TableSchema table, List<Integer> columns) {
    return columns.stream().map(index -> table.column(index).name()).toList();
  }

  private static void strings(JsonGenerator json, String name, List<String> values)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads the tables of a file.
   *
   * @throws EngineException if it cannot be read, is of another format, or is damaged
   */
  public static Catalog read(Path file) {
    try {
      return new Reading(file).catalog(Files.readString(file));
    } catch (IOException e) {
      throw Failures.of("the tables in " + file + " cannot be read", e);
    }
  }

  /** One reading of one file. */
  private static final class Reading {
    private final Path file;

    Reading(Path file) {
      this.file = file;
    }

    Catalog catalog(String text) {
      Map<String, Object> document;
      try {
        document = map(JsonValues.read(text), "the file");
      } catch (EvaluationException e) {
        throw damaged("it is no JSON");
      }
      if (!(document.get("format") instanceof BigDecimal format)
          || format.compareTo(BigDecimal.valueOf(FORMAT)) != 0) {
        throw damaged("its format is not " + FORMAT + ", the one that this version reads");
      }
      Map<TableId, TableSchema> tables = new HashMap<>();
      map(document.get("schemas"), "schemas")
          .forEach(
              (schema, named) ->
                  map(named, schema)
                      .forEach(
                          (name, table) -> {
                            TableId id = new TableId(schema, name);
                            tables.put(id, table(id, map(table, id.toString())));
                          }));
      return new Catalog(strings(document.get("search_path"), "search_path"), tables);
    }

    private TableSchema table(TableId id, Map<String, Object> table) {
      List<Column> columns = new ArrayList<>();
      map(table.get("columns"), "the columns of " + id)
          .forEach(
              (name, column) -> {
                Map<String, Object> parts = map(column, id + "." + name);
                boolean nullable = !Boolean.TRUE.equals(parts.get("not_null"));
                columns.add(new Column(name, type(parts, id + "." + name), nullable));
              });
      List<String> names = columns.stream().map(Column::name).toList();
      Object logged = table.get("logged");
      return new TableSchema(
          id,
          columns,
          indexes(names, strings(table.get("primary_key"), "the primary key of " + id)),
          constant(ReplicaIdentity.class, table.get("replica_identity"), id.toString()),
          logged == null
              ? all(names.size())
              : indexes(names, strings(logged, "the logged columns of " + id)));
    }

    private ColumnType type(Map<String, Object> parts, String where) {
      Object element = parts.get("element");
      Object labels = parts.get("labels");
      return new ColumnType(
          constant(ColumnType.Kind.class, parts.get("kind"), where),
          String.valueOf(parts.get("type")),
          element == null ? null : type(map(element, where), where),
          labels == null ? List.of() : strings(labels, where));
    }

    private List<Integer> indexes(List<String> names, List<String> chosen) {
      return chosen.stream()
          .map(
              name -> {
                if (!names.contains(name)) {
                  throw damaged("there is no column '" + name + "'");
                }
                return names.indexOf(name);
              })
          .toList();
    }

    private <E extends Enum<E>> E constant(Class<E> type, @Nullable Object word, String where) {
      for (E constant : type.getEnumConstants()) {
        if (word(constant).equals(word)) {
          return constant;
        }
      }
      throw damaged("'" + word + "' of " + where + " is not known");
    }

    private List<String> strings(@Nullable Object value, String where) {
      if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
        return list.stream().map(String.class::cast).toList();
      }
      throw damaged(where + " is no list of names");
    }

    @SuppressWarnings("unchecked") // the members of an object have names
    private Map<String, Object> map(@Nullable Object value, String where) {
      if (value instanceof Map<?, ?> map) {
        return (Map<String, Object>) map;
      }
      throw damaged(where + " is no object");
    }

    private EngineException damaged(String why) {
      return new EngineException(
          ExitCode.CONFIGURATION,
          "the tables in " + file + " cannot be used: " + why + ". Run 'rowbell schema pull' anew",
          null);
    }
  }
}
