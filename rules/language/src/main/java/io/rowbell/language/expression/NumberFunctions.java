package io.rowbell.language.expression;

import static io.rowbell.language.expression.RuleFunction.Group.NUMBERS;
import static io.rowbell.language.expression.RuleFunction.function;

import io.rowbell.language.expression.Node.Constant;
import io.rowbell.language.expression.Type.Kind;
import io.rowbell.model.Json;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Functions on numbers, and the conversions between them. */
final class NumberFunctions {
  static final List<RuleFunction> ALL =
      List.of(
          function(NUMBERS, "abs")
              .form("abs(x)")
              .says("The number without its sign.")
              .example("abs(-5)", "5")
              .example("abs(-2.50)", "2.50")
              .example("abs(qty)", "unknown")
              .built(NumberFunctions::abs),
          function(NUMBERS, "round")
              .form("round(x)")
              .form("round(x, digits)")
              .says(
                  "The nearest number with so many digits behind the point; half goes away from 0.")
              .example("round(2.5)", "3")
              .example("round(-2.5)", "-3")
              .example("round(3.14159, 2)", "3.14")
              .built(call -> rounded(call, RoundingMode.HALF_UP, 2)),
          function(NUMBERS, "floor")
              .form("floor(x)")
              .says("The next whole number downwards.")
              .example("floor(2.7)", "2")
              .example("floor(-2.1)", "-3")
              .built(call -> rounded(call, RoundingMode.FLOOR, 1)),
          function(NUMBERS, "ceil")
              .form("ceil(x)")
              .says("The next whole number upwards.")
              .example("ceil(2.1)", "3")
              .example("ceil(-2.7)", "-2")
              .built(call -> rounded(call, RoundingMode.CEILING, 1)),
          function(NUMBERS, "least")
              .form("least(x, y, ...)")
              .says("The smallest of numbers, texts or times; unknown if one of them is null.")
              .example("least(3, 1.5, 2)", "1.5")
              .example("least(price, 100)", "100")
              .built(call -> extreme(call, -1)),
          function(NUMBERS, "greatest")
              .form("greatest(x, y, ...)")
              .says("The greatest of numbers, texts or times; unknown if one of them is null.")
              .example("greatest('a', 'b')", "'b'")
              .built(call -> extreme(call, 1)),
          function(NUMBERS, "pct_change")
              .form("pct_change(old, new)")
              .says(
                  "How many percent of the old value the new one lies above it; unknown if the old"
                      + " one is 0. Comparing it is exact.")
              .example("pct_change(100, 105)", "5")
              .example("pct_change(before.price, price) > 22.2", "true")
              .example("pct_change(0, 5)", "unknown")
              .built(NumberFunctions::pctChange),
          function(NUMBERS, "decimal")
              .form("decimal(x)")
              .says(
                  "A numeric, exact, from an int, a double (the value its text names), a text or a"
                      + " JSON value.")
              .example("decimal('12.50')", "12.50")
              .example("decimal(payload.total) * 2", "19.80")
              .example("decimal('a dozen')", "X405")
              .built(call -> converted(call, Type.DECIMAL, NumberFunctions::toDecimal)),
          function(NUMBERS, "double")
              .form("double(x)")
              .says("A floating-point number from a number, a text or a JSON value.")
              .example("double('0.5') == 0.5", "true")
              .built(call -> converted(call, Type.DOUBLE, NumberFunctions::toDouble)),
          function(NUMBERS, "int")
              .form("int(x)")
              .says(
                  "An int: a number without its fraction, a text, a JSON value, or the seconds since"
                      + " 1970 of a timestamp.")
              .example("int(2.9)", "2")
              .example("int('42')", "42")
              .example("int(1e30)", "X407")
              .built(NumberFunctions::toInt));

  private NumberFunctions() {}

  private static @Nullable Node number(Call call, int index, Node node) {
    return node.type().number() || node.type().is(Kind.NULL)
        ? node
        : call.wrongType(index, node.type(), "a number");
  }

  private static @Nullable Node abs(Call call) {
    List<Node> nodes = call.nodes(1, 1);
    Node x = nodes == null ? null : number(call, 0, nodes.get(0));
    if (x == null) {
      return null;
    }
    if (x instanceof Quotient quotient) {
      return call.fold(quotient.magnitude(), x);
    }
    return call.fold(
        Strict.of(
            x.type(),
            x,
            switch (x.type().kind()) {
              case INT -> a -> (Long) a < 0 ? Arithmetic.Integers.negate((Long) a) : a;
              case DOUBLE -> a -> Math.abs((Double) a);
              default -> Numbers::abs;
            }),
        x);
  }

  private static @Nullable Node rounded(Call call, RoundingMode mode, int most) {
    List<Node> nodes = call.nodes(1, most);
    Node x = nodes == null ? null : number(call, 0, nodes.get(0));
    if (x == null || nodes == null) {
      return null;
    }
    Node digits = nodes.size() == 2 ? nodes.get(1) : new Constant(Type.INT, 0L);
    if (!call.isInt(1, digits)) {
      return null;
    }
    Strict.Of2 body =
        switch (x.type().kind()) {
          case INT -> (a, n) -> a;
          case DOUBLE -> (a, n) -> round((Double) a, scale(n), mode);
          default -> (a, n) -> Numbers.round(a, scale(n), mode);
        };
    return call.fold(Strict.of(x.type(), x, digits, body), List.of(x, digits));
  }

