package io.rowbell.language.expression;

import static io.rowbell.language.expression.RuleFunction.Group.LISTS;
import static io.rowbell.language.expression.RuleFunction.function;

import dev.cel.common.ast.CelExpr;
import io.rowbell.language.expression.Type.Kind;
import io.rowbell.model.Json;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lists: arrays, JSON arrays and list literals. */
final class ListFunctions {
  static final List<RuleFunction> ALL =
      List.of(
          function(LISTS, "size")
              .form("size(x)")
              .says("How many elements a list has, members a map, characters a text, or bytes.")
              .example("size(tags)", "2")
              .example("'añb'.size()", "3")
              .example("size(payload.items)", "2")
              .built(ListFunctions::size),
          function(LISTS, "sum")
              .form("sum(list)")
              .says("The sum of a list's numbers; 0 of none, unknown if one is null.")
              .example("sum([1, 2, 3.5])", "6.5")
              .example("payload.items.map(i, int(i.qty)).sum()", "5")
              .built(ListFunctions::sum),
          function(LISTS, "all")
              .form("list.all(x, condition)")
              .says("The condition is true of every element.")
              .example("tags.all(t, size(t) < 9)", "true")
              .built(call -> quantified(call, Comprehension.Kind.ALL)),
          function(LISTS, "exists")
              .form("list.exists(x, condition)")
              .says("The condition is true of at least one element.")
              .example("tags.exists(t, t == 'tech')", "true")
              .example("payload.items.exists(i, i.sku == 'C')", "false")
              .built(call -> quantified(call, Comprehension.Kind.EXISTS)),
          function(LISTS, "exists_one")
              .form("list.exists_one(x, condition)")
              .says("The condition is true of exactly one element.")
              .example("[1, 2, 3].exists_one(x, x > 2)", "true")
              .built(call -> quantified(call, Comprehension.Kind.EXISTS_ONE)),
          function(LISTS, "filter")
              .form("list.filter(x, condition)")
              .says("The elements of which the condition is true.")
              .example("[1, 2, 3].filter(x, x > 1)", "[2, 3]")
              .built(ListFunctions::filter),
          function(LISTS, "map")
              .form("list.map(x, expression)")
              .says("The expression for each element.")
              .example("[1, 2].map(x, x * 10)", "[10, 20]")
              .example("payload.items.map(i, {'sku': i.sku})", "[{'sku': 'A'}, {'sku': 'B'}]")
              .built(ListFunctions::map));

  private ListFunctions() {}

  private static @Nullable Node size(Call call) {
    List<Node> nodes = call.nodes(1, 1);
    if (nodes == null) {
      return null;
    }
    Node x = nodes.get(0);
    return switch (x.type().kind()) {
      case LIST, MAP, TEXT, UUID, ENUM, OPAQUE, BYTES, JSON, NULL ->
          call.fold(Strict.of(Type.INT, x, ListFunctions::size), x);
      default -> call.wrongType(0, x.type(), "a list, a map, a text or bytes");
    };
  }

  private static Object size(Object value) {
    if (value instanceof String text) {
      return Texts.size(text);
    }
    if (value instanceof List<?> list) {
      return (long) list.size();
    }
    if (value instanceof Map<?, ?> map) {
      return (long) map.size();
    }
    if (value instanceof byte[] bytes) {
      return (long) bytes.length;
    }
    Object tree = value instanceof Json json ? JsonText.tree(json.text()) : null;
    if (tree instanceof List || tree instanceof Map || tree instanceof String) {
      return size(tree);
    }
    throw new EvaluationException("X408", "the JSON value has no size");
  }

  private static @Nullable Node sum(Call call) {
    List<Node> nodes = call.nodes(1, 1);
    if (nodes == null) {
      return null;
    }
    Node list = nodes.get(0);
    Type element = list.type().element();
    if (element == null || !element.number()) {
      return call.wrongType(0, list.type(), "a list of numbers");
    }
    return call.fold(
        Strict.partial(
            element,
            list,
            values ->
                switch (element.kind()) {
                  case INT -> sumOfInts(Membership.elements(element, (List<?>) values));
                  case DOUBLE -> sumOfDoubles(Membership.elements(element, (List<?>) values));
                  default -> sumOfDecimals(Membership.elements(element, (List<?>) values));
                }),
        nodes);
  }

  private static @Nullable Object sumOfInts(List<?> values) {
    long sum = 0;
    for (Object value : values) {
      if (value == null) {
        return null;
      }
      sum = Arithmetic.Integers.add(sum, (Long) value);
    }
    return sum;
  }

  private static @Nullable Object sumOfDoubles(List<?> values) {
    double sum = 0;
    for (Object value : values) {
      if (value == null) {
        return null;
      }
      sum += (Double) value;
    }
    return sum;
  }

  private static @Nullable Object sumOfDecimals(List<?> values) {
    Object sum = BigDecimal.ZERO;
    for (Object value : values) {
      if (value == null) {
        return null;
      }
      sum = Numbers.add(sum, NumberFunctions.toDecimal(value));
    }
    return sum;
  }

  /** The variable, the list and the body of {@code list.f(x, body)}; null after a problem. */
  private static @Nullable Parts parts(Call call) {
    if (!call.arity(3, 3)) {
      return null;
    }
    if (call.checker.names.insideComprehension()) {
      Node unused =
          call.checker.error(
              "E120",
              call.at(),
              "one comprehension inside another is not allowed",
              "make the inner one a let name, if it does not need the outer one's variable");
      return null;
    }
    long before = call.checker.cost.steps();
    Node list = call.checker.check(call.arg(0));
    long ofList = call.checker.cost.steps() - before;
    CelExpr variable = call.arg(1);
    if (variable.getKind() != CelExpr.ExprKind.Kind.IDENT) {
      Node unused = call.wrongType(1, Type.of(Kind.TEXT), "the name of its variable first");
      return null;
    }
    if (list == null) {
      return null;
    }
    Type element =
        list.type().is(Kind.JSON)
            ? Type.JSON
            : list.type().is(Kind.MAP) ? Type.TEXT : list.type().element();
    if (element == null) {
      Node unused = call.wrongType(0, list.type(), "a list");
      return null;
    }
    Node body =
        call.checker.cost.perElement(
            ofList, () -> call.checker.names.withVariable(variable.ident(), element, call.arg(2)));
    return body == null ? null : new Parts(list, element, body);
  }

  private record Parts(Node list, Type element, Node body) {}

  private static @Nullable Node quantified(Call call, Comprehension.Kind kind) {
    Parts parts = parts(call);
    if (parts == null) {
      return null;
    }
    return parts.body.type().is(Kind.BOOLEAN)
        ? new Comprehension.Quantified(kind, parts.list, parts.body)
        : call.wrongType(2, parts.body.type(), "a condition");
  }

  private static @Nullable Node filter(Call call) {
    Parts parts = parts(call);
    if (parts == null) {
      return null;
    }
    return parts.body.type().is(Kind.BOOLEAN)
        ? new Comprehension.Filter(Type.listOf(parts.element), parts.list, parts.body)
        : call.wrongType(2, parts.body.type(), "a condition");
  }

  private static @Nullable Node map(Call call) {
    Parts parts = parts(call);
    return parts == null
        ? null
        : new Comprehension.Mapped(Type.listOf(parts.body.type()), parts.list, parts.body);
  }
}
