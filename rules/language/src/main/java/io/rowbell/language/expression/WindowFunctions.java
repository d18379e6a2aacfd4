package io.rowbell.language.expression;

import static io.rowbell.language.expression.RuleFunction.Group.WINDOWS;
import static io.rowbell.language.expression.RuleFunction.function;

import io.rowbell.language.expression.Node.Constant;
import io.rowbell.language.expression.Type.Kind;
import io.rowbell.language.expression.Window.Function;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Location;
import io.rowbell.model.Interval;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Functions over the last stretch of time, of the changes of one key. */
final class WindowFunctions {
  static final List<RuleFunction> ALL =
      List.of(
          function(WINDOWS, "count_over")
              .form("count_over(condition, '5m')")
              .says(
                  "How many changes of the rule's key the condition was true of, within the last"
                      + " five minutes, this change included.")
              .example("count_over(price > 100, '5m')", "1")
              .example("count_over(becomes(status == 'HALTED'), '1h')", "0")
              .built(call -> window(call, Function.COUNT)),
          function(WINDOWS, "sum_over")
              .form("sum_over(x, '5m')")
              .says("The sum of the numbers; 0 if there are none. Null does not count.")
              .example("sum_over(price - before.price, '1h')", "20.00")
              .example("sum_over(qty, '1h')", "0")
              .built(call -> window(call, Function.SUM)),
          function(WINDOWS, "avg_over")
              .form("avg_over(x, '5m')")
              .says(
                  "The average of the numbers: numeric, or double of doubles; null if there are"
                      + " none. Null does not count.")
              .example("avg_over(price, '90s') > vars.hot", "true")
              .example("avg_over(qty, '90s') == null", "true")
              .built(call -> window(call, Function.AVG)),
          function(WINDOWS, "min_over")
              .form("min_over(x, '5m')")
              .says("The smallest of numbers or times; null if there are none.")
              .example("min_over(price, '1d')", "110.00")
              .built(call -> window(call, Function.MIN)),
          function(WINDOWS, "max_over")
              .form("max_over(x, '5m')")
              .says("The greatest of numbers or times; null if there are none.")
              .example("max_over(created_at, duration('1d')) < ts", "true")
              .built(call -> window(call, Function.MAX)));

  /** Windows that one rule may have: each is written for each change. */
  static final int MOST = 20;

  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(90);

  private WindowFunctions() {}

  private static @Nullable Node window(Call call, Function function) {
    Checker checker = call.checker;
    if (checker.names.insideComprehension()) {
      return checker.error(
          Codes.WINDOW,
          call.at(),
          "a window is of changes, and not of a list's elements",
          "make it a let name, if it does not need the variable");
    }
    Reads inner = new Reads();
    List<Node> nodes = checker.names.apart(() -> call.nodes(2, 2), inner);
    if (nodes == null) {
      return null;
    }
    if (inner.window()) {
      return checker.error(
          Codes.WINDOW,
          checker.syntax.atStart(call.arg(0)),
          "a window cannot look at another window",
          "read one window of the column itself; two of them may be compared");
    }
    Comparator<Object> order = order(call, nodes.get(0), function);
    Duration span = span(call, nodes.get(1));
    if (order == null || span == null) {
      return null;
    }
    String meaning =
        nodes.get(0).type() + " " + checker.syntax.call(call.expr()) + inner.definitions();
    Window window = new Window(function, nodes.get(0), span, meaning, order);
    int index = checker.windows.add(window);
    if (index >= MOST) {
      return checker.error(
          Codes.COST, call.at(), "a rule has at most " + MOST + " windows", "make two rules of it");
    }
    checker.names.reads().windowed();
    return new Window.Reading(window, index);
  }

  /** How the values are ordered; null after a problem: they are of a type that it cannot take. */
  private static @Nullable Comparator<Object> order(Call call, Node input, Function function) {
    Kind kind = input.type().kind();
    Comparator<Object> order = Operators.order(kind);
    boolean fits =
        switch (function) {
          case COUNT -> kind == Kind.BOOLEAN;
          case SUM, AVG -> input.type().number();
          case MIN, MAX ->
              switch (kind) {
                case INT, DECIMAL, DOUBLE, TIMESTAMP, LOCAL_TIMESTAMP, DATE, TIME, INTERVAL -> true;
                default -> false;
              };
        };
    if (!fits) {
      Node unused =
          call.wrongType(
              0,
              input.type(),
              switch (function) {
                case COUNT -> "a condition";
                case SUM, AVG -> "a number";
                case MIN, MAX -> "a number or a time";
              });
      return null;
    }
    return order;
  }

  /** How far back it reaches; null after a problem. */
  private static @Nullable Duration span(Call call, Node node) {
    Location at = call.checker.syntax.atStart(call.arg(1));
    if (!(node instanceof Constant constant)) {
      return refused(call, at, "how far a window reaches back must be a constant");
    }
    Object value = constant.value();
    try {
      value = value instanceof String text ? Times.interval(text) : value;
    } catch (EvaluationException e) {
      return refused(call, at, "'" + value + "' is no length of time");
    }
    Duration span = value instanceof Interval interval ? Durations.of(interval) : null;
    if (span == null || span.compareTo(SHORTEST) < 0 || span.compareTo(LONGEST) > 0) {
      return refused(
          call,
          at,
          span == null
              ? "this is no length of time"
              : "a window reaches back from one second to 90 days");
    }
    return span;
  }

  private static @Nullable Duration refused(Call call, Location at, String message) {
    Node unused =
        call.checker.error(
            Codes.WINDOW, at, message, "write how long in d, h, m, s or ms: '90s', '1h30m', '7d'");
    return null;
  }
}
