package io.rowbell.language.expression;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Arithmetic as PostgreSQL's {@code numeric} does it: exact but for quotients, and with NaN and the
 * infinities, which are Doubles here. NaN equals NaN and is greater than all else, for float8 too.
 */
final class Numbers {
  /** Digits before the point that PostgreSQL's numeric can hold. */
  private static final int MAX_WHOLE_DIGITS = 131_072;

  /** Digits behind the point that PostgreSQL's numeric can hold. */
  private static final int MAX_SCALE = 16_383;

  private Numbers() {}

  /** Orders two numerics by value. */
  static int compare(Object a, Object b) {
    if (a instanceof BigDecimal x && b instanceof BigDecimal y) {
      return x.compareTo(y);
    }
    return compareDoubles(special(a), special(b));
  }

  /** Orders two doubles as PostgreSQL does: zeros are equal, NaN equals NaN and is the greatest. */
  static int compareDoubles(double a, double b) {
    if (a < b) {
      return -1;
    }
    if (a > b) {
      return 1;
    }
    if (a == b) {
      return 0;
    }
    return Boolean.compare(Double.isNaN(a), Double.isNaN(b));
  }

  /** Orders an integer and a double by value, without rounding either. */
  static int compareIntWithDouble(long a, double b) {
    double rounded = a;
    if (rounded != b || Double.isNaN(b)) {
      return compareDoubles(rounded, b);
    }
    return b >= 0x1p63 ? -1 : Long.compare(a, (long) b);
  }

  static Object add(Object a, Object b) {
    if (a instanceof BigDecimal x && b instanceof BigDecimal y) {
      return bounded(x.add(y));
    }
    return finished(special(a) + special(b));
  }

  static Object subtract(Object a, Object b) {
    if (a instanceof BigDecimal x && b instanceof BigDecimal y) {
      return bounded(x.subtract(y));
    }
    return finished(special(a) - special(b));
  }

  static Object multiply(Object a, Object b) {
    if (a instanceof BigDecimal x && b instanceof BigDecimal y) {
      return bounded(x.multiply(y));
    }
    return finished(special(a) * special(b));
  }

  /** The quotient in DECIMAL128: 34 digits, half even. */
  static Object divide(Object a, Object b) {
    if (signum(b) == 0) {
      throw divisionByZero();
    }
    if (a instanceof BigDecimal x && b instanceof BigDecimal y) {
      return bounded(x.divide(y, MathContext.DECIMAL128));
    }
    return finished(special(a) / special(b));
  }

  /** The rest of a division, with the sign of {@code a}. */
  static Object remainder(Object a, Object b) {
    if (signum(b) == 0) {
      throw divisionByZero();
    }
    if (a instanceof BigDecimal x && b instanceof BigDecimal y) {
      // BigDecimal's own remainder takes minutes for the widest numbers that PostgreSQL has.
      int scale = Math.max(x.scale(), y.scale());
      BigInteger dividend = x.setScale(scale).unscaledValue();
      return new BigDecimal(dividend.remainder(y.setScale(scale).unscaledValue()), scale);
    }
    // A finite number is its own rest by an infinite one.
    return a instanceof BigDecimal && !isNaN(b) ? a : Double.NaN;
  }

  static Object negate(Object a) {
    return a instanceof BigDecimal x ? x.negate() : (Object) (0 - (Double) a);
  }

  static Object abs(Object a) {
    return a instanceof BigDecimal x ? x.abs() : (Object) Math.abs((Double) a);
  }

  static Object round(Object a, int scale, RoundingMode mode) {
    if (a instanceof BigDecimal x) {
      return x.setScale(Math.min(scale, Math.max(x.scale(), 0)), mode);
    }
    return a;
  }

  /** -1, 0 or 1; 1 for NaN, which is greater than all else. */
  static int signum(Object a) {
    return a instanceof BigDecimal x ? x.signum() : compareDoubles((Double) a, 0.0);
  }

  static boolean isNaN(Object a) {
    return a instanceof Double d && d.isNaN();
  }

  /** The nearest double. */
  static double toDouble(Object a) {
    return a instanceof BigDecimal x ? x.doubleValue() : (Double) a;
  }

  /** The value that the double's shortest text names: 0.1 is 0.1. */
  static Object toDecimal(double a) {
    return Double.isFinite(a) ? new BigDecimal(CanonicalText.of(a)) : (Object) a;
  }

  /** Without its fraction, as CEL's int() does it. */
  static long toLong(Object a) {
    if (a instanceof BigDecimal x) {
      // Whole digits first: the expansion of a huge exponent would not end.
      if (x.precision() - x.scale() > 19) {
        throw outOfRange("int");
      }
      try {
        return x.setScale(0, RoundingMode.DOWN).longValueExact();
      } catch (ArithmeticException e) {
        throw outOfRange("int");
      }
    }
    throw outOfRange("int");
  }

  static long toLong(double a) {
    if (a >= -0x1p63 && a < 0x1p63) {
      return (long) a;
    }
    throw outOfRange("int");
  }

  /**
   * Reads a numeric's text.
   *
   * @throws EvaluationException with X405 if it is none
   */
  static Object parse(String text) {
    String word = text.strip();
    if (word.equals("NaN")) {
      return Double.NaN;
    }
    if (word.equals("Infinity") || word.equals("-Infinity")) {
      return word.equals("Infinity") ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    }
    if (word.length() > MAX_WHOLE_DIGITS + MAX_SCALE + 16) {
      throw outOfRange("numeric");
    }
    try {
      return bounded(new BigDecimal(word));
    } catch (NumberFormatException e) {
      throw new EvaluationException("X405", "the text is no number");
    }
  }

  static EvaluationException divisionByZero() {
    return new EvaluationException("X404", "division by zero");
  }

  static EvaluationException overflow() {
    return new EvaluationException("X401", "integer overflow");
  }

  static EvaluationException outOfRange(String type) {
    return new EvaluationException("X407", "the number is out of the range of " + type);
  }

  /** What PostgreSQL's numeric can hold; more digits behind the point are rounded away as there. */
  private static BigDecimal bounded(BigDecimal x) {
    int scale = x.scale();
    if (scale <= MAX_SCALE && (scale >= 0 || x.signum() == 0)) {
      if (x.precision() - scale <= MAX_WHOLE_DIGITS) {
        return scale < 0 ? x.setScale(0) : x;
      }
      throw outOfRange("numeric");
    }
    if ((long) x.precision() - scale > MAX_WHOLE_DIGITS) {
      throw outOfRange("numeric");
    }
    if ((long) x.precision() - scale < -MAX_SCALE) {
      return BigDecimal.ZERO;
    }
    return scale < 0 ? x.setScale(0) : x.setScale(MAX_SCALE, RoundingMode.HALF_UP);
  }

  /** A number of which, beside NaN or an infinity, only the sign matters. */
  private static double special(Object a) {
    return a instanceof BigDecimal x ? x.signum() : (Double) a;
  }

  private static Object finished(double result) {
    return Double.isFinite(result) ? BigDecimal.ZERO : (Object) result;
  }
}