  private static int scale(Object digits) {
    long wanted = (Long) digits;
    if (wanted < 0 || wanted > 1000) {
      throw new EvaluationException("X407", "round() takes 0 to 1000 digits");
    }
    return (int) wanted;
  }

  private static Double round(double a, int scale, RoundingMode mode) {
    return Double.isFinite(a)
        ? new BigDecimal(CanonicalText.of(a)).setScale(scale, mode).doubleValue()
        : a;
  }

  private static @Nullable Node extreme(Call call, int sign) {
    List<Node> nodes = call.nodes(1, Integer.MAX_VALUE);
    if (nodes == null) {
      return null;
    }
    Type type = Conversions.unified(nodes);
    Comparator<Object> order = type == null ? null : Operators.order(type.kind());
    if (type == null || order == null) {
      return call.fail("the arguments have no common order");
    }
    List<Node> converted = nodes.stream().map(node -> Conversions.convert(node, type)).toList();
    return call.fold(
        Strict.of(
            type,
            converted,
            values -> {
              Object best = values[0];
              for (Object value : values) {
                best = order.compare(value, best) * sign > 0 ? value : best;
              }
              return best;
            }),
        converted);
  }

  private static @Nullable Node pctChange(Call call) {
    List<Node> nodes = call.nodes(2, 2);
    if (nodes == null) {
      return null;
    }
    Node from = number(call, 0, nodes.get(0));
    Node to = number(call, 1, nodes.get(1));
    if (from == null || to == null) {
      return null;
    }
    if (from.type().is(Kind.DOUBLE) || to.type().is(Kind.DOUBLE)) {
      Type type = Conversions.unified(nodes);
      if (type == null) {
        return call.fail(
            "pct_change() would mix numeric, which is exact, with double, which is not",
            "say which is meant: decimal(x) or double(x)");
      }
      return call.fold(
          Strict.partial(
              Type.DOUBLE,
              Conversions.toDouble(from),
              Conversions.toDouble(to),
              (a, b) ->
                  (Double) a == 0.0
                      ? null
                      : (Object) (((Double) b - (Double) a) / Math.abs((Double) a) * 100)),
          nodes);
    }
    Node old = Conversions.toDecimal(from);
    Node difference = Strict.of(Type.DECIMAL, Conversions.toDecimal(to), old, Numbers::subtract);
    Node hundredfold =
        Strict.of(
            Type.DECIMAL,
            difference,
            new Constant(Type.DECIMAL, BigDecimal.valueOf(100)),
            Numbers::multiply);
    return call.fold(
        new Quotient(hundredfold, Strict.of(Type.DECIMAL, old, Numbers::abs), true), nodes);
  }

  private static @Nullable Node converted(Call call, Type type, Strict.Of1 body) {
    List<Node> nodes = call.nodes(1, 1);
    if (nodes == null) {
      return null;
    }
    Node x = nodes.get(0);
    if (x.type().is(type.kind())) {
      return x;
    }
    boolean possible =
        x.type().number()
            || x.type().is(Kind.TEXT)
            || x.type().is(Kind.OPAQUE)
            || x.type().is(Kind.JSON)
            || x.type().is(Kind.NULL);
    return possible
        ? call.fold(Strict.of(type, x, body), x)
        : call.wrongType(0, x.type(), "a number, a text or a JSON value");
  }

  private static @Nullable Node toInt(Call call) {
    List<Node> nodes = call.nodes(1, 1);
    if (nodes != null && nodes.get(0).type().is(Kind.TIMESTAMP)) {
      return call.fold(Strict.of(Type.INT, nodes.get(0), time -> seconds((Instant) time)), nodes);
    }
    return nodes == null ? null : converted(call, Type.INT, NumberFunctions::toLong);
  }

  private static Long seconds(Instant time) {
    if (time.equals(Instant.MAX) || time.equals(Instant.MIN)) {
      throw Numbers.outOfRange("int");
    }
    return time.getEpochSecond();
  }

  /** A scalar of any class as a numeric. */
  static Object toDecimal(Object value) {
    if (value instanceof Long number) {
      return BigDecimal.valueOf(number);
    }
    if (value instanceof Double number) {
      return Numbers.toDecimal(number);
    }
    return value instanceof BigDecimal ? value : Numbers.parse(text(value));
  }

  private static Object toDouble(Object value) {
    if (value instanceof Long number) {
      return number.doubleValue();
    }
    if (value instanceof BigDecimal || value instanceof Double) {
      return Numbers.toDouble(value);
    }
    try {
      return Double.valueOf(text(value).strip());
    } catch (NumberFormatException e) {
      throw new EvaluationException("X405", "the text is no number");
    }
  }

  private static Object toLong(Object value) {
    if (value instanceof Double number) {
      return Numbers.toLong(number.doubleValue());
    }
    if (value instanceof String text) {
      try {
        return Long.valueOf(text.strip());
      } catch (NumberFormatException e) {
        throw new EvaluationException("X405", "the text is no int");
      }
    }
    return value instanceof Long ? value : (Object) Numbers.toLong(toDecimal(value));
  }

  private static String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Json json && JsonText.isNumber(json)) {
      return json.text();
    }
    throw new EvaluationException("X405", "the JSON value is no number");
  }
}
