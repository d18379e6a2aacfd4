package io.rowbell.postgres;

import io.rowbell.model.Catalog;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The live tables, and what publishing them would mean for the application. */
final class Tables {
  private final Catalog catalog;
  private final Map<TableId, TableFacts> facts;
  private final ServerState server;

  Tables(Catalog catalog, Map<TableId, TableFacts> facts, ServerState server) {
    this.catalog = catalog;
    this.facts = facts;
    this.server = server;
  }

  /** A table; null if there is none, or it was made while the others were read. */
  @Nullable TableFacts find(TableId id) {
    return catalog.find(id).isPresent() ? facts.get(id) : null;
  }

  TableSchema schema(TableFacts table) {
    return catalog.find(table.id()).orElseThrow();
  }

  /** Where rows really are: the table itself, or every partition of it that has no further ones. */
  List<TableFacts> physical(TableFacts table) {
    return !table.partitioned()
        ? List.of(table)
        : facts.values().stream()
            .filter(other -> !other.partitioned() && other.ancestors().contains(table.id()))
            .filter(other -> catalog.find(other.id()).isPresent())
            .sorted(Comparator.comparing(TableFacts::id))
            .toList();
  }

  /** The columns that are logged of an old row. */
  Set<String> logged(TableFacts table) {
    TableSchema schema = schema(table);
    Set<String> names = new TreeSet<>();
    schema.identity().forEach(index -> names.add(schema.column(index).name()));
    return names;
  }

  Set<String> primaryKey(TableFacts table) {
    TableSchema schema = schema(table);
    Set<String> names = new TreeSet<>();
    schema.primaryKey().forEach(index -> names.add(schema.column(index).name()));
    return names;
  }

  /** Whether an update can show that the key of a row has changed, see {@link Relation#key}. */
  boolean keyChangesShow(TableFacts table) {
    Set<String> logged = logged(table);
    Set<String> key = primaryKey(table);
    if (key.isEmpty()) {
      return !logged.isEmpty() && !logged.equals(columns(table));
    }
    key.retainAll(logged);
    return !key.isEmpty();
  }

  Set<String> columns(TableFacts table) {
    Set<String> names = new TreeSet<>();
    schema(table).columns().forEach(column -> names.add(column.name()));
    return names;
  }

  /** The columns that are sent where nobody chose any: all but the generated ones. */
  Set<String> plainColumns(TableFacts table) {
    Set<String> names = columns(table);
    names.removeAll(table.storedColumns());
    names.removeAll(table.virtualColumns());
    return names;
  }

  /** Since PostgreSQL 18 stored generated columns can be sent. */
  boolean canSendStored() {
    return server.since(18);
  }

  /** Since PostgreSQL 15 columns and rows can be left out. */
  boolean canSendParts() {
    return server.since(15);
  }

  /** Whether every text that a rule may name can be written in the server's encoding. */
  boolean hasEveryText() {
    return server.encoding().equals("UTF8");
  }

  /**
   * Why PostgreSQL refuses the application's UPDATE and DELETE of a table whose updates or deletes
   * are published; it checks at every statement (tried on 14 and 18).
   *
   * @param table not partitioned
   * @param sent the columns that are published
   * @return empty if it does not
   */
  Optional<String> outage(TableFacts table, Set<String> sent) {
    Set<String> missing = logged(table);
    if (missing.isEmpty() && !schema(table).columns().isEmpty()) {
      return Optional.of("it has no replica identity");
    }
    missing.removeAll(sent);
    if (!canSendStored()) {
      missing.removeAll(table.storedColumns());
    }
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "its replica identity has columns that are not published: "
                + String.join(", ", missing));
  }

  /** Whether REPLICA IDENTITY FULL would make the application's UPDATE and DELETE fail for good. */
  boolean fullIsImpossible(TableFacts table) {
    return server.since(18) && !table.virtualColumns().isEmpty();
  }
}
