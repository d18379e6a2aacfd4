package io.rowbell.language.expression;

import java.util.Set;

/**
 * That a column has one of several values. It does not hold of null.
 *
 * @param values texts or ints, at least one
 */
public record Equality(int column, Set<Object> values) implements ColumnTest {
  public Equality {
    values = Set.copyOf(values);
  }
}
