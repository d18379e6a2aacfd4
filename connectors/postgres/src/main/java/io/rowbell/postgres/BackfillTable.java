package io.rowbell.postgres;

import io.rowbell.model.TableId;
import io.rowbell.postgres.WalMessages.ColumnMessage;
import io.rowbell.postgres.WalMessages.RelationMessage;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table as a backfill reads it: the columns that the publication sends, announced as the stream
 * would announce them, and how to ask for the rows behind a key.
 *
 * @param message the table, as a RELATION message would tell it
 * @param sqlTypes for each of its columns, the type as a cast needs it
 * @param readable for each of its columns, whether our role may read it
 * @param key the places of the primary key's columns, in the key's order
 * @param partitioned whether its rows are its partitions'
 */
record BackfillTable(
    TableId id,
    RelationMessage message,
    List<String> sqlTypes,
    List<Boolean> readable,
    List<Integer> key,
    boolean partitioned) {
  /**
   * Not {@code pg_publication_tables}: it opens every published table, and so waits for whoever has
   * locked any. That the table is published under its own name was checked before the start.
   */
  private static final String QUERY =
      """
      SELECT c.oid, c.relkind = 'p' AS partitioned, c.relreplident::text AS identity,
             a.attname, a.atttypid, a.atttypmod,
             pg_catalog.format_type(a.atttypid, a.atttypmod) AS sql_type,
             pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') AS readable,
             c.relreplident = 'f' OR EXISTS (
               SELECT FROM pg_catalog.pg_index i
               WHERE i.indrelid = c.oid AND i.indimmediate
                 AND CASE c.relreplident WHEN 'd' THEN i.indisprimary
                                         WHEN 'i' THEN i.indisreplident ELSE false END
                 AND array_position(i.indkey::int2[], a.attnum) < i.indnkeyatts) AS logged,
             CASE WHEN array_position(p.indkey::int2[], a.attnum) < p.indnkeyatts
                  THEN array_position(p.indkey::int2[], a.attnum) + 1 ELSE 0 END AS key_place,
             to_jsonb(named) ->> 'prqual' IS NOT NULL AS filtered
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_catalog.pg_publication pub ON pub.pubname = ?
      LEFT JOIN pg_catalog.pg_publication_rel named
        ON named.prpubid = pub.oid AND named.prrelid = c.oid
      LEFT JOIN pg_catalog.pg_index p ON p.indrelid = c.oid AND p.indisprimary
      WHERE n.nspname = ? AND c.relname = ?
        -- column lists and row filters are there since 15, pubgencols since 18
        AND CASE WHEN to_jsonb(named) ->> 'prattrs' IS NULL
              THEN a.attgenerated = ''
                   OR a.attgenerated = 's' AND to_jsonb(pub) ->> 'pubgencols' = 's'
              ELSE to_jsonb(named) -> 'prattrs' @> to_jsonb(a.attnum) END
      ORDER BY a.attnum
      """;

  BackfillTable {
    sqlTypes = List.copyOf(sqlTypes);
    readable = List.copyOf(readable);
    key = List.copyOf(key);
  }

  /**
   * Takes a lock that keeps the table as it is to the end of the transaction, and reads it.
   *
   * @param connection in a READ COMMITTED transaction
   * @throws SourceException if it cannot be backfilled: why, and what to do
   */
  static BackfillTable lockAndRead(Connection connection, TableId id, String publication)
      throws SQLException, SourceException {
    try (PreparedStatement lock =
        connection.prepareStatement("SELECT FROM " + quoted(id) + " LIMIT 0")) {
      lock.execute();
    }
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setString(1, publication);
      statement.setString(2, id.schema());
      statement.setString(3, id.name());
      try (ResultSet row = statement.executeQuery()) {
        return read(id, row);
      }
    }
  }

  /** The table as it would be announced now, without a lock; empty if it is not sent. */
  static Optional<RelationMessage> announcement(
      Connection connection, TableId id, String publication) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setString(1, publication);
      statement.setString(2, id.schema());
      statement.setString(3, id.name());
      try (ResultSet row = statement.executeQuery()) {
        List<ColumnMessage> columns = new ArrayList<>();
        long oid = 0;
        char identity = 'd';
        while (row.next()) {
          oid = row.getLong("oid");
          identity = row.getString("identity").charAt(0);
          columns.add(column(row));
        }
        return columns.isEmpty()
            ? Optional.empty()
            : Optional.of(new RelationMessage(oid, id.schema(), id.name(), identity, columns));
      }
    }
  }

  private static ColumnMessage column(ResultSet row) throws SQLException {
    return new ColumnMessage(
        row.getString("attname"),
        row.getLong("atttypid"),
        row.getInt("atttypmod"),
        row.getBoolean("logged"));
  }

  private static BackfillTable read(TableId id, ResultSet row)
      throws SQLException, SourceException {
    List<ColumnMessage> columns = new ArrayList<>();
    List<String> sqlTypes = new ArrayList<>();
    List<Boolean> readable = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    long oid = 0;
    char identity = 'd';
    boolean partitioned = false;
    boolean filtered = false;
    while (row.next()) {
      oid = row.getLong("oid");
      identity = row.getString("identity").charAt(0);
      partitioned = row.getBoolean("partitioned");
      filtered = row.getBoolean("filtered");
      columns.add(column(row));
      sqlTypes.add(row.getString("sql_type"));
      readable.add(row.getBoolean("readable"));
      places.add(row.getInt("key_place"));
    }
    List<Integer> key =
        IntStream.range(0, places.size())
            .filter(i -> places.get(i) > 0)
            .boxed()
            .sorted((a, b) -> Integer.compare(places.get(a), places.get(b)))
            .toList();
    if (columns.isEmpty()) {
      throw refused(id, "the table or its publication is gone", "check the database");
    }
    if (filtered) {
      throw refused(id, "the publication sends only some of its rows", "take its filter off");
    }
    if (key.isEmpty()) {
      throw refused(
          id,
          "it has no primary key that is published, so its rows cannot be read in pieces",
          "add one, or take 'snapshot' out of the rules' 'on'");
    }
    if (!key.stream().allMatch(readable::get)) {
      throw refused(id, "our role may not read its key", "GRANT SELECT on it");
    }
    return new BackfillTable(
        id,
        new RelationMessage(oid, id.schema(), id.name(), identity, columns),
        sqlTypes,
        readable,
        key,
        partitioned);
  }

  private static SourceException refused(TableId id, String why, String next) {
    return new SourceException(
        Kind.MISCONFIGURED, "table " + id + " cannot be backfilled: " + why + "; " + next, null);
  }

  /** The places of the columns that are selected, in the order in which they are. */
  List<Integer> selected() {
    return IntStream.range(0, readable.size()).filter(readable::get).boxed().toList();
  }

  /**
   * The query for the rows behind a key. Its parameters are the key's values as text; its columns
   * are the snapshot, the time in microseconds, then {@link #selected}.
   */
  String query(boolean fromStart, int rows) {
    String columns = selected().stream().map(i -> ", t." + name(i)).collect(Collectors.joining());
    String order = key.stream().map(i -> "t." + name(i)).collect(Collectors.joining(", "));
    String behind =
        key.stream()
            .map(i -> "CAST(? AS " + sqlTypes.get(i) + ")")
            .collect(Collectors.joining(", ", " WHERE (" + order + ") > (", ")"));
    return "SELECT pg_catalog.pg_current_snapshot()::text,"
        + " (extract(epoch FROM statement_timestamp()) * 1000000)::int8"
        + columns
        + " FROM "
        + (partitioned ? "" : "ONLY ")
        + quoted(id)
        + " AS t"
        + (fromStart ? "" : behind)
        + " ORDER BY "
        + order
        + " LIMIT "
        + rows;
  }

  private String name(int column) {
    return SqlConnections.quoted(message.columns().get(column).name());
  }

  private static String quoted(TableId id) {
    return SqlConnections.quoted(id.schema()) + "." + SqlConnections.quoted(id.name());
  }
}
