package io.rowbell.language.expression;

import dev.cel.common.ast.CelExpr;
import io.rowbell.language.expression.Node.Constant;
import io.rowbell.language.expression.RowNodes.ColumnNode;
import io.rowbell.language.expression.Type.Kind;
import io.rowbell.language.issue.Suggestions;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The types of operators: which operands go together, and what they are made into first. */
final class Operators {
  private final Checker checker;

  Operators(Checker checker) {
    this.checker = checker;
  }

  /** {@code a < b} and the like. */
  @Nullable Node compare(CelExpr expr, Relation relation, Node a, Node b) {
    return compare(expr, relation, a, b, expr.call().args());
  }

  private @Nullable Node compare(
      CelExpr expr, Relation relation, Node a, Node b, List<CelExpr> args) {
    if (relation.equality() && (a.type().is(Kind.NULL) || b.type().is(Kind.NULL))) {
      Node operand = b.type().is(Kind.NULL) ? a : b;
      return checker.fold(expr, Comparison.isNull(relation, operand), operand);
    }
    if (Conversions.mixesNumericAndDouble(a, b)) {
      return numericAgainstDouble(expr, relation.symbol);
    }
    Node left = adapted(a, b.type(), args.get(0));
    Node right = adapted(b, a.type(), args.get(1));
    if (left == null || right == null) {
      return null;
    }
    Node node = comparison(relation, left, right);
    if (node == null) {
      return cannotCompare(expr, relation, a, b);
    }
    if (!relation.equality()) {
      warnOfNull(args.get(0), a);
      warnOfNull(args.get(1), b);
    }
    return checker.fold(expr, node, left, right);
  }

  private @Nullable Node comparison(Relation relation, Node a, Node b) {
    Type left = a.type();
    Type right = b.type();
    if (left.number() && right.number()) {
      return numbers(relation, a, b);
    }
    if (left.textual() && right.textual()) {
      boolean ordered = text(left) && text(right);
      return relation.equality() || ordered ? Comparison.ofTexts(relation, a, b) : null;
    }
    boolean same = left.kind() == right.kind();
    Comparator<Object> order = same ? order(left.kind()) : null;
    if (order != null) {
      return Comparison.of(relation, a, b, order);
    }
    return relation.equality() && dynamic(left, right)
        ? Comparison.of(relation, a, b, (x, y) -> Dynamic.same(x, y) ? 0 : 1)
        : null;
  }

  private static boolean text(Type type) {
    return type.is(Kind.TEXT) || type.is(Kind.UUID);
  }

  /** Whether two types can only be told to be the same, value by value. */
  private static boolean dynamic(Type a, Type b) {
    if (a.element() != null && b.element() != null) {
      return dynamic(a.element(), b.element()) || comparable(a.element(), b.element());
    }
    boolean json = a.is(Kind.JSON) || b.is(Kind.JSON);
    return (json && Conversions.jsonLike(a) && Conversions.jsonLike(b))
        || (a.is(Kind.MAP) && b.is(Kind.MAP));
  }

  private static boolean comparable(Type a, Type b) {
    return (a.kind() == b.kind() && !a.is(Kind.ROW))
        || (a.number() && b.number())
        || (a.textual() && b.textual())
        || a.is(Kind.NULL)
        || b.is(Kind.NULL);
  }

  private static Node numbers(Relation relation, Node a, Node b) {
    boolean leftDouble = a.type().is(Kind.DOUBLE);
    boolean rightDouble = b.type().is(Kind.DOUBLE);
    if (leftDouble && rightDouble) {
      return Comparison.of(
          relation, a, b, (x, y) -> Numbers.compareDoubles((Double) x, (Double) y));
    }
    if (rightDouble) {
      return a.type().is(Kind.INT)
          ? Comparison.of(
              relation, a, b, (x, y) -> Numbers.compareIntWithDouble((Long) x, (Double) y))
          : numbers(relation, Conversions.toDouble(a), b);
    }
    if (leftDouble) {
      return numbers(relation.flipped(), b, a);
    }
    return a.type().is(Kind.INT) && b.type().is(Kind.INT)
        ? Comparison.ofInts(relation, a, b)
        : Comparison.ofDecimals(relation, Conversions.toDecimal(a), Conversions.toDecimal(b));
  }

  /** The order of a type whose values are compared with their like only; null if it has none. */
  static @Nullable Comparator<Object> order(Kind kind) {
    return switch (kind) {
      case BOOLEAN, TIMESTAMP, LOCAL_TIMESTAMP, DATE, TIME, INTERVAL -> Operators::natural;
      case BYTES -> (a, b) -> Arrays.compareUnsigned((byte[]) a, (byte[]) b);
      case INT -> (a, b) -> Long.compare((Long) a, (Long) b);
      case DOUBLE -> (a, b) -> Numbers.compareDoubles((Double) a, (Double) b);
      case DECIMAL -> Numbers::compare;
      case TEXT, UUID -> (a, b) -> Texts.compare((String) a, (String) b);
      default -> null;
    };
  }

