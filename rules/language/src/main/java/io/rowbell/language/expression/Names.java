package io.rowbell.language.expression;

import dev.cel.common.ast.CelExpr;
import io.rowbell.language.expression.Node.Constant;
import io.rowbell.language.expression.RowNodes.ColumnNode;
import io.rowbell.language.expression.RowNodes.Image;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.Operation;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the names in an expression stand for: a comprehension's variable, a {@code let} name, a word
 * of the language, a column; the first that there is.
 */
final class Names {
  /** Words that have members. */
  private static final Set<String> WORDS = Set.of("before", "after", "vars", "tx", "last");

  /** Words that a rule for rows has not: columns may well be called so. */
  private static final Set<String> OF_MESSAGES = Set.of("content", "prefix");

  private static final List<String> LITERALS = List.of("null", "true", "false");

  private final Checker checker;
  private final Scope scope;
  private final Map<String, ExpressionCompiler.Let> lets;
  private Reads reads = new Reads();
  private boolean oldRowReported;
  private @Nullable String variable;
  private @Nullable Type variableType;

  Names(Checker checker, Scope scope, Map<String, ExpressionCompiler.Let> lets) {
    this.checker = checker;
    this.scope = scope;
    this.lets = lets;
  }

  /** The columns read so far. */
  Reads reads() {
    return reads;
  }

  /** Whether an operand is a word whose members are columns, constants or facts. */
  boolean isWord(CelExpr operand) {
    if (operand.getKind() != CelExpr.ExprKind.Kind.IDENT) {
      return false;
    }
    String name = operand.ident().name();
    return WORDS.contains(name) && !name.equals(variable) && !lets.containsKey(name);
  }

  /** {@code word.name}. */
  @Nullable Node member(CelExpr word, String name, Location at) {
    return switch (word.ident().name()) {
      case "before" -> column(Image.BEFORE, name, at, checker.syntax.at(word));
      case "after" -> column(Image.AFTER, name, at, checker.syntax.at(word));
      case "vars" -> constant(name, at);
      case "tx" -> transaction(name, at);
      default -> column(Image.LAST, name, at, checker.syntax.at(word));
    };
  }

  /** A name that stands alone. */
  @Nullable Node bare(CelExpr expr) {
    String name = expr.ident().name();
    Location at = checker.syntax.at(expr);
    if (name.equals(variable) && variableType != null) {
      checker.cost.element();
      return new Element(variableType);
    }
    if (lets.containsKey(name)) {
      return let(name);
    }
    Child child = scope.child(name);
    if (child != null) {
      return rows(child);
    }
    RuleFunction word = Functions.word(name);
    if (word != null && (scope.table() == null || !OF_MESSAGES.contains(name))) {
      if (scope.table() != null && scope.table().indexOf(name).isPresent()) {
        checker.warning(
            "W111",
            at,
            "'" + name + "' is " + word.summary() + " here, and not the column of that name",
            "write after." + name + " for the column");
      }
      return new Call(checker, expr).buildWord(word);
    }
    return name(name, at);
  }

  /** A {@code let} name or a column, however it is spelt. */
  @Nullable Node name(String name, Location at) {
    if (lets.containsKey(name)) {
      return let(name);
    }
    Child child = scope.child(name);
    return child == null ? column(Image.CURRENT, name, at, at) : rows(child);
  }

  private Node rows(Child child) {
    reads.child(child.name());
    return new ChildNodes.Rows(child);
  }

  /** A column of a child row. */
  @Nullable Node childColumn(Child child, Node row, String name, Location at) {
    TableSchema table = child.table();
    OptionalInt index = table.indexOf(name);
    if (index.isEmpty()) {
      List<String> columns = table.columns().stream().map(Column::name).toList();
      return noColumn(
          table,
          name,
          at,
          Suggestions.didYouMean(name, columns)
              .or(() -> Suggestions.choice("its columns", columns))
              .orElse(null));
    }
    childColumn(child, name, at);
    return new ChildNodes.ColumnOf(row, child, index.getAsInt());
  }

  /** A value that leaves as it is: child rows leave with all their columns. */
  Node leaving(Node node, Location at) {
    Child child = node.type().rows();
    if (child == null) {
      return node;
    }
    child.table().columns().forEach(column -> childColumn(child, column.name(), at));
    return ChildNodes.whole(node);
  }

  private void childColumn(Child child, String name, Location at) {
    reads.childColumn(child.name(), name);
    if (child.privates().contains(name)) {
      reads.exposes(child.table().id().name() + "." + name, at);
    }
  }

  /** The parts of what stands behind a {@code let} name; null if an expression is none. */
  @Nullable Part letOf(CelExpr expr) {
    boolean ident = expr.getKind() == CelExpr.ExprKind.Kind.IDENT;
    ExpressionCompiler.Let let =
        ident && !expr.ident().name().equals(variable) ? lets.get(expr.ident().name()) : null;
    return let == null ? null : let.part();
  }

  private @Nullable Node let(String name) {
    ExpressionCompiler.Let let = lets.get(name);
    if (let == null || let.node() == null) {
      return null;
    }
    reads.addAll(let.reads());
    checker.uses(let.cost());
    return let.node();
  }

