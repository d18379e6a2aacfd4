package io.rowbell.language.expression;

import static io.rowbell.language.expression.RuleFunction.Group.NULL_AND_JSON;
import static io.rowbell.language.expression.RuleFunction.function;

import io.rowbell.language.expression.RowNodes.ColumnNode;
import io.rowbell.model.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What deals with null, and with JSON, whose paths may lead nowhere. */
final class JsonFunctions {
  static final List<RuleFunction> ALL =
      List.of(
          function(NULL_AND_JSON, "coalesce")
              .form("coalesce(x, y, ...)")
              .says(
                  "The first that is not null, and does not follow from null; not logged if one"
                      + " before it was not logged.")
              .example("coalesce(qty, 0)", "0")
              .example("coalesce(qty * 2, price)", "110.00")
              .built(JsonFunctions::coalesce),
          function(NULL_AND_JSON, "has")
              .form("has(payload.a.b)")
              .form("has(column)")
              .says(
                  "The JSON path leads somewhere, be it to null; or the column is not null. Every"
                      + " path that leads nowhere is null itself.")
              .example("has(payload.total)", "true")
              .example("has(payload.nothing)", "false")
              .example("has(payload.gone.deeper)", "false")
              .example("has(qty)", "false")
              .example("payload.nothing == null", "true")
              .example("payload.items[0].sku == 'A'", "true")
              .built(JsonFunctions::has),
          function(NULL_AND_JSON, "json")
              .form("json(text)")
              .says("The JSON that a text holds.")
              .example("json('{\"a\": [1, 2]}').a[1] == 2", "true")
              .example("json('{')", "X405")
              .built(call -> call.ofText(Type.JSON, text -> parsed((String) text))),
          function(NULL_AND_JSON, "bool")
              .form("bool(x)")
              .says("A boolean from a JSON value or a text: true or false.")
              .example("bool('true')", "true")
              .example("bool(payload.express)", "true")
              .built(JsonFunctions::bool));

  /** The texts that CEL reads as booleans. */
  private static final Map<String, Boolean> TRUTHS =
      Map.of(
          "true", true, "True", true, "TRUE", true, "t", true, "1", true, "false", false, "False",
          false, "FALSE", false, "f", false, "0", false);

  private JsonFunctions() {}

  private static @Nullable Node coalesce(Call call) {
    List<Node> nodes = call.nodes(1, Integer.MAX_VALUE);
    if (nodes == null) {
      return null;
    }
    Type type = Conversions.unified(nodes);
    if (type == null) {
      return call.fail("the arguments have no common type");
    }
    Node[] values =
        nodes.stream().map(node -> Conversions.convert(node, type)).toArray(Node[]::new);
    return call.fold(new Coalesce(type, values), nodes);
  }

  private static final class Coalesce extends Node {
    private final Node[] values;

    Coalesce(Type type, Node[] values) {
      super(type);
      this.values = values;
    }

    @Override
    Shape shape(Images images) {
      List<Shape> shapes = Arrays.stream(values).map(node -> node.shape(images)).toList();
      boolean nullable = shapes.stream().allMatch(Shape::nullable);
      List<Shape> known = shapes.stream().map(Shape::notNull).toList();
      return Shape.union(type(), known).orNull(nullable);
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      for (Node node : values) {
        Object value = node.eval(e);
        if (value != null && value != UNKNOWN) {
          return value;
        }
      }
      return null;
    }
  }

  private static @Nullable Node has(Call call) {
    List<Node> nodes = call.nodes(1, 1);
    if (nodes == null) {
      return null;
    }
    if (nodes.get(0) instanceof JsonPath path) {
      return path.presence();
    }
    if (nodes.get(0) instanceof ColumnNode column) {
      return Comparison.isNull(Relation.NOT_EQUAL, column);
    }
    return call.fail("has() takes a column or a path into a JSON value");
  }

  private static Object parsed(String text) {
    Object tree = JsonText.tree(text);
    Object scalar = JsonText.scalar(new Json(text));
    return tree == null || scalar == null ? new Json("null") : scalar;
  }

  private static @Nullable Node bool(Call call) {
    List<Node> nodes = call.nodes(1, 1);
    if (nodes == null) {
      return null;
    }
    Node x = nodes.get(0);
    if (x.type().is(Type.Kind.BOOLEAN)) {
      return x;
    }
    return x.type().is(Type.Kind.JSON) || x.type().is(Type.Kind.TEXT)
        ? call.fold(Strict.of(Type.BOOLEAN, x, JsonFunctions::truth), x)
        : call.wrongType(0, x.type(), "a text or a JSON value");
  }

  private static Object truth(Object value) {
    if (value instanceof Boolean) {
      return value;
    }
    if (value instanceof String text && TRUTHS.containsKey(text)) {
      return TRUTHS.get(text);
    }
    throw new EvaluationException("X405", "the value is neither true nor false");
  }
}