  /** Orders two values of one class that has a natural order. */
  @SuppressWarnings("unchecked")
  private static int natural(Object a, Object b) {
    return ((Comparable<Object>) a).compareTo(b);
  }

  private void warnOfNull(CelExpr at, Node operand) {
    if (checker.condition
        && operand instanceof ColumnNode column
        && checker.guards.worthWarning(column)) {
      String name = column.column.name();
      checker.warning(
          "W110",
          checker.syntax.atStart(at),
          "'" + name + "' can be null: the condition is unknown then, and does not fire",
          "if that is not meant, say what null counts as: coalesce(" + name + ", ...)");
    }
  }

  private @Nullable Node cannotCompare(CelExpr expr, Relation relation, Node a, Node b) {
    return checker.error(
        "E102",
        checker.syntax.at(expr),
        "operator '"
            + relation.symbol
            + "' cannot compare "
            + a.type()
            + (a.type().kind() == b.type().kind() && !a.type().is(Kind.NULL)
                ? " values"
                : " with " + b.type()),
        columnBetweenQuotes(a, b) ? "a column stands without quotes" : comparisonHelp(a, b));
  }

  private boolean columnBetweenQuotes(Node a, Node b) {
    Node text = a.type().is(Kind.TEXT) ? a : b;
    return text instanceof Constant constant
        && constant.value() instanceof String name
        && checker.scope.table() != null
        && checker.scope.table().indexOf(name).isPresent();
  }

  private static String comparisonHelp(Node a, Node b) {
    Node number = a.type().number() ? a : b.type().number() ? b : null;
    Node other = number == a ? b : a;
    if (number != null && other instanceof Constant constant && other.type().is(Kind.TEXT)) {
      return constant.value() instanceof String text && text.matches("-?[0-9.]+")
          ? "write the number without quotes"
          : "string(x) makes text of anything";
    }
    if (number != null && number.constant() && other.type().textual()) {
      return "write the value in quotes";
    }
    if (a.type().is(Kind.JSON) || b.type().is(Kind.JSON)) {
      return "say what the JSON value is: decimal(...), int(...), string(...), timestamp(...)";
    }
    if (a.type().is(Kind.ENUM) || b.type().is(Kind.ENUM)) {
      return "list the labels that are meant: x in ['a', 'b']";
    }
    if (instantOrLocal(a.type()) && instantOrLocal(b.type())) {
      return "timestamp(x) reads a time without time zone, or a date, as UTC";
    }
    if (a.type().is(Kind.NULL) || b.type().is(Kind.NULL)) {
      return "ask for null with == or !=";
    }
    return a.type().is(Kind.BOOLEAN) || b.type().is(Kind.BOOLEAN)
        ? "a truth is compared with true or false, without quotes"
        : "compare values of one type: string(x), decimal(x), timestamp(x) and duration(x) convert";
  }

  private static boolean instantOrLocal(Type type) {
    return type.is(Kind.TIMESTAMP) || type.is(Kind.LOCAL_TIMESTAMP) || type.is(Kind.DATE);
  }

  /** A text constant as the type it is compared with; null after a problem. */
  private @Nullable Node adapted(Node node, Type to, CelExpr at) {
    if (!node.type().is(Kind.TEXT)
        || !(node instanceof Constant constant)
        || !(constant.value() instanceof String text)) {
      return node;
    }
    if (to.is(Kind.ENUM) && !to.labels().isEmpty() && !to.labels().contains(text)) {
      return checker.error(
          "E107",
          checker.syntax.at(at),
          to + " has no label '" + text + "'",
          Suggestions.didYouMean(text, to.labels())
              .orElse("its labels are " + String.join(", ", to.labels())));
    }
    try {
      return switch (to.kind()) {
        case UUID -> new Constant(to, Times.uuid(text));
        case TIMESTAMP -> new Constant(to, Times.instant(text));
        case LOCAL_TIMESTAMP -> new Constant(to, Times.localTimestamp(text));
        case DATE -> new Constant(to, Times.date(text));
        case TIME -> new Constant(to, Times.timeOfDay(text));
        case INTERVAL -> new Constant(to, Times.interval(text));
        default -> node;
      };
    } catch (EvaluationException e) {
      return checker.error(
          "E107",
          checker.syntax.at(at),
          String.valueOf(e.getMessage()),
          "a text beside a value of type " + to + " is read as one: write it in that form");
    }
  }

