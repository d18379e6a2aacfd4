package io.rowbell.engine;

import io.rowbell.engine.config.ConfigException;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.language.Compilation;
import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleFile;
import io.rowbell.language.RuleSet;
import io.rowbell.language.expression.KeyedHash;
import io.rowbell.language.issue.Issue;
import io.rowbell.language.testing.RuleTests;
import io.rowbell.model.Catalog;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Requirements;
import io.rowbell.spi.Finding;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that keeps a pipeline from starting, found without starting it: what is wrong with the
 * rules, against the live tables, and what the database lacks.
 *
 * @param database which database was looked at; null if it could not be
 * @param issues what is wrong with the rule files, and what readers of their events should not have
 *     to expect; without a database only the form of the files
 * @param journal where the journal ends; null if it was not, or could not be, looked at
 * @param findings what is wrong with the database, as it is after {@code applied}
 * @param applied the statements that were carried out, and those that the role may not
 * @param failure what kept the check from being complete, or the engine from starting; null if
 *     nothing did
 */
public record Checkup(
    @Nullable DatabaseId database,
    List<Issue> issues,
    @Nullable JournalEnd journal,
    List<Finding> findings,
    Source.Applied applied,
    @Nullable EngineException failure) {
  private static final int LOOKS = 10;
  private static final Requirements NONE = new Requirements(Map.of(), Set.of());

  /**
   * Where a journal ends.
   *
   * @param exists whether there is one; the first run makes it
   * @param checkpoint how far the database's log is in it; null if nothing was appended yet
   */
  public record JournalEnd(boolean exists, @Nullable Checkpoint checkpoint) {}

  public Checkup {
    issues = List.copyOf(issues);
    findings = List.copyOf(findings);
  }

  /**
   * Looks at a pipeline: also beside an engine that runs, whose journal is only read.
   *
   * @param apply whether to carry out what the findings ask for, as far as the role may
   * @throws EngineException if the configuration or a rule file cannot be used at all
   */
  public static Checkup of(EngineConfig config, boolean apply) throws InterruptedException {
    List<RuleFile> files = RuleBook.files(config);
    KeyedHash hash = RuleBook.hash(config);
    Source source;
    try {
      source = config.source().open(config.context());
    } catch (ConfigException e) {
      throw Failures.of(e);
    }
    try (source) {
      DatabaseId database = source.database();
      Catalog catalog = source.catalog();
      Compilation compilation = new RuleCompiler(files, database, hash).compile(catalog);
      Checkup checkup = of(config, source, database, compilation, apply);
      List<Finding> findings = new ArrayList<>(checkup.findings());
      TableDifferences.find(config.directory(), catalog).ifPresent(findings::add);
      StandbyPatience.find(config).ifPresent(findings::add);
      List<Issue> issues = new ArrayList<>(checkup.issues());
      compilation.rules().ifPresent(rules -> issues.addAll(RuleBench.ofContract(rules)));
      issues.addAll(RuleBench.ofTests(RuleTests.of(files, catalog, hash)));
      return new Checkup(
          database, issues, checkup.journal(), findings, checkup.applied(), checkup.failure());
    } catch (SourceException e) {
      return new Checkup(
          null, form(files, hash), null, e.findings(), Source.Applied.NOTHING, Failures.of(e));
    }
  }

  private static Checkup of(
      EngineConfig config,
      Source source,
      DatabaseId database,
      Compilation compilation,
      boolean apply)
      throws SourceException, InterruptedException {
    RuleSet rules = compilation.rules().orElse(null);
    Requirements requirements = rules == null ? NONE : rules.requirements();
    JournalEnd journal = null;
    Resume resume = Resume.NEW;
    Source.Applied applied = Source.Applied.NOTHING;
    EngineException failure = null;
    try {
      Optional<Resume> held = config.journal().peek(config.context());
      resume = held.orElse(Resume.NEW);
      journal = new JournalEnd(held.isPresent(), resume.checkpoint());
      if (rules != null && rules.counters().isEmpty()) {
        failure =
            new EngineException(
                ExitCode.CONFIGURATION, "no rule is enabled: there is nothing to do", null);
      } else if (apply && rules == null) {
        failure =
            new EngineException(
                ExitCode.CHECK_FAILED, "nothing was applied: mend the rules first", null);
      } else if (apply) {
        applied = source.apply(requirements, resume);
      }
    } catch (JournalException e) {
      failure = Failures.of(e);
    } catch (SourceException e) {
      failure = Failures.of(e);
    } catch (ConfigException e) {
      failure = Failures.of(e);
    }
    List<Finding> findings = source.inspect(requirements, resume);
    // An engine that runs may have moved on between the looks at its journal and at its slot.
    for (int look = 1; look < LOOKS && failure == null && anyOfPosition(findings); look++) {
      try {
        Resume later = config.journal().peek(config.context()).orElse(Resume.NEW);
        if (Objects.equals(later.checkpoint(), resume.checkpoint())) {
          break;
        }
        resume = later;
        journal = new JournalEnd(true, resume.checkpoint());
        findings = source.inspect(requirements, resume);
      } catch (JournalException e) {
        failure = Failures.of(e);
      }
    }
    return new Checkup(database, compilation.issues(), journal, findings, applied, failure);
  }

  private static boolean anyOfPosition(List<Finding> findings) {
    return findings.stream()
        .anyMatch(
            finding -> finding.aboutPosition() && finding.severity() == Finding.Severity.ERROR);
  }

  /** What is wrong with the files whatever the tables are. */
  private static List<Issue> form(List<RuleFile> files, @Nullable KeyedHash hash) {
    Compilation compilation =
        new RuleCompiler(files, new DatabaseId("0", "unknown"), hash)
            .compile(new Catalog(List.of(), Map.of()));
    return compilation.issues().stream().filter(RuleBook::isOfForm).toList();
  }

  /** Whether the journal says how far the log has been read. */
  public boolean hasPosition() {
    return journal != null && journal.checkpoint() != null;
  }

  /** Whether rules that are well formed do not fit the live tables. */
  public boolean isMisfit() {
    return issues.stream()
        .anyMatch(issue -> issue.severity() == Issue.Severity.ERROR && !RuleBook.isOfForm(issue));
  }

  /** Whether an engine would start. */
  public boolean isClean() {
    return failure == null
        && issues.stream().noneMatch(issue -> issue.severity() == Issue.Severity.ERROR)
        && findings.stream().noneMatch(finding -> finding.severity() == Finding.Severity.ERROR);
  }

  /** How a process that checks should end. */
  public ExitCode exitCode() {
    if (isClean()) {
      return ExitCode.OK;
    }
    if (anyOfPosition(findings)) {
      return ExitCode.POSITION_MISMATCH;
    }
    ExitCode code = failure == null ? ExitCode.CHECK_FAILED : failure.exitCode();
    return switch (code) {
      case SOURCE_UNREACHABLE, DESTINATION_FATAL, POSITION_MISMATCH -> code;
      default -> ExitCode.CHECK_FAILED;
    };
  }
}
