package io.rowbell.postgres;

import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import io.rowbell.postgres.TypeRegistry.TypeRef;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads every ordinary and partitioned table outside the system's schemas, as one snapshot and in
 * six round trips however many tables there are. Needs no privilege on the tables.
 *
 * <p>Columns stand in {@code attnum} order without dropped ones. Generated columns are among them
 * although pgoutput leaves them out (PostgreSQL 18 sends stored ones if the publication says so,
 * virtual ones never): a rule that names one is told so by the checks before a start.
 *
 * <p>What is logged of an old row of a partitioned table is decided by each partition, not by the
 * table: its schema has what every partition logs, and the weakest of their identities.
 */
final class CatalogReader {
  private static final String TABLES =
      """
      SELECT c.oid, n.nspname, c.relname, c.relkind = 'p' AS partitioned, c.relreplident,
             p.indkey::int2[] AS key, i.indkey::int2[] AS identity
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_index p ON p.indrelid = c.oid AND p.indisprimary
      LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
            AND CASE c.relreplident WHEN 'd' THEN i.indisprimary
                                    WHEN 'i' THEN i.indisreplident ELSE false END
      WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      """;

  /** Since PostgreSQL 18 a NOT NULL that was never validated is among {@code attnotnull} too. */
  private static final String COLUMNS =
      """
      SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod,
             NOT a.attnotnull OR EXISTS (
               SELECT FROM pg_catalog.pg_constraint o
               WHERE o.conrelid = a.attrelid AND o.contype = 'n' AND NOT o.convalidated
                     AND o.conkey = ARRAY[a.attnum]) AS nullable
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attrelid, a.attnum
      """;

  private static final String PARTITIONS =
      """
      SELECT i.inhparent, i.inhrelid FROM pg_catalog.pg_inherits i
      JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid WHERE c.relispartition
      """;

  /** One name of a search path: quoted, or plain. */
  private static final Pattern IDENTIFIER = Pattern.compile("\"((?:[^\"]|\"\")*+)\"|([^\\s,\"]+)");

  private final TypeRegistry types;

  CatalogReader(TypeRegistry types) {
    this.types = types;
  }

