package io.rowbell.language.expression;

import io.rowbell.model.UnreadableValueException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code && || ! ?:} in Kleene's logic. As in CEL, an operand that fails does not matter where the
 * other decides.
 */
final class Logic {
  private Logic() {}

  /** {@code a && b}. */
  static final class And extends Node.Condition {
    final Node left;
    final Node right;

    And(Node left, Node right) {
      this.left = left;
      this.right = right;
    }

    @Override
    Shape shape(Images images) {
      return strict(type(), images, left, right);
    }

    @Override
    Truth test(Evaluation e) {
      Truth first;
      try {
        first = left.test(e);
      } catch (EvaluationException | UnreadableValueException failure) {
        if (right.test(e) == Truth.FALSE) {
          return Truth.FALSE;
        }
        throw failure;
      }
      return first == Truth.FALSE ? first : first.and(right.test(e));
    }
  }

  /** {@code a || b}. */
  static final class Or extends Node.Condition {
    final Node left;
    final Node right;

    Or(Node left, Node right) {
      this.left = left;
      this.right = right;
    }

    @Override
    Shape shape(Images images) {
      return strict(type(), images, left, right);
    }

    @Override
    Truth test(Evaluation e) {
      Truth first;
      try {
        first = left.test(e);
      } catch (EvaluationException | UnreadableValueException failure) {
        if (right.test(e) == Truth.TRUE) {
          return Truth.TRUE;
        }
        throw failure;
      }
      return first == Truth.TRUE ? first : first.or(right.test(e));
    }
  }

  /** {@code !a}. */
  static final class Not extends Node.Condition {
    final Node operand;

    Not(Node operand) {
      this.operand = operand;
    }

    @Override
    Shape shape(Images images) {
      return strict(type(), images, operand);
    }

    @Override
    Truth test(Evaluation e) {
      return operand.test(e).not();
    }
  }

  /** {@code a ? b : c}: unknown if {@code a} is. */
  static final class Choice extends Node {
    private final Node condition;
    private final Node then;
    private final Node otherwise;

    Choice(Type type, Node condition, Node then, Node otherwise) {
      super(type);
      this.condition = condition;
      this.then = then;
      this.otherwise = otherwise;
    }

    @Override
    Shape shape(Images images) {
      Shape decided = condition.shape(images);
      Shape either = Shape.union(type(), List.of(then.shape(images), otherwise.shape(images)));
      return either.orNull(decided.nullable()).orOmitted(decided.omittable() || either.omittable());
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      return switch (condition.test(e)) {
        case TRUE -> then.eval(e);
        case FALSE -> otherwise.eval(e);
        case UNKNOWN -> UNKNOWN;
        case NOT_LOGGED -> io.rowbell.model.Row.NOT_LOGGED;
      };
    }
  }
}
