package io.rowbell.language.testing;

import io.rowbell.language.Compilation;
import io.rowbell.language.ConditionCoverage;
import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleFile;
import io.rowbell.language.RuleSet;
import io.rowbell.language.contract.RuleOutput;
import io.rowbell.language.expression.KeyedHash;
import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.Problems;
import io.rowbell.model.Catalog;
import io.rowbell.model.DatabaseId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tests of rule files, checked against their tables and ready to run.
 *
 * <p>Every test has an empty database, and begins at 2026-01-01T00:00:00Z; each transaction commits
 * at the time that it is then, which only {@code wait} moves. Ids of events are those of {@link
 * #DATABASE}. For one thread.
 */
public final class RuleTests {
  /** The database whose changes tests are said to be. */
  public static final DatabaseId DATABASE = new DatabaseId("0", "test");

  private final @Nullable RuleSet rules;
  private final ConditionCoverage coverage;
  private final List<RuleTest> tests;
  private final List<Issue> ruleIssues;
  private final List<Issue> testIssues;

  private RuleTests(
      @Nullable RuleSet rules,
      ConditionCoverage coverage,
      List<RuleTest> tests,
      List<Issue> ruleIssues,
      List<Issue> testIssues) {
    this.rules = rules;
    this.coverage = coverage;
    this.tests = tests;
    this.ruleIssues = ruleIssues;
    this.testIssues = testIssues;
  }

  /**
   * Compiles rule files and reads their tests.
   *
   * @param catalog the tables; what {@code tests} say of them is checked against it too
   * @param hash the key behind {@code hash(x)}, or null if none is configured
   */
  public static RuleTests of(List<RuleFile> files, Catalog catalog, @Nullable KeyedHash hash) {
    ConditionCoverage coverage = new ConditionCoverage();
    Compilation compiled = new RuleCompiler(files, DATABASE, hash).compile(catalog, coverage);
    RuleSet rules = compiled.rules().orElse(null);
    Problems problems = new Problems();
    List<RuleTest> tests = new ArrayList<>();
    if (rules != null) {
      TestReader reader = new TestReader(catalog, rules.shapes(), problems);
      files.forEach(file -> tests.addAll(reader.read(file)));
    }
    return new RuleTests(rules, coverage, tests, compiled.issues(), problems.issues());
  }

  /** What is wrong with the rules; with an error among them, tests are not read. */
  public List<Issue> ruleIssues() {
    return ruleIssues;
  }

  /** What is wrong with the tests. */
  public List<Issue> testIssues() {
    return testIssues;
  }

  /** Whether they can be run: there is no error in the rules, and none in the tests. */
  public boolean canRun() {
    return rules != null && testIssues.isEmpty();
  }

  /**
   * Runs all tests.
   *
   * @throws IllegalStateException if they cannot be run
   */
  public TestReport run() {
    if (rules == null || !testIssues.isEmpty()) {
      throw new IllegalStateException("the rules or the tests have issues: they cannot be run");
    }
    Set<String> fired = new HashSet<>();
    List<TestResult> results = new ArrayList<>();
    for (RuleTest test : tests) {
      results.add(new TestRun(rules, fired).run(test));
    }
    return new TestReport(
        results,
        rules.outputs().stream()
            .map(RuleOutput::rule)
            .distinct()
            .filter(rule -> !fired.contains(rule))
            .toList(),
        coverage.neverFalse().stream()
            .filter(part -> fired.contains(part.rule()))
            .map(
                part ->
                    new TestReport.Condition(part.rule(), part.text().value(), part.text().at(0)))
            .toList());
  }
}