  /**
   * Reads the catalog, and the types of all columns into the registry.
   *
   * @param connection in auto-commit mode, which it is again afterwards
   */
  Catalog read(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
      return read(connection, statement);
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private Catalog read(Connection connection, Statement statement) throws SQLException {
    Map<Long, Found> tables = tables(statement);
    columns(statement, tables);
    partitions(statement, tables);
    Set<TypeRef> wanted = new LinkedHashSet<>();
    tables.values().forEach(table -> table.columns.forEach(column -> wanted.add(column.type())));
    Map<TypeRef, SqlType> read = types.types(connection, wanted);
    Map<TableId, TableSchema> schemas = new HashMap<>();
    for (Found table : tables.values()) {
      schemas.put(table.id, table.schema(read));
    }
    return new Catalog(searchPath(statement), schemas);
  }

  private static Map<Long, Found> tables(Statement statement) throws SQLException {
    Map<Long, Found> tables = new LinkedHashMap<>();
    try (ResultSet row = statement.executeQuery(TABLES)) {
      while (row.next()) {
        ReplicaIdentity identity =
            switch (row.getString("relreplident")) {
              case "f" -> ReplicaIdentity.FULL;
              case "i" -> ReplicaIdentity.INDEX;
              case "n" -> ReplicaIdentity.NOTHING;
              default -> ReplicaIdentity.DEFAULT;
            };
        tables.put(
            row.getLong("oid"),
            new Found(
                new TableId(row.getString("nspname"), row.getString("relname")),
                row.getBoolean("partitioned"),
                identity,
                numbers(row.getArray("key")),
                numbers(row.getArray("identity"))));
      }
    }
    return tables;
  }

  private static void columns(Statement statement, Map<Long, Found> tables) throws SQLException {
    try (ResultSet row = statement.executeQuery(COLUMNS)) {
      while (row.next()) {
        Found table = tables.get(row.getLong("attrelid"));
        if (table != null) {
          table.columns.add(
              new FoundColumn(
                  row.getShort("attnum"),
                  row.getString("attname"),
                  new TypeRef(row.getLong("atttypid"), row.getInt("atttypmod")),
                  row.getBoolean("nullable")));
        }
      }
    }
  }

  private static void partitions(Statement statement, Map<Long, Found> tables) throws SQLException {
    try (ResultSet row = statement.executeQuery(PARTITIONS)) {
      while (row.next()) {
        Found parent = tables.get(row.getLong("inhparent"));
        Found partition = tables.get(row.getLong("inhrelid"));
        if (parent != null && partition != null) {
          parent.partitions.add(partition);
        }
      }
    }
  }

  /**
   * The role's search path, of which only schemas that exist are kept. Not {@code
   * current_schemas()}: it leaves out schemas on which the role lacks USAGE, which following them
   * does not need.
   */
  private static List<String> searchPath(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT pg_catalog.current_setting('search_path'), current_user,
                   ARRAY(SELECT nspname::text FROM pg_catalog.pg_namespace)
            """)) {
      row.next();
      String user = row.getString(2);
      Set<String> existing = Set.of((String[]) row.getArray(3).getArray());
      return IDENTIFIER
          .matcher(row.getString(1))
          .results()
          .map(
              name ->
                  name.group(1) == null
                      ? name.group(2).toLowerCase(Locale.ROOT)
                      : name.group(1).replace("\"\"", "\""))
          .map(name -> name.equals("$user") ? user : name)
          .filter(existing::contains)
          .distinct()
          .toList();
    }
  }

  private static List<Short> numbers(@Nullable Array array) throws SQLException {
    return array == null ? List.of() : List.of((Short[]) array.getArray());
  }

  private record FoundColumn(short number, String name, TypeRef type, boolean nullable) {}

  /** A table while it is being read. */
  private static final class Found {
    final TableId id;
    final boolean partitioned;
    final ReplicaIdentity ownIdentity;
    final List<Short> key;
    final List<Short> identityIndex;
    final List<FoundColumn> columns = new ArrayList<>();
    final List<Found> partitions = new ArrayList<>();

    Found(
        TableId id,
        boolean partitioned,
        ReplicaIdentity ownIdentity,
        List<Short> key,
        List<Short> identityIndex) {
      this.id = id;
      this.partitioned = partitioned;
      this.ownIdentity = ownIdentity;
      this.key = key;
      this.identityIndex = identityIndex;
    }

    TableSchema schema(Map<TypeRef, SqlType> types) {
      List<Column> all = new ArrayList<>();
      for (FoundColumn column : columns) {
        SqlType type = types.get(column.type());
        if (type == null) {
          throw new IllegalStateException("no type was read for " + id + "." + column.name());
        }
        ColumnType columnType = type.columnType();
        all.add(new Column(column.name(), columnType, column.nullable()));
      }
      Set<String> logged = logged();
      return new TableSchema(
          id,
          all,
          key.stream().map(this::indexOf).toList(),
          identity(),
          IntStream.range(0, columns.size())
              .filter(i -> logged.contains(columns.get(i).name()))
              .boxed()
              .toList());
    }

    private int indexOf(short number) {
      return IntStream.range(0, columns.size())
          .filter(i -> columns.get(i).number() == number)
          .findFirst()
          .orElseThrow();
    }

    /** The columns logged of an old row, in this table or in every partition of it. */
    private Set<String> logged() {
      Set<String> names = new LinkedHashSet<>();
      columns.forEach(column -> names.add(column.name()));
      if (partitioned && !partitions.isEmpty()) {
        partitions.forEach(partition -> names.retainAll(partition.logged()));
      } else if (ownIdentity != ReplicaIdentity.FULL) {
        names.retainAll(
            identityIndex.stream().map(number -> columns.get(indexOf(number)).name()).toList());
      }
      return names;
    }

    private ReplicaIdentity identity() {
      if (!partitioned || partitions.isEmpty()) {
        return ownIdentity;
      }
      Set<ReplicaIdentity> found = EnumSet.noneOf(ReplicaIdentity.class);
      partitions.forEach(partition -> found.add(partition.identity()));
      return List.of(
              ReplicaIdentity.NOTHING,
              ReplicaIdentity.DEFAULT,
              ReplicaIdentity.INDEX,
              ReplicaIdentity.FULL)
          .stream()
          .filter(found::contains)
          .findFirst()
          .orElseThrow();
    }
  }
}
