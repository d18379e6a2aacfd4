package io.rowbell.model;

import java.util.Comparator;
import java.util.Objects;

/**
 * The name of a table: its schema and its own name, both as the catalog spells them (unquoted, case
 * kept).
 *
 * @param schema the schema, for example {@code public}
 * @param name the table, for example {@code orders}
 */
public record TableId(String schema, String name) implements Comparable<TableId> {
  private static final Comparator<TableId> ORDER =
      Comparator.comparing(TableId::schema).thenComparing(TableId::name);

  public TableId {
    Objects.requireNonNull(schema, "schema");
    Objects.requireNonNull(name, "name");
  }

  /** The name as SQL needs it: both parts quoted where they must be. */
  public String sql() {
    return SqlIdentifier.quote(schema) + "." + SqlIdentifier.quote(name);
  }

  @Override
  public int compareTo(TableId other) {
    return ORDER.compare(this, other);
  }

  /** {@code schema.name}, unquoted: for people and for metrics, not for SQL. */
  @Override
  public String toString() {
    return schema + "." + name;
  }
}
