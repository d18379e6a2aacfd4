package io.rowbell.engine.cli;

import io.rowbell.engine.Checkup;
import io.rowbell.engine.ExitCode;
import io.rowbell.engine.RuleBench;
import io.rowbell.engine.config.LoadedConfig;
import io.rowbell.language.issue.Issue;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Finds everything that keeps a pipeline from starting. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Check the configuration, the rules against the live tables, the database, and whether its"
          + " slot fits to where the journal ends.",
      "Everything that is wrong is shown at once, with the SQL that mends it."
    })
final class CheckCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private ConfigOption config;
  @Mixin private LogOptions log;

  @Option(
      names = "--apply",
      description =
          "Carry out that SQL, as far as the role may: make the publication and the slot, or add"
              + " to the publication what is missing.")
  private boolean apply;

  @Option(
      names = "--offline",
      description =
          "Check the rules only, against rowbell.tables.json, which 'rowbell schema pull' wrote: no"
              + " database is asked.")
  private boolean offline;

  @Mixin private FormatOption format;

  @Override
  public Integer call() throws InterruptedException {
    log.apply();
    if (offline) {
      return offline();
    }
    LoadedConfig loaded = config.load();
    Checkup checkup = Checkup.of(loaded.config(), apply);
    spec.commandLine()
        .getOut()
        .print(
            format.isJson()
                ? CheckReport.json(loaded, checkup)
                : new CheckReport(main.terminal()).text(loaded, checkup));
    return checkup.exitCode().code();
  }

  private int offline() {
    if (apply) {
      throw new ParameterException(
          spec.commandLine(), "--apply asks the database, and --offline does not");
    }
    RuleBench bench = RuleBench.offline(config.file(), List.of(), System.getenv());
    List<Issue> issues = bench.issues();
    spec.commandLine()
        .getOut()
        .print(
            format.isJson()
                ? CheckReport.offlineJson(bench.schema(), issues)
                : new CheckReport(main.terminal()).offline(bench.schema(), issues));
    boolean fits = issues.stream().noneMatch(issue -> issue.severity() == Issue.Severity.ERROR);
    return (fits ? ExitCode.OK : ExitCode.CHECK_FAILED).code();
  }
}
