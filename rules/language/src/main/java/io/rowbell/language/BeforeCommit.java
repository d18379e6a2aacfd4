package io.rowbell.language;

import io.rowbell.language.expression.Evaluation;
import io.rowbell.language.expression.Expression;
import io.rowbell.language.expression.TransactionFacts;
import io.rowbell.language.expression.Truth;
import io.rowbell.model.Change;
import org.jspecify.annotations.Nullable;

/**
 * Tells, while a transaction is read, of which of its changes a rule will certainly make nothing,
 * whatever the rest brings: those need not be kept until the commit. Immutable.
 */
final class BeforeCommit {
  private final Trigger trigger;
  private final @Nullable EventKey key;
  private final long mostChanges;

  /**
   * @param key what the rule asks for before its condition; null if it does not
   */
  BeforeCommit(Trigger trigger, @Nullable EventKey key) {
    this.trigger = trigger;
    this.key = key;
    Expression when = trigger.when();
    mostChanges = when == null ? Long.MAX_VALUE : when.mostChanges();
  }

  /** Beyond how many changes of a transaction the rule fires for none of them. */
  long mostChanges() {
    return mostChanges;
  }

  /**
   * Whether the rule makes nothing of a change.
   *
   * @param changes how many there were until now, with this one
   * @return false also if the rule fails: that is told at the commit, unless what was kept of the
   *     transaction was given up, be it to fail or not
   */
  boolean rulesOut(Change change, Workspace workspace, RuleCounter counter, long changes) {
    Evaluation evaluation = workspace.evaluation;
    evaluation.transaction(TransactionFacts.NOT_YET);
    try {
      if (!trigger.concerns(change)) {
        return true;
      }
      evaluation.begin(change);
      if (key != null) {
        String unused = key.of(change, workspace);
      }
      Truth truth = changes > mostChanges ? Truth.FALSE : holds(evaluation);
      if (truth != Truth.TRUE) {
        counter.addEvaluated();
      }
      if (truth.unknown()) {
        counter.addUnknown();
      }
      return truth != Truth.TRUE;
    } catch (RuntimeException e) {
      if (key != null || changes <= mostChanges) {
        return false;
      }
      counter.addEvaluated();
      return true;
    } finally {
      evaluation.transaction(TransactionFacts.NONE);
    }
  }

  private Truth holds(Evaluation evaluation) {
    Expression when = trigger.when();
    return when == null ? Truth.TRUE : when.test(evaluation);
  }
}
