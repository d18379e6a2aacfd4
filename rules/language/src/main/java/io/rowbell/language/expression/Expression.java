package io.rowbell.language.expression;

import io.rowbell.language.issue.Location;
import io.rowbell.model.RowPredicate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A checked expression. Immutable, safe for any number of threads, each with its own {@link
 * Evaluation}.
 */
public final class Expression {
  private final String source;
  private final Node node;
  private final Reads reads;
  private final @Nullable Explainer explainer;
  private final Cost cost;

  Expression(String source, Node node, Reads reads, @Nullable Explainer explainer, Cost cost) {
    this.source = source;
    this.node = node;
    this.reads = reads;
    this.explainer = explainer;
    this.cost = cost;
  }

  Node node() {
    return node;
  }

  Reads reads() {
    return reads;
  }

  Cost cost() {
    return cost;
  }

  /** What it asks of the row after an insert or update, column by column, if it is a condition. */
  public List<ColumnTest> testsOfNewRow() {
    return ColumnTests.ofNewRow(node);
  }

  /** What it asks of a row that was deleted, column by column, if it is a condition. */
  public List<ColumnTest> testsOfDeletedRow() {
    return ColumnTests.ofDeletedRow(node);
  }

  /**
   * How many changes a transaction may have made for it to be true, if it is a condition: of more
   * it is false, whatever else is the case. {@link Long#MAX_VALUE} for any number.
   */
  public long mostChanges() {
    return MostChanges.of(node);
  }

  /** The static type of its values. */
  public Type type() {
    return node.type();
  }

  /** What its values look like in the events of changes that have these rows. */
  public Shape shape(Images images) {
    return node.shape(images);
  }

  /** Whether its value is the same for every change. */
  public boolean constant() {
    return node.constant();
  }

  /** The names of all columns it reads, of the row before or after. */
  public Set<String> columns() {
    return reads.columns();
  }

  /** The names of the columns it reads of the row before an update or delete. */
  public Set<String> oldColumns() {
    return reads.oldColumns();
  }

  /** The names of the columns it reads of the row when the rule fired last. */
  public Set<String> lastColumns() {
    return reads.lastColumns();
  }

  /** Where it reads the row when the rule fired last, first; or null. */
  public @Nullable Location last() {
    return reads.last();
  }

  /** The columns it reads of each child table, by the child's name in the rule. */
  public Map<String, Set<String>> children() {
    return reads.children();
  }

  /**
   * The names that the rule file gives a meaning, {@code let} and {@code vars}, and that meaning.
   */
  public Map<String, String> definitions() {
    return reads.definitions();
  }

  /** Where it reads what only the end of the transaction tells, beside child rows; or null. */
  public @Nullable Location atCommit() {
    return reads.atCommit();
  }

  /** Whether it reads a function over time. */
  public boolean readsWindow() {
    return reads.window();
  }

  /**
   * The private columns that its value tells of, and where each is read: all that neither {@code
   * mask} nor {@code hash} hides.
   */
  public Map<String, Location> exposed() {
    return reads.exposed();
  }

  /**
   * Of a row of which this does not hold, the condition is certainly false, and does not fail.
   *
   * @return null if nothing can be said by the values of the current row alone
   */
  public @Nullable RowPredicate rows() {
    return RowPredicates.of(node);
  }

  /** The same of the row after an insert or update; {@code after.x} is asked, too. */
  public @Nullable RowPredicate newRows() {
    return RowPredicates.ofNewRow(node);
  }

  /** The same of a row that was deleted; {@code before.x} is asked, too. */
  public @Nullable RowPredicate deletedRows() {
    return RowPredicates.ofDeletedRow(node);
  }

  /**
   * Its value for a change.
   *
   * @return a value of a class that {@link Type.Kind} names; null for SQL's NULL and for what
   *     follows from it; {@link io.rowbell.model.Row#NOT_LOGGED} if it depends on a value that
   *     PostgreSQL did not log: such a field is left out of an event's data and named as missing
   * @throws EvaluationException if there is no value
   * @throws io.rowbell.model.UnreadableValueException if a column's value cannot be represented
   */
  public @Nullable Object evaluate(Evaluation evaluation) {
    Object value = node.eval(evaluation);
    return value == Node.UNKNOWN ? null : value;
  }

  /**
   * Its value as a condition.
   *
   * @throws IllegalStateException if it is not boolean
   * @throws EvaluationException if there is no value
   * @throws io.rowbell.model.UnreadableValueException if a column's value cannot be represented
   */
  public Truth test(Evaluation evaluation) {
    return node.test(evaluation);
  }

  /** The same condition, whose value is told to somebody whenever it was asked for. */
  public Expression observed(Consumer<Truth> observer) {
    return new Expression(source, new Observed(node, observer), reads, explainer, cost);
  }

  /**
   * The same condition, made of its operands.
   *
   * @param operands conditions whose conjunction it is; at least one
   */
  public Expression asConjunctionOf(List<Expression> operands) {
    Node all = operands.get(0).node;
    for (Expression operand : operands.subList(1, operands.size())) {
      all = new Logic.And(all, operand.node);
    }
    return new Expression(source, all, reads, explainer, cost);
  }

  /** Whether somebody is told what it or one of its operands comes to. */
  public boolean isObserved() {
    return node instanceof Observed
        || (node instanceof Logic.And and && and.right instanceof Observed);
  }

  /**
   * What it and its parts come to as a condition. Slower than {@link #test}: for those who ask why.
   *
   * @throws IllegalStateException if it is not boolean, or a bare name
   */
  public Explained explain(Evaluation evaluation) {
    if (explainer == null) {
      throw new IllegalStateException("a name is no condition: " + source);
    }
    return explainer.explain(evaluation);
  }

  /** Its parts; null of a bare name. */
  @Nullable Part part() {
    return explainer == null ? null : explainer.root();
  }

  /** The text it was compiled from. */
  @Override
  public String toString() {
    return source;
  }

  private static final class Observed extends Node.Condition {
    private final Node condition;
    private final Consumer<Truth> observer;

    Observed(Node condition, Consumer<Truth> observer) {
      this.condition = condition;
      this.observer = observer;
    }

    @Override
    Truth test(Evaluation e) {
      Truth truth = condition.test(e);
      observer.accept(truth);
      return truth;
    }
  }
}
