package io.rowbell.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * A table at one moment: its columns in order, its key, and what PostgreSQL logs of an old row.
 *
 * <p>Immutable. A source gives every row of one version of a table the same instance, so a new
 * instance is how a reader notices that a table was altered; {@link #equals} tells whether anything
 * did change.
 */
public final class TableSchema {
  private final TableId id;
  private final List<Column> columns;
  private final List<Integer> primaryKey;
  private final ReplicaIdentity replicaIdentity;
  private final List<Integer> identity;
  private final Map<String, Integer> indexes = new HashMap<>();

  /**
   * @param id the table's name; for a row of a partition published by way of its root, the root's
   * @param columns in the table's order
   * @param primaryKey the indexes of the primary key's columns, in the key's order; empty without
   *     one
   * @param replicaIdentity what is logged of an old row
   * @param identity the indexes of the columns that are logged of an old row: all of them for FULL,
   *     none for NOTHING or a DEFAULT without primary key
   * @throws IllegalArgumentException if two columns share a name or an index is out of range
   */
  public TableSchema(
      TableId id,
      List<Column> columns,
      List<Integer> primaryKey,
      ReplicaIdentity replicaIdentity,
      List<Integer> identity) {
    this.id = Objects.requireNonNull(id, "id");
    this.columns = List.copyOf(columns);
    this.primaryKey = List.copyOf(primaryKey);
    this.replicaIdentity = Objects.requireNonNull(replicaIdentity, "replicaIdentity");
    this.identity = List.copyOf(identity);
    for (int i = 0; i < this.columns.size(); i++) {
      if (indexes.put(this.columns.get(i).name(), i) != null) {
        throw new IllegalArgumentException(
            id + " has two columns '" + this.columns.get(i).name() + "'");
      }
    }
    this.primaryKey.forEach(i -> Objects.checkIndex(i, this.columns.size()));
    this.identity.forEach(i -> Objects.checkIndex(i, this.columns.size()));
  }

  /** The table's name. */
  public TableId id() {
    return id;
  }

  /** The columns in the table's order. */
  public List<Column> columns() {
    return columns;
  }

  /** The column at an index. */
  public Column column(int index) {
    return columns.get(index);
  }

  /** The index of a column, found by its exact name. */
  public OptionalInt indexOf(String column) {
    Integer index = indexes.get(column);
    return index == null ? OptionalInt.empty() : OptionalInt.of(index);
  }

  /** The indexes of the primary key's columns, in the key's order; empty without a primary key. */
  public List<Integer> primaryKey() {
    return primaryKey;
  }

  /** What PostgreSQL logs of an old row. */
  public ReplicaIdentity replicaIdentity() {
    return replicaIdentity;
  }

  /** The indexes of the columns that are logged of an old row. */
  public List<Integer> identity() {
    return identity;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TableSchema that
        && id.equals(that.id)
        && columns.equals(that.columns)
        && primaryKey.equals(that.primaryKey)
        && replicaIdentity == that.replicaIdentity
        && identity.equals(that.identity);
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, columns, primaryKey, replicaIdentity, identity);
  }

  @Override
  public String toString() {
    return id + columns.toString();
  }
}
