package io.rowbell.engine;

import io.rowbell.engine.config.ConfigException;
import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.engine.config.RuleSources;
import io.rowbell.language.RuleCompiler;
import io.rowbell.language.RuleFile;
import io.rowbell.language.RuleSet;
import io.rowbell.language.contract.Contract;
import io.rowbell.language.expression.KeyedHash;
import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.testing.RuleTests;
import io.rowbell.language.testing.TestFailure;
import io.rowbell.language.testing.TestReport;
import io.rowbell.language.testing.TestResult;
import io.rowbell.model.Catalog;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Rule files and the tables that they are checked against, where nothing runs: the tables come from
 * the database, or from the file that {@code schema pull} wrote.
 *
 * @param schema where the tables come from, for people: {@code rowbell.tables.json}
 * @param catalog the tables
 * @param files the rule files
 * @param hash the key behind {@code hash(x)}: always the same one, so that tests give the same
 *     everywhere; null if none is configured
 */
public record RuleBench(
    String schema, Catalog catalog, List<RuleFile> files, @Nullable KeyedHash hash) {
  static final KeyedHash TEST_KEY =
      new KeyedHash("the key of all tests".getBytes(StandardCharsets.UTF_8));

  public RuleBench {
    files = List.copyOf(files);
  }

  /**
   * With the tables of the file beside the configuration.
   *
   * @param config the configuration; if there is none, {@code chosen} must not be empty, and the
   *     file is looked for where the configuration would be
   * @param chosen rule files to take in place of the configured ones; empty for those
   * @throws EngineException if there is no such file, or something in it cannot be used
   */
  public static RuleBench offline(Path config, List<Path> chosen, Map<String, String> environment) {
    return offline(config, chosen, environment, null);
  }

  private static RuleBench offline(
      Path config, List<Path> chosen, Map<String, String> environment, @Nullable String why) {
    RuleSources sources = sources(config, chosen, environment);
    Path tables = sources.directory().resolve(TableFile.NAME);
    if (!Files.isRegularFile(tables)) {
      throw new EngineException(
          ExitCode.CONFIGURATION,
          (why == null ? "" : "the tables are not known: " + why + "\n")
              + "there is no "
              + TableFile.NAME
              + " in "
              + sources.directory()
              + ": run 'rowbell schema pull' where the database can be reached, and keep the file"
              + " with the rules",
          null);
    }
    return new RuleBench(
        TableFile.NAME + (why == null ? "" : " (" + why.lines().findFirst().orElse("") + ")"),
        TableFile.read(tables),
        RuleBook.files(sources.directory(), sources.rules()),
        sources.hashes() ? TEST_KEY : null);
  }

  private static RuleSources sources(
      Path config, List<Path> chosen, Map<String, String> environment) {
    if (chosen.isEmpty() || Files.exists(config)) {
      try {
        RuleSources configured = ConfigLoader.rules(config, environment);
        return chosen.isEmpty()
            ? configured
            : new RuleSources(configured.directory(), chosen, configured.hashes());
      } catch (ConfigException e) {
        throw Failures.of(e);
      }
    }
    Path directory = config.toAbsolutePath().normalize().getParent();
    return new RuleSources(directory == null ? Path.of(".") : directory, chosen, false);
  }

  /**
   * With the tables of the database; if it cannot be asked, with those of the file.
   *
   * @param config the configuration
   * @param chosen rule files to take in place of the configured ones; empty for those
   * @throws EngineException if there are neither, or something cannot be used
   */
  public static RuleBench of(Path config, List<Path> chosen, Map<String, String> environment) {
    EngineConfig loaded;
    try {
      loaded = ConfigLoader.load(config, environment).config();
    } catch (ConfigException e) {
      return offline(
          config,
          chosen,
          environment,
          "the configuration cannot be used as a whole: " + e.getMessage());
    }
    try {
      Catalog catalog = catalog(loaded);
      return new RuleBench(
          "the database",
          catalog,
          chosen.isEmpty() ? RuleBook.files(loaded) : RuleBook.files(loaded.directory(), chosen),
          loaded.hashKey() == null ? null : TEST_KEY);
    } catch (SourceException e) {
      return offline(config, chosen, environment, String.valueOf(e.getMessage()));
    }
  }

  /**
   * The tables of the configured database, as they are now.
   *
   * @throws SourceException if it cannot be asked
   */
  public static Catalog catalog(EngineConfig config) throws SourceException {
    try (Source source = config.source().open(config.context())) {
      return source.catalog();
    } catch (ConfigException e) {
      throw Failures.of(e);
    }
  }

  /**
   * Runs the tests of the rule files.
   *
   * @throws EngineException if the rules or their tests cannot be used: every issue of them
   */
  public TestReport run() {
    RuleTests tests = tests();
    if (!tests.canRun()) {
      throw new EngineException(
          ExitCode.CONFIGURATION,
          "the tests cannot be run, with the tables of "
              + schema
              + ":\n"
              + Stream.concat(tests.ruleIssues().stream(), tests.testIssues().stream())
                  .filter(issue -> issue.severity() == Issue.Severity.ERROR)
                  .map(Issue::render)
                  .collect(Collectors.joining("\n")),
          null);
    }
    return tests.run();
  }

  /**
   * Runs the tests of the rule files, for a program's own test.
   *
   * @return of each that failed its name, and what was expected and what came; empty if all passed
   * @throws EngineException if the rules or their tests cannot be used: every issue of them
   */
  public List<String> failures() {
    List<String> failures = new ArrayList<>();
    for (TestResult result : run().results()) {
      TestFailure failure = result.failure();
      if (failure != null) {
        failures.add(result.name() + ", " + failure.at() + ": " + failure.message());
      }
    }
    return failures;
  }

  private RuleTests tests() {
    return RuleTests.of(files, catalog, hash);
  }

  /**
   * Everything that is wrong with the rules, and with what their events look like; what is wrong
   * with their tests is a warning here, as no engine stops because of it.
   */
  public List<Issue> issues() {
    RuleTests tests = tests();
    List<Issue> issues = new ArrayList<>(tests.ruleIssues());
    new RuleCompiler(files, RuleTests.DATABASE, hash)
        .compile(catalog)
        .rules()
        .ifPresent(rules -> issues.addAll(ofContract(rules)));
    issues.addAll(ofTests(tests));
    return issues;
  }

  /** What readers of the events should not have to expect. */
  static List<Issue> ofContract(RuleSet rules) {
    Problems problems = new Problems();
    Contract unused = Contract.of(rules.outputs(), problems);
    return problems.issues();
  }

  static List<Issue> ofTests(RuleTests tests) {
    return tests.testIssues().stream()
        .map(
            issue ->
                new Issue(
                    Issue.Severity.WARNING,
                    issue.code(),
                    issue.message(),
                    issue.location(),
                    issue.help()))
        .toList();
  }
}
