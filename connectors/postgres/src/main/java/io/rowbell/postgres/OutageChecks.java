package io.rowbell.postgres;

import io.rowbell.model.Operation;
import io.rowbell.model.TableId;
import io.rowbell.postgres.PublicationState.Sent;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whether publishing breaks the application.
 *
 * <p>Publishing updates or deletes of a table makes PostgreSQL refuse the application's own UPDATE
 * and DELETE if the table has no replica identity, or one that is not published whole. So nothing
 * is proposed, let alone carried out, that would bring this about.
 */
final class OutageChecks {
  private static final Set<Operation> NEED_IDENTITY =
      EnumSet.of(Operation.UPDATE, Operation.DELETE);

  private final Tables tables;
  private final Diagnosis.Collector found;

  OutageChecks(Tables tables, Diagnosis.Collector found) {
    this.tables = tables;
    this.found = found;
  }

  /**
   * Tells of a part of a needed table that the application could not update if it were published,
   * which forbids to publish it; or that it cannot update as it is published, which is a warning:
   * the table can be followed, and not to start would not help the application.
   *
   * @param published the operations
   * @param sent what is sent of the table; null for what would be if we published it
   * @return whether there is one
   */
  boolean check(TableFacts table, Set<Operation> published, @Nullable Sent sent) {
    Optional<TableFacts> broken = broken(table, published, sent);
    broken.ifPresent(
        part ->
            found.add(
                sent == null ? Problem.OUTAGE : Problem.OUTAGE_ALREADY,
                "table " + part.id(),
                "the application's UPDATE and DELETE of "
                    + part.id()
                    + (sent == null ? " would fail if it were published: " : " fail: ")
                    + reason(table, part, sent).orElseThrow(),
                tables.logged(part).isEmpty()
                    ? "add a primary key, or log whole rows"
                    : "publish these columns without a filter on them, or choose another replica"
                        + " identity",
                tables.logged(part).isEmpty() && !tables.fullIsImpossible(part)
                    ? List.of("ALTER TABLE " + part.sql() + " REPLICA IDENTITY FULL")
                    : List.of()));
    return broken.isPresent();
  }

  /** The first part of a table of which PostgreSQL refuses updates and deletes. */
  Optional<TableFacts> broken(TableFacts table, Set<Operation> published, @Nullable Sent sent) {
    if (published.stream().noneMatch(NEED_IDENTITY::contains)) {
      return Optional.empty();
    }
    return tables.physical(table).stream()
        .filter(part -> reason(table, part, sent).isPresent())
        .findFirst();
  }

  private Optional<String> reason(TableFacts table, TableFacts part, @Nullable Sent sent) {
    Optional<String> unsent = tables.outage(part, sentColumns(table, sent));
    String filter = sent == null ? null : sent.rowFilter();
    if (unsent.isPresent() || filter == null) {
      return unsent;
    }
    Set<String> read = FilterSql.names(filter);
    read.retainAll(tables.columns(part));
    read.removeAll(tables.logged(part));
    return read.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "its row filter reads columns that its replica identity has not: "
                + String.join(", ", read));
  }

  /** Warns of the same in published tables that no rule names. */
  void elsewhere(String name, Set<TableFacts> needed, PublicationState publication) {
    Set<TableId> ours = new HashSet<>();
    for (TableFacts table : needed) {
      ours.add(table.id());
      tables.physical(table).forEach(part -> ours.add(part.id()));
    }
    Set<String> broken = new TreeSet<>();
    publication
        .tables()
        .forEach(
            (id, sent) -> {
              TableFacts table = tables.find(id);
              if (table != null && !ours.contains(id)) {
                broken(table, publication.operations(), sent)
                    .ifPresent(part -> broken.add(part.id().toString()));
              }
            });
    if (!broken.isEmpty()) {
      found.add(
          Problem.OUTAGE_ALREADY,
          "publication " + name,
          "the application's UPDATE and DELETE fail for published tables that no rule names, as"
              + " their replica identity is missing or not published: "
              + some(broken),
          "give them a primary key or REPLICA IDENTITY FULL, or publish only the tables that rules"
              + " name",
          List.of());
    }
  }

  /**
   * The columns that are sent.
   *
   * @param sent null for a table that we would publish: then with its stored generated columns
   */
  Set<String> sentColumns(TableFacts table, @Nullable Sent sent) {
    Set<String> listed = sent == null ? null : sent.columns();
    if (listed != null) {
      return listed;
    }
    Set<String> columns = tables.plainColumns(table);
    if (sent == null && tables.canSendStored()) {
      columns.addAll(table.storedColumns());
    }
    return columns;
  }

  /** At most ten names. */
  static String some(Collection<String> names) {
    String first = String.join(", ", names.stream().limit(10).toList());
    return names.size() > 10 ? first + " and " + (names.size() - 10) + " more" : first;
  }
}
