package io.rowbell.engine;

import io.rowbell.engine.migration.Migration;
import io.rowbell.language.Compilation;
import io.rowbell.language.RuleSet;
import io.rowbell.language.contract.Contract;
import io.rowbell.language.contract.ContractDiff;
import io.rowbell.language.contract.ContractDiff.Difference;
import io.rowbell.language.issue.Issue;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a migration would do to rules, told without running it.
 *
 * @param migration what becomes of the tables
 * @param issues what is wrong with the rules afterwards, and was not before
 * @param differences what changes for consumers; empty if the rules cannot be compiled any more
 * @param restarted the rules that lose what they remember
 */
public record Impact(
    Migration migration, List<Issue> issues, List<Difference> differences, List<String> restarted) {
  public Impact {
    Objects.requireNonNull(migration, "migration");
    issues = List.copyOf(issues);
    differences = List.copyOf(differences);
    restarted = List.copyOf(restarted);
  }

  /**
   * Compares the rules on the tables before and after.
   *
   * @param sql the migration
   * @throws EngineException if the rules do not fit the tables as they are
   */
  public static Impact of(RulesOfTables now, String sql) {
    RuleSet before = now.rules();
    List<Issue> known = now.compiler().compile(now.catalog()).issues();
    Migration migration = Migration.of(sql, now.catalog());
    Compilation compilation = now.compiler().compile(migration.catalog());
    List<Issue> issues =
        compilation.issues().stream().filter(issue -> !known.contains(issue)).toList();
    Optional<RuleSet> after = compilation.rules();
    return after.isEmpty()
        ? new Impact(migration, issues, List.of(), List.of())
        : new Impact(
            migration,
            issues,
            ContractDiff.between(Contract.of(before.outputs()), Contract.of(after.get().outputs())),
            after.get().restarted(before));
  }

  /** Whether something breaks, or might. */
  public boolean breaks() {
    return !migration.isUnderstood()
        || issues.stream().anyMatch(issue -> issue.severity() == Issue.Severity.ERROR)
        || differences.stream().anyMatch(Difference::breaking)
        || !restarted.isEmpty();
  }
}
