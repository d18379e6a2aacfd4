package io.rowbell.model;

/**
 * A value in the log that has no representation here. Names the column, its type and what to do.
 */
public final class UnreadableValueException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message which column of which table, which type, why it cannot be read; never the value
   *     itself
   */
  public UnreadableValueException(String message) {
    super(message);
  }

  /**
   * @param message as above
   * @param cause what decoding threw
   */
  public UnreadableValueException(String message, Throwable cause) {
    super(message, cause);
  }
}
