package io.rowbell.postgres;

import io.rowbell.postgres.Relations.ColumnFacts;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the live catalog has on one table.
 *
 * @param partitioned whether it is a partitioned table
 * @param columns in order, none if there is no such table any more
 */
record RelationFacts(boolean partitioned, List<ColumnFacts> columns) {
  /** Since PostgreSQL 18 a NOT NULL that was never validated is among {@code attnotnull} too. */
  private static final String QUERY =
      """
      SELECT c.relkind = 'p' AS partitioned, a.attname, a.atttypid, a.atttypmod,
             NOT a.attnotnull OR EXISTS (
               SELECT FROM pg_catalog.pg_constraint o
               WHERE o.conrelid = a.attrelid AND o.contype = 'n' AND NOT o.convalidated
                     AND o.conkey = ARRAY[a.attnum]) AS nullable,
             -- counted from 0; behind the key's own columns stand those of INCLUDE
             CASE WHEN array_position(p.indkey::int2[], a.attnum) < p.indnkeyatts
                  THEN array_position(p.indkey::int2[], a.attnum) + 1 ELSE 0 END AS key_place
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_catalog.pg_index p ON p.indrelid = c.oid AND p.indisprimary
      WHERE c.oid = ?::int8::oid
      ORDER BY a.attnum
      """;

  RelationFacts {
    columns = List.copyOf(columns);
  }

  static RelationFacts read(Connection connection, long oid) throws SQLException {
    List<ColumnFacts> columns = new ArrayList<>();
    boolean partitioned = false;
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setLong(1, oid);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          partitioned = row.getBoolean("partitioned");
          columns.add(
              new ColumnFacts(
                  row.getString("attname"),
                  row.getLong("atttypid"),
                  row.getInt("atttypmod"),
                  row.getBoolean("nullable"),
                  row.getInt("key_place")));
        }
      }
    }
    return new RelationFacts(partitioned, columns);
  }
}
