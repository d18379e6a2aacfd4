package io.rowbell.language.expression;

/** What a condition comes to, in Kleene's logic. */
public enum Truth {
  FALSE,
  TRUE,
  /** Null took part in an ordering, in arithmetic or in a function. */
  UNKNOWN,
  /** A value took part that PostgreSQL did not log. */
  NOT_LOGGED;

  /** TRUE or FALSE. */
  public static Truth of(boolean value) {
    return value ? TRUE : FALSE;
  }

  /** Whether it is neither TRUE nor FALSE. */
  public boolean unknown() {
    return this != TRUE && this != FALSE;
  }

  Truth and(Truth other) {
    if (this == FALSE || other == FALSE) {
      return FALSE;
    }
    return this == TRUE ? other : other == TRUE ? this : weaker(other);
  }

  Truth or(Truth other) {
    if (this == TRUE || other == TRUE) {
      return TRUE;
    }
    return this == FALSE ? other : other == FALSE ? this : weaker(other);
  }

  Truth not() {
    return this == TRUE ? FALSE : this == FALSE ? TRUE : this;
  }

  private Truth weaker(Truth other) {
    return this == NOT_LOGGED ? this : other;
  }
}
