package io.rowbell.language.expression;

/**
 * What a condition asks of one column of a row, whatever its other columns: where the test does not
 * hold of a value, the condition is false, and evaluating it would neither fail nor be unknown. Of
 * a value that was not logged or cannot be read that is not said.
 */
public sealed interface ColumnTest permits Equality, Range {
  /** The index of the column. */
  int column();
}
