package io.rowbell.language.expression;

/**
 * A rule could not be evaluated for one row. Names the catalogue's code; never holds a row's value.
 */
public final class EvaluationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;

  /**
   * @param code {@code X401} integer overflow, {@code X404} division by zero, {@code X405} a value
   *     that cannot be converted, {@code X406} a list that is too long, {@code X407} a number or
   *     time out of range, {@code X408} a JSON value of another shape, {@code X409} a hole of a
   *     template without a value
   * @param message what happened, in one sentence without a full stop
   */
  public EvaluationException(String code, String message) {
    super(message);
    this.code = code;
  }

  private EvaluationException(String message) {
    super(message, null, /* enableSuppression= */ false, /* writableStackTrace= */ false);
    this.code = "X400";
  }

  /** A value depends on what the rest of the transaction brings. Cheap: it is thrown often. */
  static EvaluationException notYet() {
    return new EvaluationException("the transaction has not been read to its end");
  }

  /** The catalogue's code, for example {@code X401}. */
  public String code() {
    return code;
  }
}
