package io.rowbell.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tables of a database that rules may name.
 *
 * @param searchPath the schemas in which a table without a schema is looked up, in order
 * @param tables every table, by its name
 */
public record Catalog(List<String> searchPath, Map<TableId, TableSchema> tables) {
  public Catalog {
    searchPath = List.copyOf(searchPath);
    tables = Map.copyOf(tables);
  }

  /** The first table of that name on the search path. */
  public Optional<TableSchema> find(String name) {
    return searchPath.stream()
        .map(schema -> tables.get(new TableId(schema, name)))
        .filter(java.util.Objects::nonNull)
        .findFirst();
  }

  /** The table of that name. */
  public Optional<TableSchema> find(TableId id) {
    return Optional.ofNullable(tables.get(id));
  }

  /** This catalog with one table added, or replaced by its newer version. */
  public Catalog with(TableSchema table) {
    Map<TableId, TableSchema> changed = new java.util.HashMap<>(tables);
    changed.put(table.id(), table);
    return new Catalog(searchPath, changed);
  }
}
