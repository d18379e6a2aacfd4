package io.rowbell.language;

import io.rowbell.language.Explanation.About;
import io.rowbell.language.Explanation.Condition;
import io.rowbell.language.Explanation.Last;
import io.rowbell.language.Explanation.Reason;
import io.rowbell.language.Explanation.Verdict;
import io.rowbell.model.DomainEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rule did when it was evaluated.
 *
 * @param outcome what it made; null for nothing
 * @param failure what went wrong; null if nothing did
 */
record Answer(CompiledRule rule, @Nullable Outcome outcome, @Nullable RuleFailure failure) {

  /** With its reason, unless it failed: then that is the reason. */
  Explanation explained(
      About about, Reason reason, String because, List<Condition> conditions, @Nullable Last last) {
    List<DomainEvent> made = events(outcome);
    return new Explanation(
        rule.name(),
        about,
        failure != null ? Verdict.FAILED : made.isEmpty() ? Verdict.NOT_FIRED : Verdict.FIRED,
        failure != null ? Reason.ERROR : reason,
        failure != null ? failed(failure) : because,
        conditions,
        last,
        made,
        rule.declaration().settings().isShadow());
  }

  private static List<DomainEvent> events(@Nullable Outcome outcome) {
    if (outcome instanceof Outcome.Shadow shadow) {
      return events(shadow.would());
    }
    return outcome instanceof Outcome.Event event ? List.of(event.event()) : List.of();
  }

  private String failed(RuleFailure what) {
    OnError onError = rule.declaration().settings().onError();
    String then =
        switch (onError) {
          case DLQ -> "it becomes a dead letter";
          case SKIP -> "it is skipped";
          case HALT -> "the engine stops before it";
        };
    return what.code()
        + " "
        + what.reason()
        + (rule.declaration().settings().isShadow()
            ? "; mode: shadow, nothing becomes of it"
            : "; on_error: " + onError.word() + ", " + then);
  }
}
