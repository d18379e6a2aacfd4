package io.rowbell.language.expression;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import io.rowbell.language.expression.Node.Constant;
import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns one parsed expression into nodes, from the leaves up. Where a part has a problem, it is
 * noted once and the part is null; the parts beside it are still checked.
 */
final class Checker {
  private static final Pattern NUMBER = Pattern.compile("[0-9]*\\.?[0-9]+(?:[eE][+-]?[0-9]+)?");
  private static final Map<String, Relation> RELATIONS =
      Map.of(
          "_<_", Relation.LESS,
          "_<=_", Relation.LESS_OR_EQUAL,
          "_>_", Relation.GREATER,
          "_>=_", Relation.GREATER_OR_EQUAL,
          "_==_", Relation.EQUAL,
          "_!=_", Relation.NOT_EQUAL);

  final Scope scope;
  final Syntax syntax;
  final Names names;
  final RuleWindows windows;
  final Guards guards = new Guards();
  final Cost cost = new Cost();

  /** Whether the expression decides if a rule fires; messages say "condition" then. */
  final boolean condition;

  private final Problems problems;
  private final Operators operators = new Operators(this);
  private final PartRecorder parts;
  private int depth;
  private int optional;
  private boolean tooDeep;

  Checker(
      Scope scope,
      Map<String, ExpressionCompiler.Let> lets,
      RuleWindows windows,
      Syntax syntax,
      boolean condition,
      Problems problems) {
    this.scope = scope;
    this.windows = windows;
    this.syntax = syntax;
    this.condition = condition;
    this.problems = problems;
    this.names = new Names(this, scope, lets);
    this.parts = new PartRecorder(syntax);
  }

  /** The parts of what was checked; null after a problem. */
  @Nullable Part part() {
    return parts.whole();
  }

  /** The whole expression; null after a problem. */
  @Nullable Node check() {
    return check(syntax.root());
  }

  /** A part of it; null after a problem. */
  @Nullable Node check(CelExpr expr) {
    if (++depth > Syntax.MAX_DEPTH) {
      if (!tooDeep) {
        error("E120", syntax.at(0), tooDeepMessage(), "split it into let names");
        tooDeep = true;
      }
      depth--;
      return null;
    }
    cost.part(depth);
    List<Part> outer = parts.enter();
    Node node = null;
    try {
      node = node(expr);
      return node;
    } finally {
      parts.leave(outer, expr, node, names.letOf(expr));
      depth--;
    }
  }

  /** Counts the use of a {@code let} name. */
  void uses(Cost let) {
    cost.name(let, depth);
  }

  private @Nullable Node node(CelExpr expr) {
    return switch (expr.getKind()) {
      case CONSTANT -> literal(expr);
      case IDENT -> names.bare(expr);
      case SELECT -> select(expr);
      case CALL -> call(expr);
      case LIST -> list(expr);
      case MAP -> map(expr);
      case STRUCT, COMPREHENSION, NOT_SET ->
          error(
              "E108",
              syntax.at(expr),
              "messages with fields are not part of the language",
              "a mapping is written {'name': value}");
    };
  }

  private static String tooDeepMessage() {
    return "the expression is nested deeper than " + Syntax.MAX_DEPTH;
  }

  /** Notes a problem; the null is for the caller to return. */
  @Nullable Node error(String code, Location location, String message, @Nullable String help) {
    problems.error(code, location, message, help);
    return null;
  }

  void warning(String code, Location location, String message, @Nullable String help) {
    problems.warning(code, location, message, help);
  }

  /** Evaluates beforehand what is constant. */
  Node fold(CelExpr at, Node node, Node... operands) {
    for (Node operand : operands) {
      if (!operand.constant()) {
        return node;
      }
    }
    try {
      Object value = node.eval(new Evaluation());
      // A constant quotient stays one: it is exact still.
      return node instanceof Quotient ? node : new Constant(node.type(), value);
    } catch (EvaluationException e) {
      alwaysFails(at, e);
      return node;
    }
  }

  /** Notes that a part fails whatever the row is, unless it may never be reached. */
  void alwaysFails(CelExpr at, EvaluationException failure) {
    if (optional == 0) {
      error(
          "E109",
          syntax.at(at),
          "this always fails: " + failure.getMessage(),
          "it is made of constants alone: correct them, or read a column");
    }
  }

  private Node literal(CelExpr expr) {
    CelConstant constant = expr.constant();
    return switch (constant.getKind()) {
      case BOOLEAN_VALUE -> new Constant(Type.BOOLEAN, constant.booleanValue());
      case INT64_VALUE -> new Constant(Type.INT, constant.int64Value());
      case STRING_VALUE -> new Constant(Type.TEXT, constant.stringValue());
      case BYTES_VALUE -> new Constant(Type.BYTES, constant.bytesValue().toByteArray());
      case DOUBLE_VALUE -> decimal(expr, constant.doubleValue());
      case NULL_VALUE -> Constant.NULL;
      case UINT64_VALUE -> {
        error("E108", syntax.at(expr), "there are no unsigned integers", "leave the 'u' out");
        yield new Constant(Type.INT, constant.uint64Value().longValue());
      }
      default -> throw new IllegalStateException("no literal is a " + constant.getKind());
    };
  }

