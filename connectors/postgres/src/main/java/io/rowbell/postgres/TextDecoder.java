package io.rowbell.postgres;

/**
 * Turns what PostgreSQL prints for a value of one type, in a session of {@link SqlConnections},
 * into the canonical Java value that {@link io.rowbell.model.ColumnType.Kind} documents. The text
 * is that of the type's output function, as {@code SELECT column} and pgoutput send it; {@code
 * column::text} differs for char(n), inet and bool. Immutable, but for noticing new enum labels;
 * safe for any thread.
 */
@FunctionalInterface
interface TextDecoder {
  /**
   * @param text what PostgreSQL sent; SQL's NULL has no text and is the caller's
   * @throws IllegalArgumentException if it is no value of the type; the message never holds the
   *     value
   */
  Object decode(String text);
}
