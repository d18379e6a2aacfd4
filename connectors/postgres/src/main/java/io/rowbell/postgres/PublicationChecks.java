package io.rowbell.postgres;

import io.rowbell.model.Operation;
import io.rowbell.model.Requirements;
import io.rowbell.model.Requirements.OfTable;
import io.rowbell.model.TableId;
import io.rowbell.postgres.PublicationState.Sent;
import io.rowbell.spi.Resume;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Whether the publication sends what the rules need. */
final class PublicationChecks {
  private final String name;
  private final PublicationSql sql;
  private final Tables tables;
  private final Requirements requirements;
  private final Diagnosis.Collector found;
  private final OutageChecks outages;
  private final RowFilters filters;

  PublicationChecks(
      String name, Tables tables, Requirements requirements, Diagnosis.Collector found) {
    this.name = name;
    this.sql = new PublicationSql(name);
    this.tables = tables;
    this.requirements = requirements;
    this.found = found;
    this.outages = new OutageChecks(tables, found);
    this.filters = new RowFilters(tables);
  }

  /**
   * @param publication null if there is none
   * @param slot the name of the slot, if it is there
   */
  void check(@Nullable PublicationState publication, @Nullable String slot, Resume resume) {
    Map<TableFacts, OfTable> needed = new TreeMap<>((a, b) -> a.id().compareTo(b.id()));
    TableChecks tableChecks = new TableChecks(sql, tables, found, resume.checkpoint() != null);
    new TreeMap<>(requirements.tables())
        .forEach(
            (id, ofTable) ->
                tableChecks.check(id, ofTable, publication).ifPresent(t -> needed.put(t, ofTable)));
    if (publication == null) {
      absent(needed, slot, resume);
      return;
    }
    operations(needed, publication, resume.checkpoint() != null);
    needed.forEach((table, ofTable) -> sent(table, ofTable, needed.keySet(), publication));
    outages.elsewhere(name, needed.keySet(), publication);
  }

  private void absent(Map<TableFacts, OfTable> needed, @Nullable String slot, Resume resume) {
    Set<Operation> operations = operations(needed);
    List<TableFacts> safe = new ArrayList<>();
    for (TableFacts table : needed.keySet()) {
      if (bothNamed(table, needed.keySet())) {
        continue;
      }
      if (!outages.check(table, operations, null)) {
        safe.add(table);
      }
    }
    boolean viaRoot = safe.stream().anyMatch(TableFacts::partitioned);
    boolean stored =
        tables.canSendStored() && safe.stream().anyMatch(t -> !t.storedColumns().isEmpty());
    // Everything, where that harms nobody: a later rule then needs no alteration.
    Set<Operation> all = EnumSet.copyOf(PublicationSql.OPERATIONS);
    boolean harmless = safe.stream().allMatch(t -> outages.broken(t, all, null).isEmpty());
    List<String> create =
        requirements.tables().isEmpty() && requirements.messagePrefixes().isEmpty()
            ? List.of()
            : List.of(
                sql.create(
                    safe.stream().map(PublicationSql.Entry::whole).toList(),
                    harmless ? all : operations,
                    viaRoot,
                    stored));
    String message = "there is no publication '" + name + "'";
    if (resume.checkpoint() == null) {
      found.addRepairable(
          Problem.NO_PUBLICATION,
          "publication " + name,
          message,
          slot == null
              ? "a role that owns the tables and has CREATE on the database makes it, before the"
                  + " slot"
              : "a role that owns the tables and has CREATE on the database makes it; the slot is"
                  + " older and what was committed before is not sent: a server before PostgreSQL"
                  + " 18 stops there, and goes on after SELECT pg_replication_slot_advance('"
                  + slot
                  + "', pg_current_wal_flush_lsn())",
          create);
    } else {
      found.add(
          Problem.NO_PUBLICATION,
          "publication " + name,
          message + ", and the journal has a position: it was there and was dropped",
          "changes committed between "
              + resume.checkpoint()
              + " and the moment at which it is made"
              + " anew are not sent; make it anew only if they may be missed: the next start says"
              + " how to accept that",
          create);
    }
  }

  private static Set<Operation> operations(Map<TableFacts, OfTable> needed) {
    Set<Operation> operations = EnumSet.noneOf(Operation.class);
    needed.values().forEach(ofTable -> operations.addAll(ofTable.operations()));
    operations.retainAll(PublicationSql.OPERATIONS);
    return operations;
  }

  /** Operations that rules only count: those that harm no table. */
  private Set<Operation> counted(PublicationState publication) {
    Set<Operation> counted = EnumSet.noneOf(Operation.class);
    if (requirements.everyChange()) {
      counted.addAll(PublicationSql.OPERATIONS);
      counted.removeIf(operation -> !broken(publication, Set.of(operation)).isEmpty());
    }
    return counted;
  }

  /** The tables whose rows the application could not change any more because of these. */
  private List<String> broken(PublicationState publication, Set<Operation> added) {
    List<String> broken = new ArrayList<>();
    publication
        .tables()
        .forEach(
            (id, sent) -> {
              TableFacts table = tables.find(id);
              if (table != null && outages.broken(table, added, sent).isPresent()) {
                broken.add(id.toString());
              }
            });
    return broken;
  }

