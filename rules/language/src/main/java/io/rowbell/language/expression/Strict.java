package io.rowbell.language.expression;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Computations that know nothing of null: where an operand is null, the result is unknown. */
final class Strict {
  private Strict() {}

  /** A computation of one operand; null, of a partial one, stands for an unknown result. */
  interface Of1 {
    @Nullable Object apply(Object a);
  }

  /** A computation of two operands; null, of a partial one, stands for an unknown result. */
  interface Of2 {
    @Nullable Object apply(Object a, Object b);
  }

  /** A computation of any number of operands. */
  interface OfAny {
    Object apply(Object[] operands);
  }

  static Node of(Type type, Node operand, Of1 body) {
    return new One(type, operand, body, false);
  }

  /** One whose result may be unknown though the operand is not null. */
  static Node partial(Type type, Node operand, Of1 body) {
    return new One(type, operand, body, true);
  }

  static Node of(Type type, Node a, Node b, Of2 body) {
    return new Two(type, a, b, body, false);
  }

  /** One whose result may be unknown though no operand is null. */
  static Node partial(Type type, Node a, Node b, Of2 body) {
    return new Two(type, a, b, body, true);
  }

  static Node of(Type type, List<Node> operands, OfAny body) {
    return new Any(type, operands.toArray(Node[]::new), body);
  }

  private static @Nullable Object finish(@Nullable Object result) {
    return result == null ? Node.UNKNOWN : result;
  }

  private static final class One extends Node {
    private final Node operand;
    private final Of1 body;
    private final boolean partial;

    One(Type type, Node operand, Of1 body, boolean partial) {
      super(type);
      this.operand = operand;
      this.body = body;
      this.partial = partial;
    }

    @Override
    Shape shape(Images images) {
      return strict(type(), images, operand).orNull(partial);
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      Object a = operand.eval(e);
      return known(a) && a != null ? finish(body.apply(a)) : lacking(a);
    }
  }

  private static final class Two extends Node {
    private final Node left;
    private final Node right;
    private final Of2 body;
    private final boolean partial;

    Two(Type type, Node left, Node right, Of2 body, boolean partial) {
      super(type);
      this.left = left;
      this.right = right;
      this.body = body;
      this.partial = partial;
    }

    @Override
    Shape shape(Images images) {
      return strict(type(), images, left, right).orNull(partial);
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      Object a = left.eval(e);
      Object b = right.eval(e);
      return a != null && b != null && known(a) && known(b)
          ? finish(body.apply(a, b))
          : lacking(a, b);
    }
  }

  private static final class Any extends Node {
    private final Node[] operands;
    private final OfAny body;

    Any(Type type, Node[] operands, OfAny body) {
      super(type);
      this.operands = operands;
      this.body = body;
    }

    @Override
    Shape shape(Images images) {
      return strict(type(), images, operands);
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      Object[] values = new Object[operands.length];
      Object lacking = null;
      for (int i = 0; i < operands.length; i++) {
        Object value = operands[i].eval(e);
        if (value != null && known(value)) {
          values[i] = value;
        } else {
          lacking = lacking == null ? lacking(value) : lacking(lacking, value);
        }
      }
      return lacking == null ? finish(body.apply(values)) : lacking;
    }
  }
}
