package io.rowbell.engine.cli;

import io.rowbell.engine.EngineException;
import io.rowbell.engine.ExitCode;
import io.rowbell.engine.Recording;
import io.rowbell.engine.RuleBench;
import io.rowbell.engine.config.Durations;
import io.rowbell.language.testing.TestReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
          + " the rules or their tests cannot be used.",
      "With --record it makes a test of the next transactions in the database, beside the running"
          + " pipeline, and prints it: what the rules make of them is expected of them."
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

  @Option(names = "--record", description = "Make a test of the next transactions.")
  private boolean record;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "1",
      description = "With --record: how many transactions. Default: 1.")
  private int count;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "1m",
      description = "With --record: how long to wait for them all. Default: 1m.")
  private String timeout;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "recorded",
      description = "With --record: the test's name. Default: recorded.")
  private String name;

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
  public Integer call() throws InterruptedException {
    log.apply();
    List<Path> chosen = files == null ? List.of() : files;
    if (record) {
      return record(chosen);
    }
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

  private int record(List<Path> chosen) throws InterruptedException {
    if (offline || !chosen.isEmpty() || form != Form.TEXT) {
      throw new ParameterException(
          spec.commandLine(), "--record goes with no file, and with neither --offline nor -o");
    }
    if (count < 1) {
      throw new ParameterException(spec.commandLine(), "--count is at least 1");
    }
    Duration patience;
    try {
      patience = Durations.parse(timeout);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--timeout: " + e.getMessage(), e);
    }
    try (Recording recording = Recording.begin(config.load().config())) {
      spec.commandLine().getErr().println("recording " + count + ", for " + timeout + " at most");
      int came = recording.record(count, patience);
      if (came == 0) {
        throw new EngineException(
            ExitCode.CHECK_FAILED, "no transaction came that a rule listens to", null);
      }
      spec.commandLine().getOut().print("tests:\n" + recording.test(name));
      return ExitCode.OK.code();
    }
  }
}
