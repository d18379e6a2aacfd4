package io.rowbell.postgres;

import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.Requirements.OfTable;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of a table need not be sent. A list must hold the replica identity, or PostgreSQL
 * refuses the application's UPDATE and DELETE; and the primary key, which tells a row's changes
 * apart.
 */
final class ColumnLists {
  private final Tables tables;

  ColumnLists(Tables tables) {
    this.tables = tables;
  }

  /**
   * A list, or why there is none.
   *
   * @param columns in the table's order; null if every column is to be sent
   */
  record Verdict(@Nullable List<String> columns, String reason) {}

  Verdict of(TableFacts table, OfTable needed) {
    if (!tables.canSendParts()) {
      return none("PostgreSQL has column lists from version 15 on");
    }
    if (table.partitioned() || !table.ancestors().isEmpty()) {
      return none("it is partitioned, and what is logged is each partition's to say");
    }
    if (tables.schema(table).replicaIdentity() == ReplicaIdentity.FULL) {
      return none(
          "REPLICA IDENTITY FULL: PostgreSQL would refuse the application's own UPDATE and DELETE");
    }
    if (table.hasGenerated()) {
      return none("it has generated columns");
    }
    Set<String> used = new TreeSet<>(needed.columns());
    used.addAll(needed.oldColumns());
    used.addAll(tables.logged(table));
    used.addAll(tables.primaryKey(table));
    Set<String> unused = new TreeSet<>(tables.columns(table));
    unused.removeAll(used);
    return unused.isEmpty()
        ? none("rules or the replica identity use every column")
        : new Verdict(
            tables.schema(table).columns().stream()
                .map(column -> column.name())
                .filter(used::contains)
                .toList(),
            "no rule reads " + OutageChecks.some(unused));
  }

  private static Verdict none(String reason) {
    return new Verdict(null, reason);
  }
}