  /** Checks a comprehension's body, in which a variable stands for the element. */
  @Nullable Node withVariable(CelExpr.CelIdent name, Type type, CelExpr body) {
    variable = name.name();
    variableType = type;
    try {
      return checker.check(body);
    } finally {
      variable = null;
      variableType = null;
    }
  }

  /** Whether the checker is in a comprehension's body. */
  boolean insideComprehension() {
    return variable != null;
  }

  /** Checks a condition that is evaluated for both rows. */
  @Nullable Node forBothRows(CelExpr condition) {
    Reads outer = reads;
    reads = new Reads();
    Location at = checker.syntax.atStart(condition);
    try {
      Node node = checker.check(condition);
      if (scope.operations().contains(Operation.UPDATE)) {
        reads.bare().forEach(name -> old(name, at));
      }
      return reads.window()
          ? checker.error(
              Codes.WINDOW,
              at,
              "becomes() looks at two rows, and a window at changes",
              "count what becomes true: count_over(becomes(...), '5m')")
          : node;
    } finally {
      outer.addAll(reads);
      reads = outer;
    }
  }

  /** Checks what a window is given: where that is null, nothing is. */
  <T extends @Nullable Object> T apart(Supplier<T> check, Reads inner) {
    Reads outer = reads;
    reads = inner;
    checker.guards.mute(true);
    try {
      return check.get();
    } finally {
      checker.guards.mute(false);
      outer.addAll(inner);
      reads = outer;
    }
  }

  /** Checks what hides the values it reads. */
  <T extends @Nullable Object> T hidden(Supplier<T> check) {
    Reads outer = reads;
    reads = new Reads();
    try {
      return check.get();
    } finally {
      outer.addHidden(reads);
      reads = outer;
    }
  }

  /** The word before or after by itself; null if an operand is anything else. */
  RowNodes.@Nullable Whole rowAlone(CelExpr operand) {
    boolean rows = scope.table() != null && !rowless() && isWord(operand);
    String word = rows ? operand.ident().name() : "";
    return switch (word) {
      case "before" -> new RowNodes.Whole(Image.BEFORE);
      case "after" -> new RowNodes.Whole(Image.AFTER);
      default -> null;
    };
  }

  /** A whole row. */
  @Nullable Node row(Image image, Location at) {
    TableSchema table = scope.table();
    if (table == null || rowless()) {
      return noRow(at);
    }
    for (Column column : table.columns()) {
      if (scope.privates().contains(column.name())) {
        reads.exposes(column.name(), at);
      }
      if (image == Image.BEFORE && readsOldRows()) {
        old(column.name(), at);
      } else {
        reads.column(column.name());
      }
    }
    return new RowNodes.Whole(image);
  }

  private @Nullable Node column(Image image, String name, Location at, Location start) {
    TableSchema table = scope.table();
    if (table == null || rowless()) {
      return noRow(at);
    }
    OptionalInt index = table.indexOf(name);
    if (index.isEmpty()) {
      return unknown(table, image, name, at);
    }
    if (neverThere(image)) {
      checker.warning(
          "W112",
          start,
          image == Image.BEFORE
              ? "there is no row before the change, so this is null: the rule listens to new rows"
                  + " only"
              : "there is no row after the change, so this is null: the rule listens to deletes"
                  + " only",
          "write " + name + ", which is the row there is, or listen to updates too");
    }
    if (scope.privates().contains(name)) {
      reads.exposes(name, at);
    }
    if (image == Image.LAST) {
      reads.lastColumn(name, start);
    } else if (image == Image.BEFORE && readsOldRows()) {
      old(name, start);
    } else if (image == Image.CURRENT && scope.operations().equals(Set.of(Operation.DELETE))) {
      old(name, start);
    } else if (image == Image.CURRENT) {
      reads.bare(name);
    } else {
      reads.column(name);
    }
    return ColumnNode.of(image, table.column(index.getAsInt()), index.getAsInt());
  }

  private @Nullable Node unknown(TableSchema table, Image image, String name, Location at) {
    if (image == Image.CURRENT && name.equals("last")) {
      return checker.error(
          "E101",
          at,
          "last is the row when this rule fired last, and not a value",
          "name one of its columns, for example last." + table.columns().get(0).name());
    }
    if (image == Image.CURRENT && scope.vars().containsKey(name)) {
      return noColumn(table, name, at, "a constant of the file is written vars." + name);
    }
    List<String> columns = table.columns().stream().map(Column::name).toList();
    List<String> candidates = new ArrayList<>(columns);
    String help = Suggestions.choice("its columns", columns).orElse(null);
    if (image == Image.CURRENT) {
      candidates.addAll(lets.keySet());
      scope.children().forEach(child -> candidates.add(child.name()));
      candidates.addAll(Functions.words());
      candidates.addAll(LITERALS);
      String meant =
          checker.syntax.isName()
              ? UnknownNames.helpForEntry(name)
              : UnknownNames.help(name, at, table.id().name());
      help = meant == null ? help : meant;
    }
    return noColumn(table, name, at, Suggestions.didYouMean(name, candidates).orElse(help));
  }

