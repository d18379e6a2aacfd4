package io.rowbell.language.expression;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * A quotient of two numerics, not yet divided: comparing it multiplies crosswise and stays exact;
 * multiplying it, negating it and taking its magnitude do too. Its value is DECIMAL128.
 */
final class Quotient extends Node {
  private static final Constant ONE = new Constant(Type.DECIMAL, BigDecimal.ONE);

  final Node numerator;
  final Node denominator;

  /** What a denominator of zero means: an error, or (for a change from nothing) unknown. */
  private final boolean zeroIsUnknown;

  Quotient(Node numerator, Node denominator, boolean zeroIsUnknown) {
    super(Type.DECIMAL);
    this.numerator = numerator;
    this.denominator = denominator;
    this.zeroIsUnknown = zeroIsUnknown;
  }

  /** Any numeric as a quotient. */
  static Quotient of(Node node) {
    return node instanceof Quotient quotient ? quotient : new Quotient(node, ONE, false);
  }

  Quotient times(Node factor) {
    return new Quotient(Arithmetic.multiply(numerator, factor), denominator, zeroIsUnknown);
  }

  Quotient negated() {
    return new Quotient(Arithmetic.negate(numerator), denominator, zeroIsUnknown);
  }

  Quotient magnitude() {
    return new Quotient(
        Strict.of(Type.DECIMAL, numerator, Numbers::abs),
        Strict.of(Type.DECIMAL, denominator, Numbers::abs),
        zeroIsUnknown);
  }

  @Override
  boolean constant() {
    return numerator.constant() && denominator.constant();
  }

  @Override
  Shape shape(Images images) {
    return strict(type(), images, numerator, denominator).orNull(zeroIsUnknown);
  }

  @Override
  @Nullable Object eval(Evaluation e) {
    return divide(numerator.eval(e), denominator.eval(e));
  }

  /** The value for a numerator and a denominator that were evaluated already. */
  @Nullable Object divide(@Nullable Object a, @Nullable Object b) {
    if (a == null || b == null || !known(a) || !known(b)) {
      return lacking(a, b);
    }
    if (zeroIsUnknown && Numbers.signum(b) == 0) {
      return UNKNOWN;
    }
    return denominator == ONE ? a : Numbers.divide(a, b);
  }
}