  /** CEL's tree holds a double; what was written is exact. */
  private Node decimal(CelExpr expr, double approximation) {
    Matcher number = NUMBER.matcher(syntax.source());
    if (!number.find(syntax.offset(expr))) {
      throw new IllegalStateException("no number where the parser saw one: " + syntax.source());
    }
    try {
      Object value = Numbers.parse(number.group());
      boolean negative = Double.compare(approximation, 0.0) < 0;
      return new Constant(Type.DECIMAL, negative ? Numbers.negate(value) : value);
    } catch (EvaluationException e) {
      error(
          "E109",
          syntax.at(expr),
          String.valueOf(e.getMessage()),
          "write a number with fewer digits");
      return new Constant(Type.DECIMAL, java.math.BigDecimal.ZERO);
    }
  }

  private @Nullable Node select(CelExpr expr) {
    CelExpr operand = expr.select().operand();
    String field = expr.select().field();
    if (names.isWord(operand)) {
      return names.member(operand, field, syntax.atField(expr));
    }
    Node base = check(operand);
    if (base == null) {
      return null;
    }
    return member(expr, base, new Constant(Type.TEXT, field), syntax.atField(expr));
  }

  private @Nullable Node index(CelExpr expr) {
    CelExpr operand = expr.call().args().get(0);
    CelExpr key = expr.call().args().get(1);
    Node index = check(key);
    if (names.isWord(operand)) {
      if (index instanceof Constant constant && constant.value() instanceof String name) {
        return names.member(operand, name, syntax.at(key));
      }
      return index == null
          ? null
          : error(
              "E106",
              syntax.at(key),
              "a column is named by a text in quotes",
              "write for example after[\"Name\"]");
    }
    Node base = check(operand);
    return base == null || index == null ? null : member(expr, base, index, syntax.at(key));
  }

  private @Nullable Node member(CelExpr expr, Node base, Node key, Location at) {
    Type type = base.type();
    Child row = type.is(Type.Kind.ROW) ? type.child() : null;
    if (row != null
        && key instanceof Constant constant
        && constant.value() instanceof String name) {
      return names.childColumn(row, base, name, at);
    }
    if (type.element() != null && key.type().is(Type.Kind.INT)) {
      return fold(expr, JsonPath.element(type.element(), base, key), base, key);
    }
    boolean open = type.is(Type.Kind.JSON) || type.is(Type.Kind.MAP);
    if (open && (key.type().is(Type.Kind.TEXT) || key.type().is(Type.Kind.INT))) {
      return fold(expr, JsonPath.of(base, key), base, key);
    }
    return error(
        "E102",
        at,
        open || type.element() != null
            ? "a " + type + " has no member by " + key.type()
            : "a value of type " + type + " has no members",
        type.is(Type.Kind.TEXT)
            ? "json(x) reads the JSON in a text"
            : type.element() != null
                    && key instanceof Constant name
                    && name.value() instanceof String
                ? "write x.map(e, e." + name.value() + ") for all of them, or x[0]." + name.value()
                : open || type.element() != null
                    ? "a list's elements are x[0], x[1], ..., a member of JSON is x.name or x['name']"
                    : "write it without what follows");
  }

  private @Nullable Node list(CelExpr expr) {
    List<Node> checked = checkAll(expr.list().elements());
    if (checked == null) {
      return null;
    }
    List<Node> elements = checked.stream().map(n -> names.leaving(n, syntax.at(expr))).toList();
    Type type = Conversions.unified(elements);
    Type element = elements.isEmpty() || type == null ? Type.JSON : type;
    List<Node> converted =
        elements.stream().map(node -> Conversions.convert(node, element)).toList();
    Node node = new Literals.ListNode(Type.listOf(element), converted);
    return fold(expr, node, converted.toArray(Node[]::new));
  }

  private @Nullable Node map(CelExpr expr) {
    Map<String, Node> values = new LinkedHashMap<>();
    boolean sound = true;
    for (CelExpr.CelMap.Entry entry : expr.map().entries()) {
      Node key = check(entry.key());
      Node checked = check(entry.value());
      Node value = checked == null ? null : names.leaving(checked, syntax.at(entry.value()));
      if (key instanceof Constant constant && constant.value() instanceof String name) {
        if (value == null) {
          sound = false;
        } else if (values.put(name, value) != null) {
          error(
              "E108",
              syntax.at(entry.key()),
              "the name '" + name + "' is given twice",
              "remove one");
          sound = false;
        }
      } else {
        sound = false;
        if (key != null) {
          error(
              "E108",
              syntax.at(entry.key()),
              "a name is a text in quotes",
              "write {'name': value}");
        }
      }
    }
    return sound
        ? fold(expr, new Literals.MapNode(values), values.values().toArray(Node[]::new))
        : null;
  }

