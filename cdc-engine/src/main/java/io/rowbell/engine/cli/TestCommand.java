package io.rowbell.engine.cli;

import io.rowbell.engine.ExitCode;
import io.rowbell.engine.RuleBench;
import io.rowbell.language.testing.TestReport;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Runs the tests of rule files. */
@Command(
    name = "test",
    mixinStandardHelpOptions = true,
    description = {
      "Run the tests of the rules, in virtual time and without touching any row.",
      "The tables are asked of the database, or taken from rowbell.tables.json if it cannot be"
          + " asked: 'rowbell schema pull' writes that file. Ends with 1 if a test failed, with 3 if"
          + " the rules or their tests cannot be used."
    })
final class TestCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private ConfigOption config;
  @Mixin private LogOptions log;

  @Option(names = "--offline", description = "Take the tables from rowbell.tables.json.")
  private boolean offline;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "text",
      description = "text, json or junit. Default: text.")
  private Form form;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description = "Rule files. Default: those of the configuration.")
  private List<Path> files;

  /** How the report is written. */
  private enum Form {
    TEXT,
    JSON,
    JUNIT;

    /** As it is given on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public Integer call() {
    log.apply();
    List<Path> chosen = files == null ? List.of() : files;
    RuleBench bench =
        offline
            ? RuleBench.offline(config.file(), chosen, System.getenv())
            : RuleBench.of(config.file(), chosen, System.getenv());
    TestReport report = bench.run();
    spec.commandLine()
        .getOut()
        .print(
            switch (form) {
              case TEXT -> new TestReportText(main.terminal()).write(report, bench.schema());
              case JSON -> TestReportForms.json(report, bench.schema());
              case JUNIT -> TestReportForms.junit(report);
            });
    return (report.passed() ? ExitCode.OK : ExitCode.CHECK_FAILED).code();
  }
}
