package io.rowbell.postgres;

import io.rowbell.model.Operation;
import io.rowbell.model.Requirements.OfTable;
import io.rowbell.model.TableId;
import io.rowbell.postgres.PublicationState.Sent;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Whether a table can give what the rules need, however it is published. */
final class TableChecks {
  private static final Set<Operation> HAVE_OLD_ROW = EnumSet.of(Operation.UPDATE, Operation.DELETE);

  private final PublicationSql sql;
  private final Tables tables;
  private final Diagnosis.Collector found;
  private final boolean mayBeBehind;

  /**
   * @param mayBeBehind whether rows may come that were written before a table became as it is
   */
  TableChecks(PublicationSql sql, Tables tables, Diagnosis.Collector found, boolean mayBeBehind) {
    this.sql = sql;
    this.tables = tables;
    this.found = found;
    this.mayBeBehind = mayBeBehind;
  }

  /**
   * Checks one table.
   *
   * @return the table, if it can be published
   */
  Optional<TableFacts> check(TableId id, OfTable needed, @Nullable PublicationState publication) {
    TableFacts table = tables.find(id);
    if (table == null) {
      found.add(
          Problem.NO_TABLE,
          "table " + id,
          "there is no table " + id,
          "it was dropped or renamed, or this is another database",
          List.of());
      return Optional.empty();
    }
    columns(table, needed);
    if (table.unlogged()) {
      found.add(
          Problem.UNLOGGED,
          "table " + id,
          id + " is unlogged: its changes are never in the log",
          "make it an ordinary table; this writes it once to the log",
          List.of("ALTER TABLE " + table.sql() + " SET LOGGED"));
      return Optional.empty();
    }
    generated(table, needed);
    oldValues(table, needed, publication);
    return Optional.of(table);
  }

  private void columns(TableFacts table, OfTable needed) {
    Set<String> missing = new TreeSet<>(needed.columns());
    missing.addAll(needed.oldColumns());
    missing.removeAll(tables.columns(table));
    if (!missing.isEmpty()) {
      String message = table.id() + " has no column " + String.join(", ", missing);
      found.add(
          mayBeBehind ? Problem.COLUMN_GONE : Problem.NO_COLUMN,
          "table " + table.id(),
          message + (mayBeBehind ? " any more" : ""),
          mayBeBehind
              ? "rows that were written before are read; the pipeline stops at the first one without"
                  + " it, and rules that do not read it go on from there"
              : "it was dropped or renamed: change the rules that read it",
          List.of());
    }
  }

  private void generated(TableFacts table, OfTable needed) {
    Set<String> never = new TreeSet<>(needed.columns());
    never.addAll(needed.oldColumns());
    Set<String> unsendable = new TreeSet<>(table.virtualColumns());
    if (!tables.canSendStored()) {
      unsendable.addAll(table.storedColumns());
    }
    never.retainAll(unsendable);
    if (!never.isEmpty()) {
      found.add(
          Problem.NOT_SENT,
          "table " + table.id(),
          "rules read "
              + String.join(", ", never)
              + " of "
              + table.id()
              + ", which is generated and never sent",
          "read the columns from which it is computed; from PostgreSQL 18 on a STORED one can be"
              + " sent",
          List.of());
    }
  }

  private void oldValues(TableFacts table, OfTable needed, @Nullable PublicationState publication) {
    Set<String> missing = new TreeSet<>(needed.oldColumns());
    missing.retainAll(tables.columns(table));
    missing.removeAll(tables.logged(table));
    if (missing.isEmpty() || needed.operations().stream().noneMatch(HAVE_OLD_ROW::contains)) {
      return;
    }
    boolean impossible = tables.fullIsImpossible(table);
    found.add(
        Problem.OLD_VALUES_NOT_LOGGED,
        "table " + table.id(),
        "rules read "
            + String.join(", ", missing)
            + " of the row before the change, but "
            + table.id()
            + " has REPLICA IDENTITY "
            + tables.schema(table).replicaIdentity()
            + (table.partitioned() ? " in a partition" : "")
            + ": PostgreSQL does not log them",
        impossible
            ? "compare with last.x, which needs no old values: REPLICA IDENTITY FULL would make"
                + " the application's UPDATE fail, as the virtual generated columns are not sent"
            : "log whole rows (more log, and a short lock), or compare with last.x, which needs"
                + " none",
        impossible ? List.of() : fullIdentity(table, publication));
  }

  /** What makes whole rows logged without breaking the application, in this order. */
  private List<String> fullIdentity(TableFacts table, @Nullable PublicationState publication) {
    List<String> statements = new ArrayList<>();
    Sent sent = publication == null ? null : publication.tables().get(table.id());
    Set<String> columns = sent == null ? null : sent.columns();
    if (columns != null && !columns.containsAll(tables.plainColumns(table))) {
      statements.addAll(sql.addWhole(table));
    }
    if (publication != null
        && tables.canSendStored()
        && !table.storedColumns().isEmpty()
        && (columns == null || !columns.containsAll(table.storedColumns()))) {
      statements.add(sql.publishStored());
    }
    for (TableFacts part : tables.physical(table)) {
      statements.add("ALTER TABLE " + part.sql() + " REPLICA IDENTITY FULL");
    }
    return statements;
  }
}
