package io.rowbell.postgres;

import io.rowbell.model.TableId;
import java.sql.Array;
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
 * @param unreadableColumns those that our role may not SELECT
 * @param rowsHidden whether row-level security applies to our role
 * @param uniqueColumns columns that are unique and NOT NULL, by an index that is no primary key;
 *     empty if there is none
 * @param storedColumns generated columns that are stored
 * @param virtualColumns generated columns that are not
 * @param filterColumns the columns that a row filter may read and compares as rules do: of built-in
 *     types, their text equal only if its characters are
 */
record TableFacts(
    TableId id,
    String sql,
    boolean partitioned,
    List<TableId> ancestors,
    boolean unlogged,
    boolean inherited,
    boolean schemaUsable,
    Set<String> unreadableColumns,
    boolean rowsHidden,
    List<String> uniqueColumns,
    Set<String> storedColumns,
    Set<String> virtualColumns,
    Set<String> filterColumns) {

  private static final String QUERY =
      """
      SELECT n.nspname, c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sql,
        c.relkind = 'p' AS partitioned, c.relpersistence = 'u' AS unlogged,
        EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class k ON k.oid = i.inhrelid
                WHERE i.inhparent = c.oid AND NOT k.relispartition) AS inherited,
        has_schema_privilege(n.oid, 'USAGE') AS usable,
        CASE WHEN has_table_privilege(c.oid, 'SELECT') THEN '{}'
          ELSE ARRAY(SELECT attname::text FROM pg_catalog.pg_attribute
                     WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                           AND NOT has_column_privilege(c.oid, attnum, 'SELECT')) END AS unreadable,
        row_security_active(c.oid) AS rows_hidden,
        (SELECT ARRAY(SELECT a.attname::text
                      FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
                      JOIN pg_catalog.pg_attribute a
                        ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                      WHERE k.place <= i.indnkeyatts ORDER BY k.place)
         FROM pg_catalog.pg_index i
         WHERE i.indrelid = c.oid AND i.indisunique AND NOT i.indisprimary AND i.indisvalid
           AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                           WHERE a.attrelid = c.oid AND NOT a.attnotnull
                             AND array_position(i.indkey::int2[], a.attnum) < i.indnkeyatts)
         ORDER BY i.indnkeyatts, i.indexrelid LIMIT 1) AS unique_columns,
        ARRAY(SELECT attname::text FROM pg_catalog.pg_attribute
              WHERE attrelid = c.oid AND attgenerated = 's' AND NOT attisdropped) AS stored,
        ARRAY(SELECT attname::text FROM pg_catalog.pg_attribute
              WHERE attrelid = c.oid AND attgenerated = 'v' AND NOT attisdropped) AS virtual,
        -- bool, int2, int4, int8, numeric; text and varchar of a built-in collation
        ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
              LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND a.attgenerated = ''
                AND (a.atttypid IN (16, 21, 23, 20, 1700)
                     OR a.atttypid IN (25, 1043) AND a.attcollation < 16384
                        AND l.collisdeterministic)) AS filterable,
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
                Set.of((String[]) row.getArray("unreadable").getArray()),
                row.getBoolean("rows_hidden"),
                uniqueColumns(row),
                Set.of((String[]) row.getArray("stored").getArray()),
                Set.of((String[]) row.getArray("virtual").getArray()),
                Set.of((String[]) row.getArray("filterable").getArray())));
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

  private static List<String> uniqueColumns(ResultSet row) throws SQLException {
    Array names = row.getArray("unique_columns");
    return names == null ? List.of() : List.of((String[]) names.getArray());
  }

  /** Whether it has columns that are computed, not written. */
  boolean hasGenerated() {
    return !storedColumns.isEmpty() || !virtualColumns.isEmpty();
  }
}
