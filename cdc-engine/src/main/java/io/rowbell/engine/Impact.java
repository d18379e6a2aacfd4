package io.rowbell.engine;

import io.rowbell.engine.migration.Migration;
import io.rowbell.language.Compilation;
import io.rowbell.language.RuleSet;
import io.rowbell.language.contract.Contract;
import io.rowbell.language.contract.ContractDiff;
import io.rowbell.language.contract.ContractDiff.Difference;
import io.rowbell.language.issue.Issue;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableSchema;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a migration would do to rules, told without running it.
 *
 * @param migration what becomes of the tables
 * @param issues what is wrong with the rules afterwards, and was not before
 * @param differences what changes for consumers; empty if the rules cannot be compiled any more
 * @param restarted the rules that lose what they remember
 * @param identities what becomes of the application's own UPDATE and DELETE of tables that rules
 *     name
 */
public record Impact(
    Migration migration,
    List<Issue> issues,
    List<Difference> differences,
    List<String> restarted,
    List<Identity> identities) {
  /**
   * A table whose replica identity changes.
   *
   * @param breaks whether PostgreSQL would refuse the application's statements; else it depends on
   *     what the publication sends
   * @param what a sentence without a full stop
   */
  public record Identity(boolean breaks, String what) {}

  public Impact {
    Objects.requireNonNull(migration, "migration");
    issues = List.copyOf(issues);
    differences = List.copyOf(differences);
    restarted = List.copyOf(restarted);
    identities = List.copyOf(identities);
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
    List<Identity> identities =
        before.requirements().tables().keySet().stream()
            .sorted()
            .flatMap(
                id ->
                    identity(now.catalog().tables().get(id), migration.catalog().tables().get(id)))
            .toList();
    return after.isEmpty()
        ? new Impact(migration, issues, List.of(), List.of(), identities)
        : new Impact(
            migration,
            issues,
            ContractDiff.between(Contract.of(before.outputs()), Contract.of(after.get().outputs())),
            after.get().restarted(before),
            identities);
  }

  /** PostgreSQL refuses statements on a published table whose identity is not sent whole. */
  private static Stream<Identity> identity(
      @Nullable TableSchema before, @Nullable TableSchema after) {
    if (before == null || after == null || identityOf(before).equals(identityOf(after))) {
      return Stream.empty();
    }
    return Stream.of(
        after.identity().isEmpty()
            ? new Identity(
                true,
                after.id()
                    + " would have no replica identity: the application's own UPDATE and DELETE of it"
                    + " fail where they are published")
            : new Identity(
                false,
                after.id()
                    + " gets another replica identity: if the publication has a column list or a"
                    + " filter for it, take them off first, or the application's own UPDATE and"
                    + " DELETE fail (docs/publication.md)"));
  }

  private static Set<String> identityOf(TableSchema table) {
    Set<String> columns =
        table.identity().stream().map(i -> table.column(i).name()).collect(Collectors.toSet());
    // All of them, however many there come to be.
    return table.replicaIdentity() == ReplicaIdentity.FULL ? Set.of("*") : columns;
  }

  /** Whether something breaks, or might. */
  public boolean breaks() {
    return !migration.isUnderstood()
        || issues.stream().anyMatch(issue -> issue.severity() == Issue.Severity.ERROR)
        || differences.stream().anyMatch(Difference::breaking)
        || identities.stream().anyMatch(Identity::breaks)
        || !restarted.isEmpty();
  }
}
