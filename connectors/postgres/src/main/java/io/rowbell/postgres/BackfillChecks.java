package io.rowbell.postgres;

import io.rowbell.model.Operation;
import io.rowbell.model.Requirements;
import io.rowbell.model.Requirements.OfTable;
import io.rowbell.model.SqlIdentifier;
import io.rowbell.model.TableSchema;
import io.rowbell.postgres.PublicationState.Sent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether tables can be read whole: the role may read what the rules need of every row, and there
 * is a key to read them by in pieces. Following a table needs neither.
 */
final class BackfillChecks {
  private final String role;
  private final PublicationSql sql;
  private final Tables tables;
  private final Diagnosis.Collector found;

  BackfillChecks(ServerState server, String publication, Tables tables, Diagnosis.Collector found) {
    this.role = server.role();
    this.sql = new PublicationSql(publication);
    this.tables = tables;
    this.found = found;
  }

  /**
   * @param publication null if there is none
   */
  void check(Requirements requirements, @Nullable PublicationState publication) {
    new TreeMap<>(requirements.tables())
        .forEach(
            (id, needed) -> {
              TableFacts table = tables.find(id);
              if (table != null && needed.operations().contains(Operation.SNAPSHOT)) {
                readable(table, needed);
                key(table, publication == null ? null : publication.tables().get(id));
              }
            });
  }

  private void readable(TableFacts table, OfTable needed) {
    if (table.rowsHidden()) {
      found.add(
          Problem.NOT_READABLE,
          "table " + table.id(),
          "a rule asks for the rows that "
              + table.id()
              + " has already, and row-level security applies to role '"
              + role
              + "': some could be hidden from it",
          "a superuser exempts the role",
          List.of("ALTER ROLE " + SqlConnections.quoted(role) + " BYPASSRLS"));
    }
    Set<String> wanted = new TreeSet<>(needed.columns());
    wanted.addAll(keyOf(table));
    wanted.retainAll(tables.columns(table));
    wanted.removeAll(table.virtualColumns());
    Set<String> missing = new TreeSet<>(wanted);
    missing.retainAll(table.unreadableColumns());
    if (table.schemaUsable() && missing.isEmpty()) {
      return;
    }
    found.add(
        Problem.NOT_READABLE,
        "table " + table.id(),
        "a rule asks for the rows that "
            + table.id()
            + " has already, and role '"
            + role
            + "' may not read "
            + (missing.isEmpty() ? "in its schema" : OutageChecks.some(missing)),
        "the owner of the table and its schema grants it",
        grants(table, wanted, !missing.isEmpty()));
  }

  private List<String> grants(TableFacts table, Set<String> wanted, boolean columns) {
    List<String> grants = new ArrayList<>();
    String to = " TO " + SqlConnections.quoted(role);
    if (!table.schemaUsable()) {
      grants.add("GRANT USAGE ON SCHEMA " + SqlConnections.quoted(table.id().schema()) + to);
    }
    if (columns) {
      String some = wanted.containsAll(tables.columns(table)) ? "" : " (" + list(wanted) + ")";
      grants.add("GRANT SELECT" + some + " ON " + table.sql() + to);
    }
    return grants;
  }

  private void key(TableFacts table, @Nullable Sent sent) {
    List<String> key = keyOf(table);
    if (key.isEmpty()) {
      List<String> unique = table.uniqueColumns();
      found.add(
          Problem.NO_BACKFILL_KEY,
          "table " + table.id(),
          "a rule asks for the rows that "
              + table.id()
              + " has already, and it has no primary key by which they could be read in pieces",
          (unique.isEmpty()
                  ? "add a primary key"
                  : "add a primary key, which locks the table while its index is built")
              + ", or take 'snapshot' out of the rules' 'on'",
          unique.isEmpty()
              ? List.of()
              : List.of("ALTER TABLE " + table.sql() + " ADD PRIMARY KEY (" + list(unique) + ")"));
      return;
    }
    Set<String> columns = sent == null ? null : sent.columns();
    Set<String> unsent = new TreeSet<>(key);
    unsent.removeAll(columns == null ? tables.plainColumns(table) : columns);
    if (sent != null && !unsent.isEmpty()) {
      boolean generated = table.storedColumns().containsAll(unsent) && tables.canSendStored();
      found.add(
          Problem.NO_BACKFILL_KEY,
          "table " + table.id(),
          "a rule asks for the rows that "
              + table.id()
              + " has already, and the publication does not send "
              + OutageChecks.some(unsent)
              + " of its primary key, by which they are read in pieces",
          generated
              ? "generated columns are sent only if the publication says so"
              : "take the column list off, or add the columns to it",
          generated ? List.of(sql.publishStored()) : sql.addWhole(table));
    }
  }

  private List<String> keyOf(TableFacts table) {
    TableSchema schema = tables.schema(table);
    return schema.primaryKey().stream().map(i -> schema.column(i).name()).toList();
  }

  private static String list(Collection<String> columns) {
    return columns.stream().map(SqlIdentifier::quote).collect(Collectors.joining(", "));
  }
}
