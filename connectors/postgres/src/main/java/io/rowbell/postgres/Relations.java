package io.rowbell.postgres;

import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import io.rowbell.postgres.TypeRegistry.TypeRef;
import io.rowbell.postgres.WalMessages.ColumnMessage;
import io.rowbell.postgres.WalMessages.RelationMessage;
import io.rowbell.spi.SourceException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The versions of tables. The log tells a table's columns before the first row written with them:
 * names, types, replica identity. What it does not tell, the primary key and NOT NULL, is asked of
 * the live catalog, which may be ahead of the log; where the two do not fit, it counts as not
 * known.
 */
final class Relations {
  private final TypeRegistry types;
  private final Map<Long, Relation> current = new HashMap<>();
  private final Map<Long, Relation> latest = new HashMap<>();

  Relations(TypeRegistry types) {
    this.types = types;
  }

  /** A new stream tells every relation again. */
  void streamStarts() {
    current.clear();
  }

  /** The version of a table that rows are written with at this point of the stream. */
  Relation get(long oid) {
    Relation relation = current.get(oid);
    if (relation == null) {
      throw new IllegalStateException("a row of a relation that was not announced: " + oid);
    }
    return relation;
  }

  /**
   * A table is announced.
   *
   * @throws SourceException if the catalog cannot be asked
   */
  void announce(RelationMessage message, Connection connection) throws SourceException {
    try {
      current.put(message.oid(), keep(read(message, connection)));
    } catch (SQLException e) {
      throw SqlErrors.whileAsking(
          "reading the catalog about " + message.schema() + "." + message.name(), e);
    }
  }

  /**
   * The tables of a catalog, but those that were altered behind the journal's position as the rows
   * that come next are written. A table that is gone stays so: its rows may come under another
   * name.
   */
  Catalog comingNext(Catalog live, JournalNotes notes, Connection connection) throws SQLException {
    Catalog next = live;
    for (TableId table : live.tables().keySet()) {
      byte[] note = notes.get(nextVersion(table));
      if (note != null) {
        next = next.with(read(RelationMessage.read(ByteBuffer.wrap(note)), connection).schema());
      }
    }
    return next;
  }

  /**
   * The name under which the journal keeps how a table was last announced: of that form are the
   * rows that come next.
   */
  static String nextVersion(TableId table) {
    return "postgres/table/" + table.sql();
  }

  /** A table as a backfill found it in the live catalog; the stream's own version if it is that. */
  Relation read(BackfillTable table, Connection connection) throws SQLException {
    return keep(read(table.message(), connection));
  }

  /** The same version, if it is the one that was last seen of this table: rows share it. */
  private Relation keep(Relation read) {
    Relation known = latest.get(read.oid());
    if (known != null
        && known.schema().equals(read.schema())
        && java.util.Arrays.equals(known.logged(), read.logged())) {
      return known;
    }
    latest.put(read.oid(), read);
    return read;
  }

