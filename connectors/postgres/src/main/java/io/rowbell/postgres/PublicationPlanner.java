package io.rowbell.postgres;

import io.rowbell.model.Operation;
import io.rowbell.model.Requirements;
import io.rowbell.model.Requirements.OfTable;
import io.rowbell.model.RowPredicate;
import io.rowbell.model.TableId;
import io.rowbell.postgres.PublicationSql.Entry;
import io.rowbell.postgres.PublicationState.Sent;
import io.rowbell.spi.PublicationPlan.Decision;
import io.rowbell.spi.PublicationPlan.Part;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Plans the least that a publication has to send. What is not certain to be needless is sent. For
 * one plan.
 */
final class PublicationPlanner {
  private final String name;
  private final PublicationSql sql;
  private final Tables tables;
  private final Requirements requirements;
  private final NeededOperations needed;
  private final ColumnLists columnLists;
  private final RowFilters filters;
  private final OutageChecks outages;
  private final List<Decision> decisions = new ArrayList<>();

  PublicationPlanner(String name, Tables tables, Requirements requirements, boolean keysStay) {
    this.name = name;
    this.sql = new PublicationSql(name);
    this.tables = tables;
    this.requirements = requirements;
    this.columnLists = new ColumnLists(tables);
    this.filters = new RowFilters(tables);
    this.outages = new OutageChecks(tables, new Diagnosis.Collector());
    this.needed = new NeededOperations(tables, outages, requirements.everyChange(), keysStay);
  }

  /**
   * A plan.
   *
   * @param statements empty if nothing is to be done, or cannot be
   */
  record Planned(List<Decision> decisions, List<String> statements) {}

  /**
   * @param published the publication as it is; null if there is none
   */
  Planned plan(@Nullable PublicationState published) {
    Map<TableFacts, OfTable> wanted = wanted();
    if (wanted.isEmpty() || wanted.size() < requirements.tables().size()) {
      decide(
          Part.TABLES,
          false,
          wanted.isEmpty()
              ? "no rule names a table that can be published"
              : "rules name tables that cannot be published: mend that first");
      return new Planned(decisions, List.of());
    }
    boolean listed = published == null || published.listed();
    Set<Operation> operations = needed.of(wanted, this::decide);
    decideTables(wanted.keySet(), published);
    List<Entry> entries = new ArrayList<>();
    wanted.forEach(
        (table, ofTable) ->
            entries.add(listed ? entry(table, ofTable, operations) : Entry.whole(table)));
    if (entries.stream().anyMatch(entry -> breaks(entry, operations))) {
      decide(
          Part.TABLES,
          false,
          "the application's UPDATE or DELETE would fail, as is told of the database: mend that"
              + " first");
      return new Planned(decisions, List.of());
    }
    return new Planned(
        decisions,
        published == null
            ? List.of(create(entries, operations))
            : alter(entries, operations, published));
  }

  /** The tables that rules need and that can be published under their names. */
  private Map<TableFacts, OfTable> wanted() {
    Map<TableFacts, OfTable> wanted = new TreeMap<>((a, b) -> a.id().compareTo(b.id()));
    requirements
        .tables()
        .forEach(
            (id, ofTable) -> {
              TableFacts table = tables.find(id);
              if (table != null
                  && !table.unlogged()
                  && table.ancestors().stream().noneMatch(requirements.tables()::containsKey)) {
                wanted.put(table, ofTable);
              }
            });
    return wanted;
  }

  private void decide(Part part, boolean pushed, String text) {
    decisions.add(new Decision("publication " + name, part, pushed, text));
  }

  private void decide(TableFacts table, Part part, boolean pushed, String text) {
    decisions.add(new Decision(table.id().toString(), part, pushed, text));
  }

  private void decideTables(Set<TableFacts> wanted, @Nullable PublicationState published) {
    if (published != null && !published.listed()) {
      decide(
          Part.TABLES,
          false,
          "it publishes all tables, or all of a schema: only one that lists its tables can send"
              + " less of them. Name another one in the configuration, plan that, and take this one"
              + " away");
      return;
    }
    Set<String> needless = new TreeSet<>();
    if (published != null) {
      Set<TableId> needed = new HashSet<>();
      for (TableFacts table : wanted) {
        needed.add(table.id());
        tables.physical(table).forEach(part -> needed.add(part.id()));
      }
      published.tables().keySet().stream()
          .filter(id -> !needed.contains(id))
          .forEach(id -> needless.add(id.toString()));
    }
    decide(
        Part.TABLES,
        true,
        needless.isEmpty()
            ? "only those that rules name: " + wanted.size()
            : "no rule names " + OutageChecks.some(needless));
  }

  private Entry entry(TableFacts table, OfTable ofTable, Set<Operation> operations) {
    ColumnLists.Verdict columns = columnLists.of(table, ofTable);
    decide(table, Part.COLUMNS, columns.columns() != null, columns.reason());
    RowFilters.Verdict rows = filters.of(table, ofTable, operations);
    RowPredicate filter = rows.rows();
    decide(
        table,
        Part.ROWS,
        filter != null,
        filter == null ? rows.reason() : FilterSql.write(filter) + ": " + rows.reason());
    return new Entry(table, columns.columns(), filter);
  }

  /** A last look, whatever was decided. */
  private boolean breaks(Entry entry, Set<Operation> operations) {
    List<String> columns = entry.columns();
    RowPredicate rows = entry.rows();
    Sent sent =
        columns == null && rows == null
            ? null
            : new Sent(
                columns == null ? null : Set.copyOf(columns),
                rows == null ? null : FilterSql.write(rows));
    return outages.broken(entry.table(), operations, sent).isPresent();
  }

