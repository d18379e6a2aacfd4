package io.rowbell.language.expression;

import dev.cel.common.ast.CelExpr;
import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Suggestions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One call of a function as it is being checked. {@code x.f(y)} and {@code f(x, y)} are the same.
 */
final class Call {
  private static final String TS = "use ts, the commit time: a replay then gives the same events";
  private static final Map<String, String> HELP =
      Map.ofEntries(
          Map.entry("now", TS),
          Map.entry("today", TS),
          Map.entry("current_date", TS),
          Map.entry("current_timestamp", TS),
          Map.entry("getdate", TS),
          Map.entry("lowerAscii", "write lower(x)"),
          Map.entry("upperAscii", "write upper(x)"),
          Map.entry("date", "a date is compared with a text: due < '2026-11-20'"),
          Map.entry("concat", "write a + b"),
          Map.entry("nullif", "write x == y ? null : x"),
          Map.entry("length", "write size(x)"),
          Map.entry("ceiling", "write ceil(x)"),
          Map.entry("isnull", "write x == null"),
          Map.entry("not", "write !x"));

  /** Functions that take child rows as they are. */
  private static final Set<String> OF_ROWS = Set.of("size", "sum", "coalesce");

  final Checker checker;
  private final CelExpr expr;
  private final List<CelExpr> args = new ArrayList<>();

  Call(Checker checker, CelExpr expr) {
    this.checker = checker;
    this.expr = expr;
    if (expr.getKind() == CelExpr.ExprKind.Kind.CALL) {
      expr.call().target().ifPresent(args::add);
      args.addAll(expr.call().args());
    }
  }

  /** Finds the function and lets it check; null after a problem. */
  @Nullable Node build() {
    String name = expr.call().function();
    RuleFunction function = Functions.find(name);
    if (function != null) {
      return function.build(this);
    }
    Location at = checker.syntax.atFunction(expr);
    Node unused = checkedArguments();
    return checker.error(
        "E105",
        at,
        "there is no function '" + name + "'",
        HELP.containsKey(name)
            ? HELP.get(name)
            : Suggestions.didYouMean(name, Functions.names())
                .orElse("docs/functions.md lists all functions"));
  }

  /** Lets a word of the language make its node. */
  @Nullable Node buildWord(RuleFunction word) {
    return word.build(this);
  }

  /** Finds the problems in the arguments of a function that does not exist. */
  private @Nullable Node checkedArguments() {
    List<Node> nodes = checker.checkAll(args);
    return nodes == null || nodes.isEmpty() ? null : nodes.get(0);
  }

  /** The call as it was parsed. */
  CelExpr expr() {
    return expr;
  }

  /** Where the call stands. */
  Location at() {
    return expr.getKind() == CelExpr.ExprKind.Kind.CALL
        ? checker.syntax.atFunction(expr)
        : checker.syntax.at(expr);
  }

  int size() {
    return args.size();
  }

  CelExpr arg(int index) {
    return args.get(index);
  }

  /** Checks that there are as many arguments as there must be. */
  boolean arity(int least, int most) {
    if (args.size() >= least && args.size() <= most) {
      return true;
    }
    String expected =
        least == most
            ? String.valueOf(least)
            : most == Integer.MAX_VALUE ? least + " or more" : least + " to " + most;
    fail(name() + " takes " + expected + (expected.equals("1") ? " argument" : " arguments"));
    return false;
  }

  /** All arguments, checked; null after a problem or if they are too many or too few. */
  @Nullable List<Node> nodes(int least, int most) {
    List<Node> nodes = arity(least, most) ? checker.checkAll(args) : null;
    for (int i = 0; nodes != null && i < nodes.size(); i++) {
      Type type = nodes.get(i).type();
      if (type.rows() != null && !OF_ROWS.contains(expr.call().function())) {
        Node unused = wrongType(i, type, "values");
        return null;
      }
    }
    return nodes;
  }

  /** Notes a problem of the call as a whole. */
  @Nullable Node fail(String message, String help) {
    return checker.error("E106", at(), message, help);
  }

  /** The same, with the forms in which the function is written. */
  @Nullable Node fail(String message) {
    return fail(message, usage());
  }

  /** How the function, or the word, is written. */
  private String usage() {
    RuleFunction function =
        expr.getKind() == CelExpr.ExprKind.Kind.CALL
            ? Functions.find(expr.call().function())
            : Functions.word(expr.ident().name());
    return function == null
        ? "docs/functions.md lists all functions"
        : "it is written " + String.join(" or ", function.forms());
  }

  /** Notes that an argument is of a type the function cannot take. */
  @Nullable Node wrongType(int index, Type type, String wanted) {
    return checker.error(
        "E106",
        checker.syntax.atStart(args.get(index)),
        name() + " takes " + wanted + ", and this is " + type,
        type.is(Type.Kind.JSON)
            ? "say what the JSON value is: decimal(...), int(...), string(...)"
            : wanted.equals("text") ? "string(x) makes text of anything" : usage());
  }

  /** Evaluates beforehand what is constant. */
  Node fold(Node node, List<Node> operands) {
    return checker.fold(expr, node, operands.toArray(Node[]::new));
  }

  Node fold(Node node, Node operand) {
    return checker.fold(expr, node, operand);
  }

  /** A function of one text. */
  @Nullable Node ofText(Type type, Strict.Of1 body) {
    List<Node> nodes = texts(1, 1);
    return nodes == null ? null : fold(Strict.of(type, nodes.get(0), body), nodes);
  }

  /** A function of two texts. */
  @Nullable Node ofTexts(Type type, Strict.Of2 body) {
    List<Node> nodes = texts(2, 2);
    return nodes == null ? null : fold(Strict.of(type, nodes.get(0), nodes.get(1), body), nodes);
  }

  /** Arguments that must all be text. */
  @Nullable List<Node> texts(int least, int most) {
    List<Node> nodes = nodes(least, most);
    if (nodes == null) {
      return null;
    }
    boolean sound = true;
    for (int i = 0; i < nodes.size(); i++) {
      sound &= isText(i, nodes.get(i));
    }
    return sound ? nodes : null;
  }

  /** Whether an argument is text; notes it if not. */
  boolean isText(int index, Node node) {
    if (node.type().textual() || node.type().is(Type.Kind.NULL)) {
      return true;
    }
    Node unused = wrongType(index, node.type(), "text");
    return false;
  }

  /** Whether an argument is an integer; notes it if not. */
  boolean isInt(int index, Node node) {
    if (node.type().is(Type.Kind.INT) || node.type().is(Type.Kind.NULL)) {
      return true;
    }
    Node unused = wrongType(index, node.type(), "an int");
    return false;
  }

  private String name() {
    return expr.call().function() + "()";
  }
}
