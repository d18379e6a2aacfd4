package io.rowbell.language.expression;

import io.rowbell.model.Row;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One step of an evaluation. Immutable. */
abstract class Node {
  /** The value of what follows from null: in conditions it is unknown, in data it is null. */
  static final Object UNKNOWN =
      new Object() {
        @Override
        public String toString() {
          return "(unknown)";
        }
      };

  private final Type type;

  Node(Type type) {
    this.type = type;
  }

  final Type type() {
    return type;
  }

  /** What its values look like; a node that knows no better says that anything may be missing. */
  Shape shape(Images images) {
    return Shape.anything(type);
  }

  /** Values of a type that are missing where one of the operands is. */
  static Shape strict(Type type, Images images, Node... operands) {
    boolean nullable = false;
    boolean omittable = false;
    List<Shape> elements = new ArrayList<>();
    for (Node operand : operands) {
      Shape shape = operand.shape(images);
      nullable |= shape.nullable() || operand.type().is(Type.Kind.NULL);
      omittable |= shape.omittable();
      if (shape.element() != null) {
        elements.add(shape.element());
      }
    }
    Type element = type.element();
    Shape result =
        element == null || elements.isEmpty()
            ? Shape.of(type)
            : Shape.listOf(type, Shape.union(element, elements));
    return result.orNull(nullable).orOmitted(omittable);
  }

  /** A canonical value, null, {@link #UNKNOWN} or {@link Row#NOT_LOGGED}. */
  abstract @Nullable Object eval(Evaluation e);

  /** The value as a truth: null is unknown. */
  Truth test(Evaluation e) {
    Object value = eval(e);
    if (value instanceof Boolean truth) {
      return truth ? Truth.TRUE : Truth.FALSE;
    }
    if (known(value)) {
      throw new IllegalStateException("not a condition: " + type);
    }
    return value == Row.NOT_LOGGED ? Truth.NOT_LOGGED : Truth.UNKNOWN;
  }

  /** Whether its value is the same for every change. */
  boolean constant() {
    return false;
  }

  /** Whether it is a value one can compute with. */
  static boolean known(@Nullable Object value) {
    return value != null && value != UNKNOWN && value != Row.NOT_LOGGED;
  }

  /** What becomes of a computation whose operand is not {@link #known}. */
  static Object lacking(@Nullable Object value) {
    return value == Row.NOT_LOGGED ? Row.NOT_LOGGED : UNKNOWN;
  }

  /** What becomes of a computation one of whose operands is not {@link #known}. */
  static Object lacking(@Nullable Object a, @Nullable Object b) {
    return a == Row.NOT_LOGGED || b == Row.NOT_LOGGED ? Row.NOT_LOGGED : UNKNOWN;
  }

  /** A node that comes to a truth. */
  abstract static class Condition extends Node {
    Condition() {
      super(Type.BOOLEAN);
    }

    @Override
    abstract Truth test(Evaluation e);

    @Override
    final Object eval(Evaluation e) {
      return switch (test(e)) {
        case TRUE -> true;
        case FALSE -> false;
        case UNKNOWN -> UNKNOWN;
        case NOT_LOGGED -> Row.NOT_LOGGED;
      };
    }
  }

  /** A value that never changes: a literal, a var, or what was computed from them beforehand. */
  static final class Constant extends Node {
    static final Constant NULL = new Constant(Type.NULL, null);

    private final @Nullable Object value;
    private final Truth truth;

    Constant(Type type, @Nullable Object value) {
      super(type);
      this.value = value;
      this.truth =
          value instanceof Boolean truthValue
              ? truthValue ? Truth.TRUE : Truth.FALSE
              : value == Row.NOT_LOGGED ? Truth.NOT_LOGGED : Truth.UNKNOWN;
    }

    @Nullable Object value() {
      return value;
    }

    @Override
    Shape shape(Images images) {
      return Shape.ofConstant(type(), value).orOmitted(value == Row.NOT_LOGGED);
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      return value;
    }

    @Override
    Truth test(Evaluation e) {
      return truth;
    }

    @Override
    boolean constant() {
      return true;
    }
  }
}