  private void operations(
      Map<TableFacts, OfTable> needed, PublicationState publication, boolean positionIsKnown) {
    Set<Operation> missing = operations(needed);
    missing.addAll(counted(publication));
    missing.removeAll(publication.operations());
    if (missing.isEmpty()) {
      return;
    }
    List<String> broken = broken(publication, missing);
    Set<Operation> wanted = new HashSet<>(publication.operations());
    wanted.addAll(missing);
    String message =
        "publication '"
            + name
            + "' does not publish "
            + PublicationSql.words(missing)
            + ", which rules need";
    if (broken.isEmpty()) {
      found.addRepairable(
          Problem.NARROW_PUBLICATION,
          "publication " + name,
          message,
          positionIsKnown
              ? "the owner of the publication widens it; the next start then asks once to accept"
                  + " that it was altered (E245)"
              : "the owner of the publication widens it",
          List.of(sql.publish(wanted)));
    } else {
      broken.sort(null);
      found.add(
          Problem.NARROW_PUBLICATION,
          "publication " + name,
          message,
          "publishing it would make the application's UPDATE and DELETE fail for tables without a"
              + " replica identity that is published and holds the columns of their filter: first"
              + " give one to "
              + OutageChecks.some(broken)
              + " (see rowbell publication plan)",
          List.of(sql.publish(wanted)));
    }
  }

  private void sent(
      TableFacts table, OfTable needed, Set<TableFacts> allNeeded, PublicationState publication) {
    Sent sent = publication.tables().get(table.id());
    if (sent == null) {
      notSent(table, allNeeded, publication);
      return;
    }
    if (sent.rowFilter() != null
        && !filters.accepts(table, needed, publication.operations(), sent.rowFilter())) {
      found.add(
          Problem.NARROW_PUBLICATION,
          "table " + table.id(),
          "publication '"
              + name
              + "' sends only the rows of "
              + table.id()
              + " with "
              + sent.rowFilter()
              + ", and rules need "
              + (needed.rows() == null ? "every row" : "others too"),
          "take the filter off: updates across it arrive as inserts and deletes, which rules would"
              + " misread; rowbell publication plan says which filter would do",
          sql.addWhole(table));
    }
    Set<String> missing = new TreeSet<>(needed.columns());
    missing.retainAll(tables.columns(table));
    missing.removeAll(table.virtualColumns());
    if (!tables.canSendStored()) {
      missing.removeAll(table.storedColumns());
    }
    missing.removeAll(outages.sentColumns(table, sent));
    if (!missing.isEmpty()) {
      boolean generated = table.storedColumns().containsAll(missing);
      String message =
          "publication '"
              + name
              + "' does not send "
              + OutageChecks.some(missing)
              + " of "
              + table.id()
              + ", which rules need";
      if (generated && outages.sentColumns(table, sent).containsAll(tables.plainColumns(table))) {
        found.addRepairable(
            Problem.NARROW_PUBLICATION,
            "table " + table.id(),
            message,
            "generated columns are sent only if the publication says so",
            List.of(sql.publishStored()));
      } else {
        found.add(
            Problem.NARROW_PUBLICATION,
            "table " + table.id(),
            message,
            "take the column list off, or add the columns to it",
            sql.addWhole(table));
      }
    }
    outages.check(table, publication.operations(), sent);
  }

  private void notSent(TableFacts table, Set<TableFacts> allNeeded, PublicationState publication) {
    if (bothNamed(table, allNeeded)) {
      return;
    }
    Optional<TableId> root =
        table.ancestors().stream().filter(publication.tables()::containsKey).findFirst();
    if (publication.viaRoot() && root.isPresent()) {
      found.add(
          Problem.NARROW_PUBLICATION,
          "table " + table.id(),
          "publication '"
              + name
              + "' sends the changes of "
              + table.id()
              + " under the name of "
              + root.get(),
          "write the rule on " + root.get() + ", or publish the partition and not the whole",
          List.of());
      return;
    }
    List<TableFacts> rows = tables.physical(table);
    boolean partsSent =
        table.partitioned()
            && !publication.viaRoot()
            && rows.stream().anyMatch(part -> publication.tables().containsKey(part.id()));
    List<String> statements = new ArrayList<>();
    if (!partsSent) {
      statements.add(sql.add(table));
    }
    if (table.partitioned() && !publication.viaRoot()) {
      statements.add(sql.publishViaRoot());
    }
    String message =
        partsSent
            ? "publication '"
                + name
                + "' sends the changes of "
                + table.id()
                + " under the names"
                + " of its partitions"
            : "publication '" + name + "' does not publish " + table.id();
    boolean renames =
        !publication.viaRoot() && allNeeded.stream().anyMatch(t -> !t.ancestors().isEmpty());
    if (!outages.check(table, publication.operations(), null)
        && !(table.partitioned() && renames)) {
      found.addRepairable(
          Problem.NARROW_PUBLICATION,
          "table " + table.id(),
          message,
          "a role that owns the publication and the table adds it; changes committed before that"
              + " are not sent",
          statements);
    } else {
      found.add(
          Problem.NARROW_PUBLICATION,
          "table " + table.id(),
          message,
          renames
              ? "rules also name a partition, whose changes would then come under another name"
              : "first give the table a replica identity, or the application's UPDATE and DELETE"
                  + " fail",
          statements);
    }
  }

  /** One publication sends a row under one name: a rule on a partition and one on the whole. */
  private boolean bothNamed(TableFacts table, Set<TableFacts> allNeeded) {
    Optional<TableId> whole =
        allNeeded.stream().map(TableFacts::id).filter(table.ancestors()::contains).findFirst();
    whole.ifPresent(
        id ->
            found.add(
                Problem.NARROW_PUBLICATION,
                "table " + table.id(),
                "rules name "
                    + id
                    + " and also its partition "
                    + table.id()
                    + ", but a row is sent under one name only",
                "write both rules on " + id,
                List.of()));
    return whole.isPresent();
  }
}
