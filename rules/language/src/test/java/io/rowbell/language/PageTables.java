package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The tables that a page of the documentation creates. */
public final class PageTables {
  private static final Pattern TABLE =
      Pattern.compile("CREATE TABLE (?:(\\w+)\\.)?(\\w+|\"[^\"]+\") \\((.*)\\);");
  private static final Pattern KEY_OF_SEVERAL = Pattern.compile(", PRIMARY KEY \\((.*?)\\)");
  private static final Pattern COLUMN =
      Pattern.compile(
          "(\\w+|\"[^\"]+\") (\\w+(?: precision)?(?:\\([0-9,]+\\))?(?:\\[])?)( NOT NULL)?( PRIMARY KEY)?(?:, |$)");

  private PageTables() {}

  /** Reads the {@code CREATE TABLE} statements of a page. */
  public static Catalog of(String page) {
    Map<TableId, TableSchema> tables = new HashMap<>();
    Matcher statement = TABLE.matcher(page);
    while (statement.find()) {
      String schema = Objects.requireNonNullElse(statement.group(1), "public");
      TableId id = new TableId(schema, unquoted(statement.group(2)));
      boolean full = page.contains("ALTER TABLE " + id.name() + " REPLICA IDENTITY FULL");
      tables.put(id, table(id, statement.group(3), full));
    }
    assertThat(tables).isNotEmpty();
    return new Catalog(List.of("public"), tables);
  }

  private static TableSchema table(TableId id, String body, boolean full) {
    List<Column> columns = new ArrayList<>();
    List<String> key = new ArrayList<>();
    Matcher several = KEY_OF_SEVERAL.matcher(body);
    if (several.find()) {
      key.addAll(Arrays.asList(several.group(1).split(", ")));
    }
    Matcher column = COLUMN.matcher(several.replaceAll(""));
    while (column.find()) {
      String name = unquoted(column.group(1));
      boolean nullable = column.group(3) == null && column.group(4) == null;
      columns.add(new Column(name, type(column.group(2)), nullable));
      if (column.group(4) != null) {
        key.add(name);
      }
    }
    List<String> names = columns.stream().map(Column::name).toList();
    List<Integer> primaryKey = key.stream().map(names::indexOf).toList();
    return new TableSchema(
        id,
        columns,
        primaryKey,
        full ? ReplicaIdentity.FULL : ReplicaIdentity.DEFAULT,
        full ? IntStream.range(0, columns.size()).boxed().toList() : primaryKey);
  }

  private static ColumnType type(String name) {
    return name.endsWith("[]")
        ? ColumnType.arrayOf(type(name.substring(0, name.length() - 2)))
        : ColumnType.of(kind(name), name);
  }

  private static Kind kind(String type) {
    return switch (type.replaceAll("\\(.*", "")) {
      case "bigint", "int" -> Kind.INTEGER;
      case "boolean" -> Kind.BOOLEAN;
      case "numeric" -> Kind.NUMERIC;
      case "double precision" -> Kind.FLOAT;
      case "text" -> Kind.TEXT;
      case "timestamptz" -> Kind.TIMESTAMP_TZ;
      case "uuid" -> Kind.UUID;
      case "jsonb" -> Kind.JSON;
      default -> throw new IllegalArgumentException(type);
    };
  }

  private static String unquoted(String name) {
    return name.replace("\"", "");
  }
}
