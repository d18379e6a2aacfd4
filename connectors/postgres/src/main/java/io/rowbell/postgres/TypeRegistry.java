package io.rowbell.postgres;

import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.model.Json;
import io.rowbell.spi.SourceException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The types of the live database, by the numbers that its catalog and pgoutput name them with.
 *
 * <p>What is asked for is read once and kept; a type made later is read when it is first asked for.
 * When a value of an enum is none of the labels that were read, everything is forgotten and read
 * anew the next time it is asked for. A number can come to mean another type only after its type
 * was dropped and four billion others were made. Safe for any thread.
 */
final class TypeRegistry {
  /** What follows one of the wanted types: the base of a domain, the element of an array. */
  private static final String QUERY =
      """
      WITH RECURSIVE needed(oid) AS (
        SELECT unnest(?::oid[])
        UNION
        SELECT CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE e.oid END
        FROM needed n
        JOIN pg_catalog.pg_type t ON t.oid = n.oid
        LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
        WHERE t.typtype = 'd' OR e.oid IS NOT NULL)
      SELECT t.oid, t.typname, s.nspname = 'pg_catalog' AS built_in, t.typtype = 'd' AS is_domain,
             t.typbasetype, pg_catalog.format_type(t.typbasetype, t.typtypmod) AS base_name,
             e.oid AS element, e.typdelim,
             CASE WHEN t.typtype = 'e' THEN ARRAY(
               SELECT l.enumlabel::text FROM pg_catalog.pg_enum l
               WHERE l.enumtypid = t.oid ORDER BY l.enumsortorder) END AS labels
      FROM needed n
      JOIN pg_catalog.pg_type t ON t.oid = n.oid
      JOIN pg_catalog.pg_namespace s ON s.oid = t.typnamespace
      LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
      """;

  private static final String NAMES =
      """
      SELECT pg_catalog.format_type(n.oid, n.typmod)
      FROM unnest(?::oid[], ?::int4[]) WITH ORDINALITY AS n(oid, typmod, place) ORDER BY n.place
      """;

  private final SqlConnections connections;
  private final Map<TypeRef, SqlType> known = new ConcurrentHashMap<>();

  TypeRegistry(SqlConnections connections) {
    this.connections = connections;
  }

  /**
   * A type as a column has it.
   *
   * @param oid {@code pg_type.oid}
   * @param typmod {@code pg_attribute.atttypmod}; -1 for none
   */
  record TypeRef(long oid, int typmod) {}

  /**
   * The type of a column. Asks the database only for a type that was not asked for before.
   *
   * @return for a type that exists no longer, an OPAQUE one: its values are their text
   * @throws SourceException if the database has to be asked and cannot be
   */
  SqlType type(long oid, int typmod) throws SourceException {
    TypeRef wanted = new TypeRef(oid, typmod);
    SqlType type = known.get(wanted);
    if (type != null) {
      return type;
    }
    try (Connection connection = connections.open()) {
      return Objects.requireNonNull(types(connection, Set.of(wanted)).get(wanted));
    } catch (SQLException e) {
      throw SqlErrors.whileAsking("reading the type " + oid, e);
    }
  }

  /** The types of columns, all of them read anew in two round trips, and kept. */
  Map<TypeRef, SqlType> types(Connection connection, Collection<TypeRef> wanted)
      throws SQLException {
    List<TypeRef> refs = List.copyOf(wanted);
    List<String> names = names(connection, refs);
    Map<Long, PgType> rows = rows(connection, refs);
    Map<TypeRef, SqlType> types = new HashMap<>();
    for (int i = 0; i < refs.size(); i++) {
      types.put(refs.get(i), build(refs.get(i).oid(), names.get(i), rows));
    }
    known.putAll(types);
    return types;
  }

  private SqlType build(long oid, String name, Map<Long, PgType> rows) {
    PgType row = rows.get(oid);
    if (row == null) {
      return opaque("type " + oid + ", which was dropped");
    }
    if (row.base() != null) {
      SqlType base = build(row.base(), row.baseName(), rows);
      ColumnType type = base.columnType();
      return new SqlType(
          new ColumnType(type.kind(), name, type.element(), type.labels()), base.decoder());
    }
    if (row.element() != null) {
      String elementName = name.endsWith("[]") ? name.substring(0, name.length() - 2) : name;
      SqlType element = build(row.element(), elementName, rows);
      return new SqlType(
          new ColumnType(Kind.ARRAY, name, element.columnType(), List.of()),
          ArrayText.of(element.decoder(), row.delimiter()));
    }
    List<String> labels = row.labels();
    if (labels != null) {
      return enumeration(name, labels);
    }
    return row.builtIn() ? builtIn(row.name(), name) : extension(row.name(), name);
  }

