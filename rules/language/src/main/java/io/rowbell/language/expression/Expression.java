package io.rowbell.language.expression;

import io.rowbell.language.issue.Location;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A checked expression. Immutable, safe for any number of threads, each with its own {@link
 * Evaluation}.
 */
public final class Expression {
  private final String source;
  private final Node node;
  private final Reads reads;
  private final Cost cost;

  Expression(String source, Node node, Reads reads, Cost cost) {
    this.source = source;
    this.node = node;
    this.reads = reads;
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

  /** The static type of its values. */
  public Type type() {
    return node.type();
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

  /**
   * The private columns that its value tells of, and where each is read: all that neither {@code
   * mask} nor {@code hash} hides.
   */
  public Map<String, Location> exposed() {
    return reads.exposed();
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

  /** The text it was compiled from. */
  @Override
  public String toString() {
    return source;
  }
}
