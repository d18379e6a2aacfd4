package io.rowbell.engine;

import io.rowbell.language.issue.Issue;
import io.rowbell.spi.Finding;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What became of rules that were read anew.
 *
 * @param outcome which rules are in force
 * @param at when that was decided
 * @param fingerprint of the rules that were read; null if they cannot be used
 * @param issues what is wrong with the files; if they can be used, warnings
 * @param findings what the database lacks for them
 * @param failure why they were refused, if neither issues nor findings say it
 * @param notes what is to be known besides
 */
public record Reload(
    Outcome outcome,
    Instant at,
    @Nullable String fingerprint,
    List<Issue> issues,
    List<Finding> findings,
    @Nullable String failure,
    List<String> notes) {
  /** Which rules are in force. */
  public enum Outcome {
    /** The new ones. */
    TAKEN,
    /** Those of before, until the next transaction begins. */
    PENDING,
    /** Those of before. */
    REFUSED
  }

  public Reload {
    Objects.requireNonNull(outcome, "outcome");
    Objects.requireNonNull(at, "at");
    issues = List.copyOf(issues);
    findings = List.copyOf(findings);
    notes = List.copyOf(notes);
  }

  static Reload refused(Instant at, String failure) {
    return new Reload(Outcome.REFUSED, at, null, List.of(), List.of(), failure, List.of());
  }

  Reload become(Outcome other, Instant when, @Nullable String why, List<String> more) {
    List<String> all = new java.util.ArrayList<>(notes);
    all.addAll(more);
    return new Reload(other, when, fingerprint, issues, findings, why, all);
  }

  /** All of it for people, in lines; the last has no end. */
  public String text() {
    StringBuilder text =
        new StringBuilder(
            switch (outcome) {
              case TAKEN -> "the new rules are in force";
              case PENDING ->
                  "the new rules can be used, and take over before the next transaction; until then"
                      + " those of before go on: a long transaction is being read, or the database"
                      + " or the journal is waited for";
              case REFUSED -> "the new rules are refused, and those of before go on";
            });
    text.append(issues.isEmpty() && findings.isEmpty() && failure == null ? "" : ":");
    issues.forEach(issue -> text.append('\n').append(issue.render()));
    findings.forEach(finding -> Failures.append(text, finding));
    if (failure != null) {
      text.append('\n').append(failure);
    }
    notes.forEach(note -> text.append("\n  = note: ").append(note));
    return text.toString();
  }
}