  /** Every part, each with its problems; null if any has one. */
  @Nullable List<Node> checkAll(List<CelExpr> exprs) {
    List<Node> nodes = new ArrayList<>();
    exprs.forEach(
        expr -> {
          Node node = check(expr);
          if (node != null) {
            nodes.add(node);
          }
        });
    return nodes.size() == exprs.size() ? nodes : null;
  }

  private @Nullable Node call(CelExpr expr) {
    String function = expr.call().function();
    List<CelExpr> args = expr.call().args();
    Relation relation = RELATIONS.get(function);
    if (relation != null) {
      Node presence = relation.equality() ? presence(relation, args) : null;
      return presence != null
          ? presence
          : operands(args, (a, b) -> operators.compare(expr, relation, a, b));
    }
    return switch (function) {
      case "_&&_" -> optionally(() -> logic(expr, true));
      case "_||_" -> optionally(() -> logic(expr, false));
      case "!_" -> {
        Node operand = condition(expr, "!", args.get(0));
        yield operand == null ? null : fold(expr, new Logic.Not(operand), operand);
      }
      case "_?_:_" -> optionally(() -> choice(expr));
      case "_+_", "_-_", "_*_", "_/_", "_%_" ->
          operands(args, (a, b) -> operators.arithmetic(expr, function.substring(1, 2), a, b));
      case "-_" -> {
        Node operand = check(args.get(0));
        yield operand == null ? null : operators.negate(expr, operand);
      }
      case "@in" -> operators.in(expr);
      case "_[_]" -> index(expr);
      default -> new Call(this, expr).build();
    };
  }

  /** {@code before == null}: that a row is not there can be told without its columns. */
  private @Nullable Node presence(Relation relation, List<CelExpr> args) {
    boolean second = args.get(0).constantOrDefault().getKind() == CelConstant.Kind.NULL_VALUE;
    boolean first = args.get(1).constantOrDefault().getKind() == CelConstant.Kind.NULL_VALUE;
    RowNodes.Whole row = first == second ? null : names.rowAlone(args.get(first ? 0 : 1));
    return row == null ? null : row.presence(relation);
  }

  private interface OfTwo {
    @Nullable Node apply(Node a, Node b);
  }

  private @Nullable Node operands(List<CelExpr> args, OfTwo body) {
    List<Node> nodes = checkAll(args);
    return nodes == null ? null : body.apply(nodes.get(0), nodes.get(1));
  }

  /** A part that may never be reached: a failing constant in it is no problem. */
  private @Nullable Node optionally(Supplier<@Nullable Node> body) {
    optional++;
    try {
      return body.get();
    } finally {
      optional--;
    }
  }

  private @Nullable Node logic(CelExpr expr, boolean and) {
    String symbol = and ? "&&" : "||";
    Node left = condition(expr, symbol, expr.call().args().get(0));
    int mark = guards.enter(left, and);
    Node right = condition(expr, symbol, expr.call().args().get(1));
    guards.leave(mark);
    if (left == null || right == null) {
      return null;
    }
    return fold(expr, and ? new Logic.And(left, right) : new Logic.Or(left, right), left, right);
  }

  private @Nullable Node choice(CelExpr expr) {
    List<CelExpr> args = expr.call().args();
    Node condition = condition(expr, "?", args.get(0));
    int mark = guards.enter(condition, true);
    Node then = check(args.get(1));
    guards.leave(mark);
    mark = guards.enter(condition, false);
    Node otherwise = check(args.get(2));
    guards.leave(mark);
    if (condition == null || then == null || otherwise == null) {
      return null;
    }
    Type type = Conversions.unified(List.of(then, otherwise));
    if (type == null) {
      return error(
          "E102",
          syntax.at(expr),
          "the two sides of ':' are " + then.type() + " and " + otherwise.type(),
          "make them one type: string(x) makes text of anything, and null goes with every type");
    }
    Node a = Conversions.convert(then, type);
    Node b = Conversions.convert(otherwise, type);
    return fold(expr, new Logic.Choice(type, condition, a, b), condition, a, b);
  }

  /** An operand of a logical operator. */
  private @Nullable Node condition(CelExpr operator, String symbol, CelExpr expr) {
    Node node = check(expr);
    if (node == null || node.type().is(Type.Kind.BOOLEAN)) {
      return node;
    }
    return error(
        "E102",
        syntax.at(operator),
        "operator '" + symbol + "' joins conditions, and this is " + node.type(),
        node.type().is(Type.Kind.JSON)
            ? "compare it, for example with == true"
            : symbol.equals("||") && node.type().textual()
                ? "texts are joined with +"
                : "compare it, for example with != null");
  }
}
