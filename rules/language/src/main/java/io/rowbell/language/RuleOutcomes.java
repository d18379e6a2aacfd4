package io.rowbell.language;

import io.rowbell.language.expression.Template;
import io.rowbell.model.Change;
import io.rowbell.model.EventId;
import org.jspecify.annotations.Nullable;

/**
 * What comes of a rule that fires or fails: what {@code on_error} and {@code mode} make of it,
 * counted. Immutable but for the counter.
 *
 * @param rule its name
 * @param shadow whether what it makes is told, and goes nowhere
 */
record RuleOutcomes(
    String rule, EventMaker maker, RuleCounter counter, OnError onError, boolean shadow) {

  /** The rule fires for a change that has begun. */
  Outcome event(Change change, Workspace workspace) {
    return event(change, workspace, maker.id(change, workspace), maker.making().type());
  }

  /**
   * The rule fires for a change that has begun.
   *
   * @param type of the event
   */
  Outcome event(Change change, Workspace workspace, EventId id, Template type) {
    Outcome event = new Outcome.Event(maker.event(change, workspace, id, type));
    counter.addFired();
    return told(event);
  }

  /**
   * Whatever goes wrong is this rule's failure, and no other's.
   *
   * @return null if it is to be skipped
   */
  @Nullable Outcome failure(Change change, Workspace workspace, RuntimeException e) {
    RuleFailure failure = RuleFailure.of(e);
    counter.addFailed();
    if (workspace.explanations != null) {
      workspace.explanations.failed(failure);
    }
    return switch (onError) {
      case SKIP -> null;
      case HALT -> told(new Outcome.Halt(rule, failure.code(), failure.reason(), change.origin()));
      case DLQ -> told(new Outcome.Dead(maker.letter(change, workspace, failure)));
    };
  }

  private Outcome told(Outcome made) {
    return shadow ? new Outcome.Shadow(rule, made) : made;
  }
}
