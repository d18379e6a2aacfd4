package io.rowbell.language;

import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.issue.Codes;
import io.rowbell.model.UnreadableValueException;

/** Why a rule could not evaluate a change: a code of {@link Codes}, and words for people. */
record RuleFailure(String code, String reason) {
  static RuleFailure of(RuntimeException e) {
    if (e instanceof EvaluationException known) {
      return new RuleFailure(known.code(), String.valueOf(e.getMessage()));
    }
    if (e instanceof UnreadableValueException) {
      return new RuleFailure(Codes.UNREADABLE, String.valueOf(e.getMessage()));
    }
    // The message of an unforeseen exception may hold a row's value: its place says enough.
    StackTraceElement[] trace = e.getStackTrace();
    String place = e.getClass().getSimpleName() + (trace.length == 0 ? "" : " at " + trace[0]);
    return new RuleFailure(Codes.FAULT, "the evaluator failed: " + place);
  }
}
