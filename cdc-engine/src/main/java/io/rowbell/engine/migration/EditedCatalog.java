package io.rowbell.engine.migration;

import io.rowbell.engine.migration.Migration.Note;
import io.rowbell.model.Catalog;
import io.rowbell.model.ColumnType;
import io.rowbell.model.TableId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The tables while a migration is gone through. */
final class EditedCatalog {
  private final Map<TableId, EditedTable> tables = new TreeMap<>();
  private final Map<String, List<String>> enums = new HashMap<>();
  private final List<Note> notes = new ArrayList<>();
  private final List<String> original;
  private List<String> searchPath;

  EditedCatalog(Catalog before) {
    original = before.searchPath();
    searchPath = original;
    before.tables().forEach((id, table) -> tables.put(id, new EditedTable(table)));
    before.tables().values().stream()
        .flatMap(table -> table.columns().stream())
        .forEach(column -> learn(column.type()));
  }

  private void learn(ColumnType type) {
    if (type.kind() == ColumnType.Kind.ENUM) {
      enums.put(type.sqlName(), type.labels());
    }
    ColumnType element = type.element();
    if (element != null) {
      learn(element);
    }
  }

  /** The tables as they are now; a changed search path was the migration's own. */
  Catalog catalog() {
    return new Catalog(
        original,
        tables.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().build(e.getKey()))));
  }

  List<Note> notes() {
    return notes;
  }

  void note(int line, boolean understood, String what) {
    notes.add(new Note(line, understood, what));
  }

  /**
   * Notes what may take the replica identity from tables.
   *
   * @param what begins the sentence
   */
  void noteIdentityMayGo(int line, String what, List<TableId> from) {
    note(
        line,
        false,
        what
            + " the replica identity of "
            + from.stream().map(TableId::toString).collect(Collectors.joining(", "))
            + ": without it PostgreSQL refuses UPDATE and DELETE of a published table");
  }

  void searchPath(List<String> schemas) {
    searchPath = schemas;
  }

  /** The table that a name means; where a new one of that name would be, if there is none. */
  TableId id(@Nullable String schema, String name) {
    if (schema != null) {
      return new TableId(schema, name);
    }
    return searchPath.stream()
        .map(each -> new TableId(each, name))
        .filter(tables::containsKey)
        .findFirst()
        .orElse(new TableId(searchPath.isEmpty() ? "public" : searchPath.get(0), name));
  }

  /** The tables that have an index as their replica identity. */
  List<TableId> identifiedByIndex() {
    return tables.entrySet().stream()
        .filter(entry -> entry.getValue().isIdentifiedByIndex())
        .map(Map.Entry::getKey)
        .toList();
  }

  @Nullable EditedTable get(TableId id) {
    return tables.get(id);
  }

  void put(TableId id, EditedTable table) {
    tables.put(id, table);
  }

  void drop(TableId id) {
    tables.remove(id);
  }

  void dropSchema(String schema) {
    tables.keySet().removeIf(id -> id.schema().equals(schema));
  }

  void rename(TableId from, TableId to) {
    EditedTable table = tables.remove(from);
    if (table != null) {
      tables.put(to, table);
    }
  }

  void renameSchema(String from, String to) {
    List.copyOf(tables.keySet()).stream()
        .filter(id -> id.schema().equals(from))
        .forEach(id -> rename(id, new TableId(to, id.name())));
  }

  /** The labels of an enum that a column has or the migration made; null for any other type. */
  @Nullable List<String> labels(String type) {
    return enums.get(type);
  }

  void makeEnum(String type, List<String> labels) {
    enums.put(type, labels);
  }

  void relabel(String type, List<String> labels) {
    enums.put(type, labels);
    retypeAll(type, of -> ColumnType.enumOf(of.sqlName(), labels));
  }

  void renameType(String type, String to) {
    List<String> labels = enums.remove(type);
    if (labels != null) {
      enums.put(to, labels);
    }
    retypeAll(type, of -> new ColumnType(of.kind(), to, of.element(), of.labels()));
  }

  void dropType(String type) {
    enums.remove(type);
    tables.values().forEach(table -> table.dropAllOf(type));
  }

  private void retypeAll(String type, UnaryOperator<ColumnType> change) {
    tables.values().forEach(table -> table.retypeAll(of -> retyped(of, type, change)));
  }

  private static ColumnType retyped(ColumnType of, String type, UnaryOperator<ColumnType> change) {
    ColumnType element = of.element();
    if (element != null) {
      return ColumnType.arrayOf(retyped(element, type, change));
    }
    return of.sqlName().equals(type) ? change.apply(of) : of;
  }
}
