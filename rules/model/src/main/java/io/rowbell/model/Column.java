package io.rowbell.model;

import java.util.Objects;

/**
 * A column of a table.
 *
 * @param name as the catalog spells it
 * @param type what its values are
 * @param nullable whether NULL is allowed; true where it is not known
 */
public record Column(String name, ColumnType type, boolean nullable) {
  public Column {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
  }
}
