package io.rowbell.language.expression;

/** The nodes of {@code + - * / %} on numbers. */
final class Arithmetic {
  private Arithmetic() {}

  /** {@code a op b} of one type of number. */
  static Node of(String op, Node a, Node b) {
    return switch (a.type().kind()) {
      case INT -> ints(op, a, b);
      case DOUBLE -> doubles(op, a, b);
      default -> decimals(op, a, b);
    };
  }

  /** {@code -a}. */
  static Node negate(Node a) {
    return switch (a.type().kind()) {
      case INT -> Strict.of(Type.INT, a, x -> Integers.negate((Long) x));
      case DOUBLE -> Strict.of(Type.DOUBLE, a, x -> -(Double) x);
      default ->
          a instanceof Quotient quotient
              ? quotient.negated()
              : Strict.of(Type.DECIMAL, a, Numbers::negate);
    };
  }

  /** The product of two numerics. */
  static Node multiply(Node a, Node b) {
    if (a instanceof Quotient quotient && !(b instanceof Quotient)) {
      return quotient.times(b);
    }
    if (b instanceof Quotient quotient && !(a instanceof Quotient)) {
      return quotient.times(a);
    }
    return Strict.of(Type.DECIMAL, a, b, Numbers::multiply);
  }

  private static Node ints(String op, Node a, Node b) {
    return Strict.of(
        Type.INT,
        a,
        b,
        switch (op) {
          case "+" -> (x, y) -> Integers.add((Long) x, (Long) y);
          case "-" -> (x, y) -> Integers.subtract((Long) x, (Long) y);
          case "*" -> (x, y) -> Integers.multiply((Long) x, (Long) y);
          case "/" -> (x, y) -> Integers.divide((Long) x, (Long) y);
          default -> (x, y) -> Integers.remainder((Long) x, (Long) y);
        });
  }

  private static Node doubles(String op, Node a, Node b) {
    return Strict.of(
        Type.DOUBLE,
        a,
        b,
        switch (op) {
          case "+" -> (x, y) -> (Double) x + (Double) y;
          case "-" -> (x, y) -> (Double) x - (Double) y;
          case "*" -> (x, y) -> (Double) x * (Double) y;
          default -> (x, y) -> divide((Double) x, (Double) y);
        });
  }

  private static Double divide(double x, double y) {
    if (y == 0) {
      throw Numbers.divisionByZero();
    }
    return x / y;
  }

  private static Node decimals(String op, Node a, Node b) {
    return switch (op) {
      case "+" -> Strict.of(Type.DECIMAL, a, b, Numbers::add);
      case "-" -> Strict.of(Type.DECIMAL, a, b, Numbers::subtract);
      case "*" -> multiply(a, b);
      case "/" -> new Quotient(a, b, false);
      default -> Strict.of(Type.DECIMAL, a, b, Numbers::remainder);
    };
  }

  /** 64-bit integers; past their range is an error, never a wrapped number. */
  static final class Integers {
    private Integers() {}

    static Long add(long a, long b) {
      long sum = a + b;
      if (((a ^ sum) & (b ^ sum)) < 0) {
        throw Numbers.overflow();
      }
      return sum;
    }

    static Long subtract(long a, long b) {
      long difference = a - b;
      if (((a ^ b) & (a ^ difference)) < 0) {
        throw Numbers.overflow();
      }
      return difference;
    }

    static Long multiply(long a, long b) {
      long high = Math.multiplyHigh(a, b);
      long low = a * b;
      if (high != low >> 63) {
        throw Numbers.overflow();
      }
      return low;
    }

    static Long divide(long a, long b) {
      if (b == 0) {
        throw Numbers.divisionByZero();
      }
      if (a == Long.MIN_VALUE && b == -1) {
        throw Numbers.overflow();
      }
      return a / b;
    }

    static Long remainder(long a, long b) {
      if (b == 0) {
        throw Numbers.divisionByZero();
      }
      return a % b;
    }

    static Long negate(long a) {
      return subtract(0, a);
    }
  }
}