  private @Nullable Node noColumn(
      TableSchema table, String name, Location at, @Nullable String help) {
    return checker.error("E101", at, "table " + table.id() + " has no column '" + name + "'", help);
  }

  private boolean rowless() {
    return scope.operations().equals(Set.of(Operation.TRUNCATE));
  }

  private @Nullable Node noRow(Location at) {
    return scope.table() == null
        ? checker.error("E111", at, "a message has no row", "it has content and prefix")
        : checker.error("E111", at, "a truncate has no row", "it has op, table, ts and tx");
  }

  private boolean neverThere(Image image) {
    boolean updates = scope.operations().contains(Operation.UPDATE);
    return (image == Image.BEFORE && !updates && !scope.operations().contains(Operation.DELETE))
        || (image == Image.AFTER
            && !updates
            && !scope.operations().contains(Operation.INSERT)
            && !scope.operations().contains(Operation.SNAPSHOT));
  }

  private boolean readsOldRows() {
    return scope.operations().contains(Operation.UPDATE)
        || scope.operations().contains(Operation.DELETE);
  }

  /** Whether PostgreSQL logs a column of the old row. */
  boolean logged(String name) {
    TableSchema table = scope.table();
    OptionalInt index = table == null ? OptionalInt.empty() : table.indexOf(name);
    return table != null && index.isPresent() && table.identity().contains(index.getAsInt());
  }

  /** The name is read of the row before the change: it must be logged. */
  private void old(String name, Location at) {
    reads.oldColumn(name);
    TableSchema table = scope.table();
    if (table == null || logged(name) || oldRowReported) {
      return;
    }
    oldRowReported = true;
    String reading = checker.condition ? "this condition reads" : "this reads";
    String logs =
        table.replicaIdentity() == ReplicaIdentity.INDEX
            ? "PostgreSQL logs old values of that index's columns only"
            : "PostgreSQL does not log old values";
    checker.error(
        "E110",
        at,
        reading
            + " the row before the change, but "
            + table.id()
            + " has REPLICA IDENTITY "
            + table.replicaIdentity()
            + ": "
            + logs,
        fullIdentity(table)
            + (checker.condition && scope.operations().contains(Operation.UPDATE)
                ? ", or compare with last." + name + ", which needs none"
                : ""));
  }

  /** The statement that lets PostgreSQL log whole old rows. */
  static String fullIdentity(TableSchema table) {
    return "run ALTER TABLE " + table.id().sql() + " REPLICA IDENTITY FULL";
  }

  /** Notes that a column of both rows is compared where that is possible. */
  void compared(String name, Location at) {
    if (scope.privates().contains(name)) {
      reads.exposes(name, at);
    }
    if (logged(name)) {
      reads.oldColumn(name);
    } else {
      reads.column(name);
    }
  }

  private @Nullable Node constant(String name, Location at) {
    if (!scope.vars().containsKey(name)) {
      return checker.error(
          "E101",
          at,
          "vars has no '" + name + "'",
          Suggestions.didYouMean(name, new TreeSet<>(scope.vars().keySet()))
              .or(() -> Suggestions.choice("they", scope.vars().keySet()))
              .orElse("the file has no vars: write vars: {" + name + ": ...} above its triggers"));
    }
    Object value = scope.vars().get(name);
    reads.defines("vars." + name, String.valueOf(value));
    return new Constant(Type.ofConstant(value), value);
  }

  private @Nullable Node transaction(String name, Location at) {
    return switch (name) {
      case "changes" -> {
        reads.atCommit(at);
        yield new TransactionChanges();
      }
      case "id" -> Fact.of(Type.INT, change -> change.origin().xid());
      case "commit_time" -> Fact.of(Type.TIMESTAMP, change -> change.origin().commitTime());
      default ->
          checker.error(
              "E101",
              at,
              "tx has no '" + name + "'",
              Suggestions.didYouMean(name, List.of("id", "commit_time", "changes"))
                  .orElse("it has id, commit_time and changes"));
    };
  }

  /** A fact about the change itself. */
  static final class Fact extends Node {
    interface Of {
      Object apply(Change change);
    }

    private final Of body;

    private Fact(Type type, Of body) {
      super(type);
      this.body = body;
    }

    static Node of(Type type, Of body) {
      return new Fact(type, body);
    }

    @Override
    Shape shape(Images images) {
      return Shape.of(type());
    }

    @Override
    Object eval(Evaluation e) {
      return body.apply(e.change());
    }
  }

  /** How many changes the transaction made. */
  static final class TransactionChanges extends Node {
    TransactionChanges() {
      super(Type.INT);
    }

    @Override
    Object eval(Evaluation e) {
      return e.transaction().changes();
    }
  }

  /** The element a comprehension is at. */
  static final class Element extends Node {
    Element(Type type) {
      super(type);
    }

    @Override
    Shape shape(Images images) {
      return images.element();
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      return e.element;
    }
  }
}