  private static SqlType builtIn(String type, String name) {
    return switch (type) {
      case "bool" -> scalar(Kind.BOOLEAN, name, ScalarText::bool);
      case "int2", "int4", "int8", "oid" -> scalar(Kind.INTEGER, name, ScalarText::integer);
      case "float4", "float8" -> scalar(Kind.FLOAT, name, ScalarText::floating);
      case "numeric" -> scalar(Kind.NUMERIC, name, ScalarText::numeric);
      case "text", "varchar", "bpchar", "char", "name", "xml" ->
          scalar(Kind.TEXT, name, text -> text);
      case "uuid" -> scalar(Kind.UUID, name, text -> text);
      case "timestamptz" -> scalar(Kind.TIMESTAMP_TZ, name, DateTimeText::timestampTz);
      case "timestamp" -> scalar(Kind.TIMESTAMP, name, DateTimeText::timestamp);
      case "date" -> scalar(Kind.DATE, name, DateTimeText::date);
      case "time" -> scalar(Kind.TIME, name, ScalarText::time);
      case "interval" -> scalar(Kind.INTERVAL, name, IntervalText::parse);
      case "bytea" -> scalar(Kind.BYTES, name, ScalarText::bytea);
      case "json", "jsonb" -> scalar(Kind.JSON, name, Json::new);
      default -> opaque(name);
    };
  }

  /** An extension's type, in whatever schema the extension was put. */
  private static SqlType extension(String type, String name) {
    return type.equals("citext") ? scalar(Kind.TEXT, name, text -> text) : opaque(name);
  }

  private SqlType enumeration(String name, List<String> labels) {
    Set<String> all = new HashSet<>(labels);
    return new SqlType(
        ColumnType.enumOf(name, labels),
        label -> {
          if (!all.contains(label)) {
            known.clear();
          }
          return label;
        });
  }

  private static SqlType opaque(String name) {
    return scalar(Kind.OPAQUE, name, text -> text);
  }

  private static SqlType scalar(Kind kind, String name, TextDecoder decoder) {
    return new SqlType(ColumnType.of(kind, name), decoder);
  }

  private static List<String> names(Connection connection, List<TypeRef> refs) throws SQLException {
    List<String> names = new ArrayList<>(refs.size());
    try (PreparedStatement statement = connection.prepareStatement(NAMES)) {
      statement.setArray(1, oids(connection, refs));
      statement.setArray(
          2, connection.createArrayOf("int4", refs.stream().map(TypeRef::typmod).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          names.add(row.getString(1));
        }
      }
    }
    return names;
  }

  private static Map<Long, PgType> rows(Connection connection, List<TypeRef> refs)
      throws SQLException {
    Map<Long, PgType> rows = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setArray(1, oids(connection, refs));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          rows.put(row.getLong("oid"), PgType.read(row));
        }
      }
    }
    return rows;
  }

  private static Array oids(Connection connection, List<TypeRef> refs) throws SQLException {
    return connection.createArrayOf("oid", refs.stream().map(TypeRef::oid).toArray());
  }

  /** A row of {@link #QUERY}. */
  private record PgType(
      String name,
      boolean builtIn,
      @Nullable Long base,
      String baseName,
      @Nullable Long element,
      char delimiter,
      @Nullable List<String> labels) {
    static PgType read(ResultSet row) throws SQLException {
      long element = row.getLong("element");
      boolean array = !row.wasNull();
      Array labels = row.getArray("labels");
      return new PgType(
          row.getString("typname"),
          row.getBoolean("built_in"),
          row.getBoolean("is_domain") ? row.getLong("typbasetype") : null,
          String.valueOf(row.getString("base_name")),
          array ? element : null,
          array ? row.getString("typdelim").charAt(0) : ',',
          labels == null ? null : List.of((String[]) labels.getArray()));
    }
  }
}
