package io.rowbell.language.expression;

import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the expressions of one rule: parses, checks types against the rule's {@link Scope},
 * makes an evaluator. Every problem of a text is noted, each with its place. For one thread.
 */
public final class ExpressionCompiler {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");

  private final Scope scope;
  private final Map<String, Let> lets = new HashMap<>();
  private final RuleWindows windows = new RuleWindows();
  private int slots;

  public ExpressionCompiler(Scope scope) {
    this.scope = scope;
  }

  /** Loads the parser, so that the first expression need not wait for it. */
  public static void warmUp() {
    Syntax.warmUp();
  }

  /** The functions over time in the texts compiled so far. */
  public List<Window> windows() {
    return windows.all();
  }

  /**
   * Defines a {@code let} name for the texts compiled afterwards. It is evaluated at most once for
   * a change. After a problem the name counts as defined, so that its uses are not problems too.
   *
   * @return null after a problem
   */
  public @Nullable Expression let(String name, Text body, Problems problems) {
    Expression expression = compile(body, false, false, problems);
    if (expression == null) {
      broken(name);
      return null;
    }
    Node node = expression.node();
    expression.reads().defines(name, body.value());
    // A constant needs no place; a quotient that is divided each time is compared exactly.
    boolean inline = node.constant() || node instanceof Quotient;
    Node value = inline ? node : new LetNode(slots++, node);
    lets.put(name, new Let(value, expression.reads(), expression.part(), expression.cost()));
    return expression;
  }

  /** Notes a name of which the problem is known, so that its uses are not problems too. */
  public void broken(String name) {
    lets.put(name, new Let(null, new Reads(), null, new Cost()));
  }

  /**
   * Compiles an expression of any type.
   *
   * @return null after a problem
   */
  public @Nullable Expression expression(Text text, Problems problems) {
    return compile(text, false, true, problems);
  }

  /**
   * Compiles an expression that must be boolean ({@code when while until}).
   *
   * @return null after a problem
   */
  public @Nullable Expression condition(Text text, Problems problems) {
    Expression expression = compile(text, true, true, problems);
    if (expression == null) {
      return null;
    }
    Type type = expression.type();
    if (!type.is(Type.Kind.BOOLEAN)) {
      problems.error(
          "E103",
          text.at(0),
          "a condition is true or false, and this is " + type,
          comparison(text.value(), type));
      return null;
    }
    if (expression.node() instanceof Node.Constant constant) {
      Object value = constant.value();
      problems.warning(
          "W120",
          text.at(0),
          "this condition is always "
              + (value instanceof Boolean ? value : "unknown, so the rule never fires"),
          "ask for a column of the row; 'enabled: false' rests a rule");
    }
    return expression;
  }

  /** What makes a condition of a value; null for what has no value to compare. */
  private static @Nullable String comparison(String source, Type type) {
    if (type.is(Type.Kind.NULL)) {
      return null;
    }
    String what = NAME.matcher(source).matches() ? source : "with";
    String to =
        type.is(Type.Kind.JSON)
            ? "== true"
            : type.number() ? "> 0" : type.textual() ? "== '...'" : "!= null";
    return "compare it, for example " + what + " " + to;
  }

  /**
   * Compiles an expression whose value has one line of text: anything but lists, maps, bytes and
   * JSON objects ({@code key}, {@code id}). Read it with {@link CanonicalText#of}.
   *
   * @return null after a problem
   */
  public @Nullable Expression scalar(Text text, Problems problems) {
    Expression expression = expression(text, problems);
    if (expression == null) {
      return null;
    }
    return switch (expression.type().kind()) {
      case LIST, MAP, BYTES, NULL -> {
        problems.error(
            "E103",
            text.at(0),
            "this must be a single value, and is " + expression.type(),
            "choose one of its members, or make text of it: string(x)");
        yield null;
      }
      default -> expression;
    };
  }

  /**
   * The expression that a bare name stands for, as in {@code data: {id, price}}: a {@code let} name
   * or a column, spelt exactly; it need not be a name that CEL can write.
   *
   * @return null after a problem
   */
  public @Nullable Expression name(Text name, Problems problems) {
    Syntax nothing = Syntax.nothing(name);
    Checker checker = new Checker(scope, lets, windows, nothing, false, problems);
    Node node = checker.names.name(name.value(), name.at(0));
    return node == null
        ? null
        : new Expression(
            name.value(),
            checker.names.leaving(node, name.at(0)),
            checker.names.reads(),
            null,
            checker.cost);
  }

  /**
   * Compiles text with {@code {expr}} holes ({@code event}, {@code to}). Each hole must be scalar.
   *
   * @return null after a problem
   */
  public @Nullable Template template(Text text, Problems problems) {
    return new TemplateReader(this, text, problems).read();
  }

  /**
   * @param leaves whether its value is used as it is, and not only through a name
   */
  private @Nullable Expression compile(
      Text text, boolean condition, boolean leaves, Problems problems) {
    Syntax syntax = Syntax.parse(text, problems);
    if (syntax == null) {
      return null;
    }
    Problems found = new Problems();
    Checker checker = new Checker(scope, lets, windows, syntax, condition, found);
    Node checked = checker.check();
    String excess = checker.cost.excess();
    if (excess != null) {
      found.error("E120", text.at(0), excess, "use fewer let names within let names");
    }
    Node node = checked == null || !leaves ? checked : checker.names.leaving(checked, text.at(0));
    found.issues().forEach(problems::add);
    Part part = checker.part();
    return node == null || part == null || found.hasErrors()
        ? null
        : new Expression(
            text.value(),
            node,
            checker.names.reads(),
            new Explainer(part, scope.privates()),
            checker.cost);
  }

  /**
   * What a {@code let} name stands for.
   *
   * @param node null after a problem
   * @param part the parts of its expression
   */
  record Let(@Nullable Node node, Reads reads, @Nullable Part part, Cost cost) {}

  /** What a {@code let} name stands for, evaluated at most once for a change. */
  static final class LetNode extends Node {
    private final int slot;
    final Node body;

    LetNode(int slot, Node body) {
      super(body.type());
      this.slot = slot;
      this.body = body;
    }

    @Override
    Shape shape(Images images) {
      return body.shape(images);
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      return e.let(slot, body);
    }
  }
}