  /** {@code a in b}. */
  @Nullable Node in(CelExpr expr) {
    CelExpr list = expr.call().args().get(1);
    Node left = checker.check(expr.call().args().get(0));
    if (list.getKind() == CelExpr.ExprKind.Kind.LIST) {
      List<Node> elements = checker.checkAll(list.list().elements());
      return left == null || elements == null ? null : inLiteral(expr, left, elements);
    }
    Node right = checker.check(list);
    if (left == null || right == null) {
      return null;
    }
    Type element = right.type().element();
    boolean possible =
        element == null
            ? right.type().is(Kind.JSON) || right.type().is(Kind.MAP)
            : comparable(left.type(), element) || dynamic(left.type(), element);
    if (!possible) {
      return checker.error(
          "E102",
          checker.syntax.at(expr),
          "operator 'in' cannot look for " + left.type() + " in " + right.type(),
          "a list stands between brackets: x in ['a', 'b']");
    }
    return checker.fold(expr, new Membership(left, right), left, right);
  }

  private @Nullable Node inLiteral(CelExpr expr, Node left, List<Node> elements) {
    CelExpr value = expr.call().args().get(0);
    List<CelExpr> places = expr.call().args().get(1).list().elements();
    List<Node> tests = new ArrayList<>();
    for (Node element : elements) {
      List<CelExpr> args = List.of(value, places.get(tests.size()));
      Node test = compare(expr, Relation.EQUAL, left, element, args);
      if (test == null) {
        return null;
      }
      tests.add(test);
    }
    Node node = Membership.ofLiteral(left, elements, tests);
    return checker.fold(expr, node, tests.toArray(Node[]::new));
  }

  /** {@code a + b} and the like. */
  @Nullable Node arithmetic(CelExpr expr, String op, Node a, Node b) {
    if (op.equals("/") && b instanceof Constant constant && isZero(constant.value())) {
      checker.alwaysFails(expr, Numbers.divisionByZero());
    }
    Type left = a.type();
    Type right = b.type();
    if (left.number() && right.number()) {
      if (Conversions.mixesNumericAndDouble(a, b)) {
        return numericAgainstDouble(expr, op);
      }
      Type type = Conversions.numberType(a, b);
      if (!(op.equals("%") && type.is(Kind.DOUBLE))) {
        return checker.fold(
            expr,
            Arithmetic.of(op, Conversions.convert(a, type), Conversions.convert(b, type)),
            a,
            b);
      }
    }
    Node node = op.equals("+") ? joined(a, b) : null;
    if (node == null) {
      node = TimeArithmetic.of(op, a, b);
    }
    if (node != null) {
      return checker.fold(expr, node, a, b);
    }
    boolean json = left.is(Kind.JSON) || right.is(Kind.JSON);
    boolean text = op.equals("+") && (left.textual() || right.textual());
    return checker.error(
        "E102",
        checker.syntax.at(expr),
        "operator '" + op + "' cannot take " + left + " and " + right,
        json
            ? "say what the JSON value is: decimal(...), int(...), string(...)"
            : text
                ? "string(x) makes text of anything"
                : "convert one of them: decimal(x), int(x), timestamp(x), duration(x)");
  }

  private static boolean isZero(@Nullable Object value) {
    return value instanceof Number number
        && (number instanceof BigDecimal exact ? exact.signum() == 0 : number.doubleValue() == 0);
  }

  private static @Nullable Node joined(Node a, Node b) {
    if (a.type().textual() && b.type().textual()) {
      return Strict.of(Type.TEXT, a, b, (x, y) -> Texts.concat((String) x, (String) y));
    }
    if (a.type().is(Kind.BYTES) && b.type().is(Kind.BYTES)) {
      return Strict.of(Type.BYTES, a, b, (x, y) -> Texts.concat((byte[]) x, (byte[]) y));
    }
    Type left = a.type().element();
    Type right = b.type().element();
    boolean rows = left != null && right != null && (left.rows() != null || right.rows() != null);
    if (left == null || right == null || (rows && !left.equals(right))) {
      return null;
    }
    Type element = left.equals(right) ? left : Type.JSON;
    return Strict.of(
        Type.listOf(element),
        a,
        b,
        (x, y) -> {
          List<Object> all = new ArrayList<>((List<?>) x);
          all.addAll((List<?>) y);
          return Membership.bounded(all);
        });
  }

  /** {@code -a}. */
  @Nullable Node negate(CelExpr expr, Node a) {
    if (a.type().number()) {
      return checker.fold(expr, Arithmetic.negate(a), a);
    }
    return checker.error(
        "E102",
        checker.syntax.at(expr),
        "operator '-' cannot take " + a.type(),
        "it takes a number: decimal(x) or int(x) makes one of a text or a JSON value");
  }

  private @Nullable Node numericAgainstDouble(CelExpr expr, String op) {
    return checker.error(
        "E104",
        checker.syntax.at(expr),
        "operator '" + op + "' would mix numeric, which is exact, with double, which is not",
        "say which is meant: decimal(x) or double(x)");
  }
}
