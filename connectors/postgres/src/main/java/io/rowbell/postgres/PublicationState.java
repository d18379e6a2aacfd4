package io.rowbell.postgres;

import io.rowbell.model.Operation;
import io.rowbell.model.TableId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A publication: what PostgreSQL sends.
 *
 * @param operations what it publishes, of every table
 * @param viaRoot whether changes of partitions are sent under the name of the published ancestor
 * @param listed whether it names its tables one by one, not all of them or all of a schema
 * @param tables what is sent, by the name under which it is sent
 */
record PublicationState(
    Set<Operation> operations, boolean viaRoot, boolean listed, Map<TableId, Sent> tables) {
  PublicationState {
    operations = Set.copyOf(operations);
    tables = Map.copyOf(tables);
  }

  /**
   * What is sent of one table.
   *
   * @param columns the columns, or null for all but generated ones (before PostgreSQL 15)
   * @param rowFilter SQL, or null if every row is sent
   */
  record Sent(@Nullable Set<String> columns, @Nullable String rowFilter) {}

  private static final String FLAGS =
      """
      SELECT oid, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot, puballtables
      FROM pg_catalog.pg_publication WHERE pubname = ?
      """;

  /** Schemas can be published since PostgreSQL 15. */
  private static final String SCHEMAS =
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_publication_namespace WHERE pnpubid = ?)";

  /** Column lists and row filters are there since PostgreSQL 15. */
  private static final String TABLES =
      """
      SELECT t.schemaname, t.tablename, to_jsonb(t) ->> 'rowfilter' AS row_filter,
        CASE jsonb_typeof(to_jsonb(t) -> 'attnames') WHEN 'array' THEN
          ARRAY(SELECT jsonb_array_elements_text(to_jsonb(t) -> 'attnames')) END AS columns
      FROM pg_catalog.pg_publication_tables t WHERE t.pubname = ?
      """;

  static Optional<PublicationState> read(Connection connection, String name) throws SQLException {
    Set<Operation> operations = EnumSet.noneOf(Operation.class);
    boolean viaRoot;
    boolean listed;
    try (PreparedStatement statement = connection.prepareStatement(FLAGS)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        note(operations, row.getBoolean("pubinsert"), Operation.INSERT);
        note(operations, row.getBoolean("pubupdate"), Operation.UPDATE);
        note(operations, row.getBoolean("pubdelete"), Operation.DELETE);
        note(operations, row.getBoolean("pubtruncate"), Operation.TRUNCATE);
        viaRoot = row.getBoolean("pubviaroot");
        listed = !row.getBoolean("puballtables") && !hasSchemas(connection, row.getLong("oid"));
      }
    }
    Map<TableId, Sent> tables = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(TABLES)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Array columns = row.getArray("columns");
          tables.put(
              new TableId(row.getString("schemaname"), row.getString("tablename")),
              new Sent(
                  columns == null ? null : Set.of((String[]) columns.getArray()),
                  row.getString("row_filter")));
        }
      }
    }
    return Optional.of(new PublicationState(operations, viaRoot, listed, tables));
  }

  private static boolean hasSchemas(Connection connection, long publication) throws SQLException {
    if (connection.getMetaData().getDatabaseMajorVersion() < 15) {
      return false;
    }
    try (PreparedStatement statement = connection.prepareStatement(SCHEMAS)) {
      statement.setLong(1, publication);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  private static void note(Set<Operation> operations, boolean published, Operation operation) {
    if (published) {
      operations.add(operation);
    }
  }
}