  private String create(List<Entry> entries, Set<Operation> operations) {
    return sql.create(
        entries,
        operations,
        entries.stream().anyMatch(entry -> entry.table().partitioned()),
        tables.canSendStored()
            && entries.stream().anyMatch(entry -> !entry.table().storedColumns().isEmpty()));
  }

  private List<String> alter(
      List<Entry> entries, Set<Operation> operations, PublicationState published) {
    List<String> statements = new ArrayList<>();
    boolean viaRoot =
        !published.viaRoot() && entries.stream().anyMatch(entry -> entry.table().partitioned());
    if (!published.operations().equals(operations)) {
      statements.add(sql.publish(operations));
    }
    if (viaRoot) {
      statements.add(sql.publishViaRoot());
    }
    if (entries.stream().anyMatch(entry -> lacksStored(entry, published))) {
      statements.add(sql.publishStored());
    }
    if (published.listed() && (viaRoot || !isSame(entries, published))) {
      statements.add(sql.setTables(entries));
    }
    return statements;
  }

  private boolean lacksStored(Entry entry, PublicationState published) {
    TableFacts table = entry.table();
    Sent sent = published.tables().get(table.id());
    OfTable ofTable = requirements.tables().get(table.id());
    if (!tables.canSendStored() || sent == null || ofTable == null) {
      return false;
    }
    Set<String> stored = new TreeSet<>(ofTable.columns());
    stored.addAll(tables.logged(table));
    stored.retainAll(table.storedColumns());
    stored.removeAll(outages.sentColumns(table, sent));
    return !stored.isEmpty();
  }

  private boolean isSame(List<Entry> entries, PublicationState published) {
    return entries.size() == published.tables().size()
        && entries.stream()
            .allMatch(entry -> isSame(entry, published.tables().get(entry.table().id())));
  }

  private boolean isSame(Entry entry, @Nullable Sent sent) {
    if (sent == null) {
      return false;
    }
    List<String> wanted = entry.columns();
    Set<String> columns = sent.columns();
    boolean sameColumns =
        wanted == null
            ? columns == null || columns.containsAll(tables.plainColumns(entry.table()))
            : columns != null && columns.equals(Set.copyOf(wanted));
    RowPredicate rows = entry.rows();
    String filter = sent.rowFilter();
    if (!sameColumns || filter == null || rows == null) {
      return sameColumns && filter == null && rows == null;
    }
    RowPredicate installed = FilterSql.read(filter).orElse(null);
    return installed != null && installed.implies(rows) && rows.implies(installed);
  }

  /** Told of a decision. */
  interface Deciding {
    void decide(Part part, boolean pushed, String text);
  }

  /** Which operations have to be published. */
  private record NeededOperations(
      Tables tables, OutageChecks outages, boolean everyChange, boolean keysStay) {
    Set<Operation> of(Map<TableFacts, OfTable> wanted, Deciding deciding) {
      Set<Operation> operations = EnumSet.noneOf(Operation.class);
      wanted.values().forEach(ofTable -> operations.addAll(ofTable.operations()));
      if (operations.remove(Operation.SNAPSHOT)) {
        // What a backfill reads must not be older than what was changed meanwhile.
        Set<Operation> ofRows = EnumSet.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE);
        ofRows.addAll(operations);
        if (isHarmless(wanted.keySet(), ofRows)) {
          operations.addAll(ofRows);
        }
      }
      operations.retainAll(PublicationSql.OPERATIONS);
      if (everyChange) {
        PublicationSql.OPERATIONS.stream()
            .filter(operation -> isHarmless(wanted.keySet(), Set.of(operation)))
            .forEach(operations::add);
      }
      Set<String> byKey = byKey(wanted);
      if (!operations.contains(Operation.UPDATE) && !byKey.isEmpty()) {
        changedKeys(wanted.keySet(), operations, byKey, deciding);
      }
      Set<Operation> needless = EnumSet.copyOf(PublicationSql.OPERATIONS);
      needless.removeAll(operations);
      deciding.decide(
          Part.OPERATIONS,
          !needless.isEmpty(),
          needless.isEmpty()
              ? "rules need all of them"
              : "no rule needs " + PublicationSql.words(needless));
      return operations;
    }

    /** An update that changes a key is a delete of the old and an insert of the new one. */
    private void changedKeys(
        Set<TableFacts> wanted, Set<Operation> operations, Set<String> byKey, Deciding deciding) {
      String what = "an UPDATE that changes the key of " + OutageChecks.some(byKey);
      Set<Operation> wider = EnumSet.of(Operation.UPDATE);
      wider.addAll(operations);
      if (keysStay) {
        deciding.decide(
            Part.OPERATIONS, true, "update: the application never changes a key, as was said");
      } else if (isHarmless(wanted, wider)) {
        operations.add(Operation.UPDATE);
        deciding.decide(
            Part.OPERATIONS,
            false,
            "update: "
                + what
                + " is a delete and an insert to rules; if the application never"
                + " does that, say --keys-stay");
      } else {
        deciding.decide(
            Part.OPERATIONS,
            true,
            "update: the application's own would fail for tables without replica identity; so "
                + what
                + " is not seen");
      }
    }

    private boolean isHarmless(Set<TableFacts> wanted, Set<Operation> operations) {
      return wanted.stream().allMatch(table -> outages.broken(table, operations, null).isEmpty());
    }

    private Set<String> byKey(Map<TableFacts, OfTable> wanted) {
      Set<String> byKey = new TreeSet<>();
      wanted.forEach(
          (table, ofTable) -> {
            boolean listens =
                ofTable.operations().contains(Operation.INSERT)
                    || ofTable.operations().contains(Operation.DELETE);
            if (listens && tables.keyChangesShow(table)) {
              byKey.add(table.id().toString());
            }
          });
      return byKey;
    }
  }
}
