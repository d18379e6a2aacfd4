package io.rowbell.engine.migration;

import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** A table that is being altered; its key and identity are kept by name. */
final class EditedTable {
  private final List<Column> columns;
  private List<String> primaryKey;
  private ReplicaIdentity replicaIdentity;
  private List<String> index;

  EditedTable(TableSchema table) {
    columns = new ArrayList<>(table.columns());
    primaryKey = names(table, table.primaryKey());
    replicaIdentity = table.replicaIdentity();
    index = replicaIdentity == ReplicaIdentity.INDEX ? names(table, table.identity()) : List.of();
  }

  /** A table without columns. */
  static EditedTable empty(TableId id) {
    return new EditedTable(
        new TableSchema(id, List.of(), List.of(), ReplicaIdentity.DEFAULT, List.of()));
  }

  private static List<String> names(TableSchema table, List<Integer> indexes) {
    return indexes.stream().map(i -> table.column(i).name()).toList();
  }

  TableSchema build(TableId id) {
    List<String> names = columns.stream().map(Column::name).toList();
    List<Integer> key = primaryKey.stream().map(names::indexOf).toList();
    List<Integer> identity =
        switch (replicaIdentity) {
          case FULL -> IntStream.range(0, names.size()).boxed().toList();
          case DEFAULT -> key;
          case INDEX -> index.stream().map(names::indexOf).toList();
          case NOTHING -> List.of();
        };
    return new TableSchema(id, columns, key, replicaIdentity, identity);
  }

  boolean has(String column) {
    return columns.stream().anyMatch(c -> c.name().equals(column));
  }

  void add(Column column) {
    columns.add(column);
  }

  /** Drops a column, and with it a key that it is part of. */
  void drop(String column) {
    columns.removeIf(c -> c.name().equals(column));
    if (primaryKey.contains(column)) {
      primaryKey = List.of();
    }
    if (index.contains(column)) {
      index = List.of();
    }
  }

  void rename(String column, String to) {
    change(column, c -> new Column(to, c.type(), c.nullable()));
    primaryKey = renamed(primaryKey, column, to);
    index = renamed(index, column, to);
  }

  private static List<String> renamed(List<String> names, String from, String to) {
    return names.stream().map(name -> name.equals(from) ? to : name).toList();
  }

  void retype(String column, ColumnType type) {
    change(column, c -> new Column(c.name(), type, c.nullable()));
  }

  void nullable(String column, boolean nullable) {
    change(column, c -> new Column(c.name(), c.type(), nullable));
  }

  private void change(String column, UnaryOperator<Column> change) {
    columns.replaceAll(c -> c.name().equals(column) ? change.apply(c) : c);
  }

  /** Alters the types of all columns. */
  void retypeAll(UnaryOperator<ColumnType> change) {
    columns.replaceAll(c -> new Column(c.name(), change.apply(c.type()), c.nullable()));
  }

  void dropAllOf(String sqlType) {
    List<String> gone =
        columns.stream()
            .filter(c -> element(c.type()).sqlName().equals(sqlType))
            .map(Column::name)
            .toList();
    gone.forEach(this::drop);
  }

  private static ColumnType element(ColumnType type) {
    ColumnType element = type.element();
    return element == null ? type : element(element);
  }

  /** Sets the primary key, whose columns are not null then; an empty one drops it. */
  void primaryKey(List<String> names) {
    primaryKey = names.stream().filter(this::has).toList();
    primaryKey.forEach(name -> nullable(name, false));
  }

  boolean isIdentifiedByIndex() {
    return replicaIdentity == ReplicaIdentity.INDEX;
  }

  /**
   * @param columnsOfIndex for INDEX, its columns; else empty
   */
  void replicaIdentity(ReplicaIdentity identity, List<String> columnsOfIndex) {
    replicaIdentity = identity;
    index = columnsOfIndex.stream().filter(this::has).toList();
  }

  List<String> primaryKey() {
    return primaryKey;
  }
}
