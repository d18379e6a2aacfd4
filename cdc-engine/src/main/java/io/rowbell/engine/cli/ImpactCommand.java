package io.rowbell.engine.cli;

import io.rowbell.engine.ExitCode;
import io.rowbell.engine.Failures;
import io.rowbell.engine.Impact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Says what a migration would do to the rules. */
@Command(
    name = "impact",
    mixinStandardHelpOptions = true,
    description = {
      "Say what a migration would do to the rules and to the consumers of their events. It is read,"
          + " and not run.",
      "Shown are rules that would not fit their tables any more, changes of events, rules that would"
          + " forget what they remember, and every statement that is not understood."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:nothing breaks", "1:something does, or is not understood"})
final class ImpactCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private BenchOption rules;
  @Mixin private LogOptions log;

  @Parameters(index = "0", paramLabel = "FILE", description = "The migration: SQL.")
  private Path file;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "text",
      description = "text or json. Default: text.")
  private ReportForm form;

  @Override
  public Integer call() {
    log.apply();
    Impact impact = Impact.of(rules.load(), migration());
    ImpactReport report = new ImpactReport(main.terminal(), file.toString(), impact);
    spec.commandLine().getOut().print(form == ReportForm.JSON ? report.json() : report.text());
    return (impact.breaks() ? ExitCode.CHECK_FAILED : ExitCode.OK).code();
  }

  private String migration() {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw Failures.of("the migration " + file + " cannot be read", e);
    }
  }
}
