package io.rowbell.language.expression;

/** A comparison's operator. */
enum Relation {
  LESS("<", 1),
  LESS_OR_EQUAL("<=", 3),
  GREATER(">", 4),
  GREATER_OR_EQUAL(">=", 6),
  EQUAL("==", 2),
  NOT_EQUAL("!=", 5);

  final String symbol;

  /** Bit 0: holds for less; bit 1: for equal; bit 2: for greater. */
  private final int holds;

  Relation(String symbol, int holds) {
    this.symbol = symbol;
    this.holds = holds;
  }

  /** Whether it holds between values that a comparator ordered so. */
  boolean holds(int order) {
    return ((holds >> (order < 0 ? 0 : order == 0 ? 1 : 2)) & 1) != 0;
  }

  /** The relation with its operands changed over. */
  Relation flipped() {
    return switch (this) {
      case LESS -> GREATER;
      case LESS_OR_EQUAL -> GREATER_OR_EQUAL;
      case GREATER -> LESS;
      case GREATER_OR_EQUAL -> LESS_OR_EQUAL;
      default -> this;
    };
  }

  /** Whether it asks for the same or not the same, which null can answer. */
  boolean equality() {
    return this == EQUAL || this == NOT_EQUAL;
  }
}
