package io.rowbell.language.testing;

import io.rowbell.language.issue.Location;
import java.util.List;

/**
 * What became of all tests, and what they do not show.
 *
 * @param results of every test, in the order of the files
 * @param neverFired the names of the enabled rules that made no event in any test; a rule in shadow
 *     makes none anywhere
 * @param neverFalse parts of the conditions of the other rules that were true whenever they were
 *     asked: no test shows that they matter
 */
public record TestReport(
    List<TestResult> results, List<String> neverFired, List<Condition> neverFalse) {
  public TestReport {
    results = List.copyOf(results);
    neverFired = List.copyOf(neverFired);
    neverFalse = List.copyOf(neverFalse);
  }

  /**
   * A part of a rule's condition.
   *
   * @param text as it is written
   * @param at where it begins
   */
  public record Condition(String rule, String text, Location at) {}

  /** Whether no test failed. */
  public boolean passed() {
    return results.stream().allMatch(TestResult::passed);
  }
}