  private Relation read(RelationMessage message, Connection connection) throws SQLException {
    List<ColumnMessage> columns = message.columns();
    RelationFacts facts = RelationFacts.read(connection, message.oid());
    List<@Nullable ColumnFacts> known = match(columns, facts.columns());
    Set<TypeRef> refs = new LinkedHashSet<>();
    columns.forEach(column -> refs.add(new TypeRef(column.type(), column.typmod())));
    Map<TypeRef, SqlType> sqlTypes = types.types(connection, refs);

    List<Column> schemaColumns = new ArrayList<>();
    List<TextDecoder> decoders = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      ColumnMessage column = columns.get(i);
      SqlType type =
          Objects.requireNonNull(sqlTypes.get(new TypeRef(column.type(), column.typmod())));
      ColumnFacts fact = known.get(i);
      schemaColumns.add(
          new Column(column.name(), type.columnType(), fact == null || fact.nullable()));
      decoders.add(type.decoder());
    }
    TableId id = new TableId(message.schema(), message.name());
    ReplicaIdentity identity = identity(message.replicaIdentity());
    boolean[] logged = new boolean[columns.size()];
    for (int i = 0; i < logged.length; i++) {
      logged[i] = identity == ReplicaIdentity.FULL || columns.get(i).key();
    }
    if (facts.partitioned()) {
      identity = narrow(id, identity, logged, columns, connection);
    }
    TableSchema schema =
        new TableSchema(
            id,
            schemaColumns,
            primaryKey(identity, columns, known),
            identity,
            IntStream.range(0, logged.length).filter(i -> logged[i]).boxed().toList());
    return new Relation(message.oid(), schema, decoders, logged);
  }

  /**
   * Rows of a partitioned table are announced with the table's identity but logged with their
   * partition's. Where a partition logs less, the message says NULL for what it does not have.
   */
  private ReplicaIdentity narrow(
      TableId id,
      ReplicaIdentity own,
      boolean[] logged,
      List<ColumnMessage> columns,
      Connection connection)
      throws SQLException {
    TableSchema live = new CatalogReader(types).read(connection).find(id).orElse(null);
    if (live == null) {
      return own;
    }
    for (int i = 0; i < logged.length; i++) {
      int index = live.indexOf(columns.get(i).name()).orElse(-1);
      logged[i] = logged[i] && index >= 0 && live.identity().contains(index);
    }
    return live.replicaIdentity();
  }

  private static ReplicaIdentity identity(char code) {
    return switch (code) {
      case 'f' -> ReplicaIdentity.FULL;
      case 'i' -> ReplicaIdentity.INDEX;
      case 'n' -> ReplicaIdentity.NOTHING;
      default -> ReplicaIdentity.DEFAULT;
    };
  }

  /**
   * What the catalog knows of each announced column, by its name; for one renamed since, its place
   * in the key, if all types still stand where they stood.
   */
  private static List<@Nullable ColumnFacts> match(
      List<ColumnMessage> columns, List<ColumnFacts> facts) {
    Map<String, ColumnFacts> byName = new HashMap<>();
    facts.forEach(fact -> byName.put(fact.name(), fact));
    boolean samePlaces =
        columns.size() == facts.size()
            && IntStream.range(0, facts.size())
                .allMatch(i -> columns.get(i).type() == facts.get(i).type());
    List<@Nullable ColumnFacts> known = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      ColumnFacts fact = byName.get(columns.get(i).name());
      known.add(fact == null && samePlaces ? facts.get(i).renamed() : fact);
    }
    return known;
  }

  /** With a DEFAULT identity the log tells which columns the key has; the catalog, their order. */
  private static List<Integer> primaryKey(
      ReplicaIdentity identity, List<ColumnMessage> columns, List<@Nullable ColumnFacts> known) {
    List<Integer> byCatalog =
        IntStream.range(0, columns.size())
            .filter(i -> place(known.get(i)) > 0)
            .boxed()
            .sorted((a, b) -> Integer.compare(place(known.get(a)), place(known.get(b))))
            .toList();
    if (identity != ReplicaIdentity.DEFAULT) {
      return byCatalog;
    }
    List<Integer> byLog =
        IntStream.range(0, columns.size()).filter(i -> columns.get(i).key()).boxed().toList();
    // A deferrable key is no identity, so an empty one says nothing.
    return byLog.isEmpty() || Set.copyOf(byCatalog).equals(Set.copyOf(byLog)) ? byCatalog : byLog;
  }

  private static int place(@Nullable ColumnFacts fact) {
    return fact == null ? 0 : fact.keyPlace();
  }

  /**
   * A column in the live catalog.
   *
   * @param keyPlace its place in the primary key from 1, or 0
   */
  record ColumnFacts(String name, long type, int typmod, boolean nullable, int keyPlace) {
    ColumnFacts renamed() {
      return new ColumnFacts(name, type, typmod, true, keyPlace);
    }
  }
}
