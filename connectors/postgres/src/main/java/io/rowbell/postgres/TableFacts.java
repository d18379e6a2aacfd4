package io.rowbell.postgres;

import io.rowbell.model.TableId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the checks need to know of a table besides its schema.
 *
 * @param sql its name as SQL needs it, keywords quoted
 * @param partitioned whether it is only the sum of its partitions
 * @param ancestors the partitioned tables it is a part of, the nearest first; empty for most
 * @param unlogged whether its changes are never in the log
 * @param inherited whether other tables inherit from it, which are no partitions
 * @param schemaUsable whether our role has USAGE on its schema
 * @param readable whether our role has SELECT on it
 * @param storedColumns generated columns that are stored
 * @param virtualColumns generated columns that are not
 */
record TableFacts(
    TableId id,
    String sql,
    boolean partitioned,
    List<TableId> ancestors,
    boolean unlogged,
    boolean inherited,
    boolean schemaUsable,
    boolean readable,
    Set<String> storedColumns,
    Set<String> virtualColumns) {

  private static final String QUERY =
      """
      SELECT n.nspname, c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sql,
        c.relkind = 'p' AS partitioned, c.relpersistence = 'u' AS unlogged,
        EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class k ON k.oid = i.inhrelid
                WHERE i.inhparent = c.oid AND NOT k.relispartition) AS inherited,
        has_schema_privilege(n.oid, 'USAGE') AS usable,
        has_table_privilege(c.oid, 'SELECT') AS readable,
        ARRAY(SELECT attname::text FROM pg_catalog.pg_attribute
              WHERE attrelid = c.oid AND attgenerated = 's' AND NOT attisdropped) AS stored,
        ARRAY(SELECT attname::text FROM pg_catalog.pg_attribute
              WHERE attrelid = c.oid AND attgenerated = 'v' AND NOT attisdropped) AS virtual,
        CASE WHEN c.relispartition THEN
          ARRAY(SELECT ARRAY[an.nspname::text, a.relname::text]
                FROM pg_partition_ancestors(c.oid) WITH ORDINALITY AS p(oid, place)
                JOIN pg_catalog.pg_class a ON a.oid = p.oid
                JOIN pg_catalog.pg_namespace an ON an.oid = a.relnamespace
                WHERE p.oid <> c.oid ORDER BY p.place)
          ELSE '{}' END AS ancestors
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      """;

  /** Of every table outside the system's schemas. */
  static Map<TableId, TableFacts> read(Connection connection) throws SQLException {
    Map<TableId, TableFacts> facts = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(QUERY)) {
      while (row.next()) {
        TableId id = new TableId(row.getString("nspname"), row.getString("relname"));
        facts.put(
            id,
            new TableFacts(
                id,
                row.getString("sql"),
                row.getBoolean("partitioned"),
                ancestors(row),
                row.getBoolean("unlogged"),
                row.getBoolean("inherited"),
                row.getBoolean("usable"),
                row.getBoolean("readable"),
                Set.of((String[]) row.getArray("stored").getArray()),
                Set.of((String[]) row.getArray("virtual").getArray())));
      }
    }
    return facts;
  }

  private static List<TableId> ancestors(ResultSet row) throws SQLException {
    Object names = row.getArray("ancestors").getArray();
    return names instanceof String[][] pairs
        ? java.util.Arrays.stream(pairs).map(pair -> new TableId(pair[0], pair[1])).toList()
        : List.of();
  }

  /** Whether it has columns that are computed, not written. */
  boolean hasGenerated() {
    return !storedColumns.isEmpty() || !virtualColumns.isEmpty();
  }
}
