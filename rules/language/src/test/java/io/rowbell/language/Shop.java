package io.rowbell.language;

import io.rowbell.model.Catalog;
import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.Row;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A small shop's tables, and changes of their rows. */
final class Shop {
  static final DatabaseId DATABASE = new DatabaseId("7300000000000000001", "shop");
  static final Instant TIME = Instant.parse("2026-11-20T10:15:30.123456Z");

  static final TableSchema USERS =
      table("public.users", "DEFAULT", "id! int8", "email text", "plan text", "deleted_at ts");
  static final TableSchema STOCKS =
      table("public.stocks", "DEFAULT", "id! int8", "symbol text", "price numeric", "note text");
  static final TableSchema PAYMENTS =
      table(
          "public.payments",
          "FULL",
          "id! int8",
          "order_id int8",
          "status text",
          "method text",
          "amount numeric");
  static final TableSchema LINES =
      table("public.order_lines", "FULL", "order_id! int8", "sku! text", "qty int8");
  static final TableSchema OUTBOX =
      table(
          "public.outbox",
          "DEFAULT",
          "id! uuid",
          "type text",
          "aggregatetype text",
          "aggregateid text",
          "payload json");
  static final TableSchema LOG = table("public.log", "FULL", "at ts", "line text");
  static final TableSchema ODD =
      table("Sales.Order Book", "FULL", "Order Id! int8", "größe int8", "total numeric");
  static final TableSchema CODES = table("public.codes", "INDEX", "id! int8", "code text");

  static final Catalog CATALOG = catalog(USERS, STOCKS, PAYMENTS, LINES, OUTBOX, LOG, ODD, CODES);

  private Shop() {}

  static Catalog catalog(TableSchema... tables) {
    return new Catalog(
        List.of("public"),
        Stream.of(tables).collect(Collectors.toMap(TableSchema::id, table -> table)));
  }

  /**
   * @param columns {@code name type}; a {@code !} after the name puts it into the primary key
   */
  static TableSchema table(String name, String identity, String... columns) {
    List<Column> described = new ArrayList<>();
    List<Integer> key = new ArrayList<>();
    for (String column : columns) {
      int space = column.lastIndexOf(' ');
      String columnName = column.substring(0, space);
      if (columnName.endsWith("!")) {
        columnName = columnName.substring(0, columnName.length() - 1);
        key.add(described.size());
      }
      described.add(new Column(columnName, type(column.substring(space + 1)), true));
    }
    ReplicaIdentity replica = ReplicaIdentity.valueOf(identity);
    List<Integer> logged =
        switch (replica) {
          case FULL -> IntStream.range(0, columns.length).boxed().toList();
          case DEFAULT -> key;
          // The tests' index is on the second column.
          case INDEX -> List.of(1);
          case NOTHING -> List.of();
        };
    String[] parts = name.split("\\.", 2);
    return new TableSchema(new TableId(parts[0], parts[1]), described, key, replica, logged);
  }

  private static ColumnType type(String word) {
    return switch (word) {
      case "int8" -> ColumnType.of(Kind.INTEGER, "bigint");
      case "float8" -> ColumnType.of(Kind.FLOAT, "double precision");
      case "numeric" -> ColumnType.of(Kind.NUMERIC, "numeric(10,2)");
      case "ts" -> ColumnType.of(Kind.TIMESTAMP_TZ, "timestamp with time zone");
      case "uuid" -> ColumnType.of(Kind.UUID, "uuid");
      case "json" -> ColumnType.of(Kind.JSON, "jsonb");
      default -> ColumnType.of(Kind.TEXT, word);
    };
  }

  static Origin origin() {
    return new Origin(771, TIME, Position.parse("0/16B3748"), 0, null);
  }

  static Row row(TableSchema table, @Nullable Object... values) {
    return new ArrayRow(table, values);
  }

  static Change inserted(TableSchema table, @Nullable Object... values) {
    return new Change.Inserted(origin(), row(table, values));
  }

  static Change read(String backfill, TableSchema table, @Nullable Object... values) {
    Origin origin = new Origin(0, TIME, Position.parse("0/16B3748"), 0, backfill);
    return new Change.Inserted(origin, row(table, values));
  }

  static Change updated(Row before, Row after) {
    return new Change.Updated(origin(), before, after);
  }

  static Change deleted(TableSchema table, @Nullable Object... values) {
    return new Change.Deleted(origin(), row(table, values));
  }

  static Change message(String prefix, String content) {
    return new Change.Message(origin(), prefix, content, /* transactional= */ true);
  }

  static Compilation compile(String... files) {
    List<RuleFile> named =
        IntStream.range(0, files.length)
            .mapToObj(i -> new RuleFile(files.length == 1 ? "rules.yaml" : i + ".yaml", files[i]))
            .toList();
    return new RuleCompiler(named, DATABASE, null).compile(CATALOG);
  }

  /** A file of one rule. */
  static String rule(String body) {
    return "rules: v1\ntriggers:\n  - " + body.strip().replace("\n", "\n    ") + "\n";
  }

  static RuleSet rules(String... files) {
    return compile(files).orThrow();
  }

  /** A row of decoded values. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record ArrayRow(TableSchema schema, @Nullable Object[] values) implements Row {
    @Override
    public @Nullable Object get(int column) {
      Object value = values[column];
      if (value instanceof RuntimeException failure) {
        throw failure;
      }
      return value;
    }
  }
}
