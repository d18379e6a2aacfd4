package io.rowbell.language.expression;

import io.rowbell.language.expression.RowNodes.ColumnNode;
import io.rowbell.model.Row;
import java.math.BigDecimal;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A comparison of two operands of one type. Ordering with null is unknown, equality with null is
 * not; with a value that was not logged both are.
 *
 * <p>The frequent types have a {@code test} of their own: the virtual machine then inlines the
 * comparison itself.
 */
abstract class Comparison extends Node.Condition {
  final Relation relation;
  final Node left;
  final Node right;

  private Comparison(Relation relation, Node left, Node right) {
    this.relation = relation;
    this.left = left;
    this.right = right;
  }

  @Override
  final Shape shape(Images images) {
    return strict(type(), images, left, right);
  }

  /** Integers. */
  static Node ofInts(Relation relation, Node left, Node right) {
    return new Ints(relation, left, right);
  }

  /** Numerics; a quotient among them is compared by cross-multiplication. */
  static Node ofDecimals(Relation relation, Node left, Node right) {
    if (left instanceof Quotient || right instanceof Quotient) {
      return new Quotients(relation, Quotient.of(left), Quotient.of(right));
    }
    return new Decimals(relation, left, right);
  }

  /** Text and its stricter forms. */
  static Node ofTexts(Relation relation, Node left, Node right) {
    return relation.equality()
        ? new SameText(relation, left, right)
        : new Ordered(relation, left, right, (a, b) -> Texts.compare((String) a, (String) b));
  }

  /** Any type with a comparator: for values that are known. */
  static Node of(Relation relation, Node left, Node right, Comparator<Object> order) {
    return new Ordered(relation, left, right, order);
  }

  /** {@code x == null}, {@code x != null}. */
  static IsNull isNull(Relation relation, Node operand) {
    return new IsNull(relation == Relation.EQUAL, operand);
  }

  /** The truth where an operand is null, unknown or not logged. */
  final Truth lackingTruth(@Nullable Object a, @Nullable Object b) {
    if (a == Row.NOT_LOGGED || b == Row.NOT_LOGGED) {
      return Truth.NOT_LOGGED;
    }
    if (!relation.equality() || a == UNKNOWN || b == UNKNOWN) {
      return Truth.UNKNOWN;
    }
    return Truth.of((a == b) == (relation == Relation.EQUAL));
  }

  private static final class Ints extends Comparison {
    Ints(Relation relation, Node left, Node right) {
      super(relation, left, right);
    }

    @Override
    Truth test(Evaluation e) {
      Object a = left.eval(e);
      Object b = right.eval(e);
      return a instanceof Long x && b instanceof Long y
          ? Truth.of(relation.holds(Long.compare(x, y)))
          : lackingTruth(a, b);
    }
  }

  private static final class Decimals extends Comparison {
    Decimals(Relation relation, Node left, Node right) {
      super(relation, left, right);
    }

    @Override
    Truth test(Evaluation e) {
      Object a = left.eval(e);
      Object b = right.eval(e);
      if (a instanceof BigDecimal x && b instanceof BigDecimal y) {
        return Truth.of(relation.holds(x.compareTo(y)));
      }
      return a != null && b != null && known(a) && known(b)
          ? Truth.of(relation.holds(Numbers.compare(a, b)))
          : lackingTruth(a, b);
    }
  }

  private static final class SameText extends Comparison {
    SameText(Relation relation, Node left, Node right) {
      super(relation, left, right);
    }

    @Override
    Truth test(Evaluation e) {
      Object a = left.eval(e);
      Object b = right.eval(e);
      return a instanceof String x && b instanceof String y
          ? Truth.of(x.equals(y) == (relation == Relation.EQUAL))
          : lackingTruth(a, b);
    }
  }

  private static final class Ordered extends Comparison {
    private final Comparator<Object> order;

    Ordered(Relation relation, Node left, Node right, Comparator<Object> order) {
      super(relation, left, right);
      this.order = order;
    }

    @Override
    Truth test(Evaluation e) {
      Object a = left.eval(e);
      Object b = right.eval(e);
      return a != null && b != null && known(a) && known(b)
          ? Truth.of(relation.holds(order.compare(a, b)))
          : lackingTruth(a, b);
    }
  }

  /** {@code a / b} against {@code c / d}, exactly: a × d against c × b. */
  private static final class Quotients extends Comparison {
    private final Quotient first;
    private final Quotient second;

    Quotients(Relation relation, Quotient first, Quotient second) {
      super(relation, first, second);
      this.first = first;
      this.second = second;
    }

    @Override
    Truth test(Evaluation e) {
      Object a = first.numerator.eval(e);
      Object b = first.denominator.eval(e);
      Object c = second.numerator.eval(e);
      Object d = second.denominator.eval(e);
      if (a instanceof BigDecimal n1
          && b instanceof BigDecimal d1
          && c instanceof BigDecimal n2
          && d instanceof BigDecimal d2
          && d1.signum() != 0
          && d2.signum() != 0) {
        int order = n1.multiply(d2).compareTo(n2.multiply(d1));
        return Truth.of(relation.holds(d1.signum() == d2.signum() ? order : -order));
      }
      Object x = first.divide(a, b);
      Object y = second.divide(c, d);
      return x != null && y != null && known(x) && known(y)
          ? Truth.of(relation.holds(Numbers.compare(x, y)))
          : lackingTruth(x, y);
    }
  }

  /** Whether a value is null, which every value but an unknown one can answer. */
  static final class IsNull extends Node.Condition {
    final boolean wanted;
    final Node operand;

    private IsNull(boolean wanted, Node operand) {
      this.wanted = wanted;
      this.operand = operand;
    }

    /** A column answers it always; what follows from null does not. */
    @Override
    Shape shape(Images images) {
      Shape shape = strict(type(), images, operand);
      boolean answers = operand instanceof ColumnNode || operand instanceof RowNodes.Whole;
      return answers ? Shape.of(type()).orOmitted(shape.omittable()) : shape;
    }

    @Override
    Truth test(Evaluation e) {
      Object value = operand.eval(e);
      if (value == Row.NOT_LOGGED) {
        return Truth.NOT_LOGGED;
      }
      return value == UNKNOWN ? Truth.UNKNOWN : Truth.of((value == null) == wanted);
    }
  }
}
