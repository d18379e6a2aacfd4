package io.rowbell.language.expression;

import io.rowbell.language.expression.Node.Constant;
import io.rowbell.language.expression.Type.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which type several operands have in common, and the nodes that bring them there. */
final class Conversions {
  private Conversions() {}

  /** Whether an exact and an approximate number would meet. Constants go either way. */
  static boolean mixesNumericAndDouble(Node a, Node b) {
    return (a.type().is(Kind.DECIMAL) && b.type().is(Kind.DOUBLE) && !a.constant())
        || (b.type().is(Kind.DECIMAL) && a.type().is(Kind.DOUBLE) && !b.constant());
  }

  static Type numberType(Node a, Node b) {
    if (a.type().is(Kind.DOUBLE) || b.type().is(Kind.DOUBLE)) {
      return Type.DOUBLE;
    }
    return a.type().is(Kind.DECIMAL) || b.type().is(Kind.DECIMAL) ? Type.DECIMAL : Type.INT;
  }

  /** The type that all can be converted to; null if there is none, or nothing at all. */
  static @Nullable Type unified(List<Node> nodes) {
    Node first = null;
    Type type = null;
    for (Node node : nodes) {
      if (node.type().is(Kind.NULL)) {
        continue;
      }
      Type next = type == null || first == null ? node.type() : unified(type, first, node);
      if (next == null) {
        return null;
      }
      // One that is no constant decides whether numeric and double may meet.
      first = first == null || first.constant() ? node : first;
      type = next;
    }
    return type == null && !nodes.isEmpty() ? Type.NULL : type;
  }

  private static @Nullable Type unified(Type type, Node first, Node node) {
    if (type.equals(node.type())) {
      return type;
    }
    if (type.number() && node.type().number()) {
      return mixesNumericAndDouble(first, node)
          ? null
          : type.is(Kind.DOUBLE) || node.type().is(Kind.DOUBLE)
              ? Type.DOUBLE
              : type.is(Kind.DECIMAL) || node.type().is(Kind.DECIMAL) ? Type.DECIMAL : Type.INT;
    }
    if (type.textual() && node.type().textual()) {
      return Type.TEXT;
    }
    if (type.rows() != null || node.type().rows() != null) {
      return null;
    }
    if (type.element() != null && node.type().element() != null) {
      return Type.listOf(Type.JSON);
    }
    return jsonLike(type)
            && jsonLike(node.type())
            && (type.is(Kind.JSON) || node.type().is(Kind.JSON))
        ? Type.JSON
        : null;
  }

  /** A number as the type it is computed in; everything else as it is. */
  static Node convert(Node node, Type to) {
    return switch (to.kind()) {
      case DECIMAL -> node.type().is(Kind.INT) ? toDecimal(node) : node;
      case DOUBLE -> toDouble(node);
      default -> node;
    };
  }

  static Node toDecimal(Node node) {
    if (!node.type().is(Kind.INT)) {
      return node;
    }
    Node converted =
        Strict.of(Type.DECIMAL, node, value -> java.math.BigDecimal.valueOf((Long) value));
    return node.constant()
        ? new Constant(Type.DECIMAL, converted.eval(new Evaluation()))
        : converted;
  }

  static Node toDouble(Node node) {
    if (!node.type().number() || node.type().is(Kind.DOUBLE)) {
      return node;
    }
    Node converted =
        Strict.of(
            Type.DOUBLE,
            node,
            value ->
                value instanceof Long number
                    ? number.doubleValue()
                    : (Object) Numbers.toDouble(value));
    return node.constant()
        ? new Constant(Type.DOUBLE, converted.eval(new Evaluation()))
        : converted;
  }

  /** Whether JSON has values of a type. */
  static boolean jsonLike(Type type) {
    return switch (type.kind()) {
      case JSON, MAP, LIST, BOOLEAN, INT, DECIMAL, DOUBLE, NULL -> true;
      default -> type.textual();
    };
  }
}
