package io.rowbell.engine.cli;

import io.rowbell.engine.ExitCode;
import io.rowbell.language.contract.Contract;
import io.rowbell.language.contract.ContractDiff;
import io.rowbell.language.contract.ContractDiff.Difference;
import io.rowbell.language.issue.Suggestions;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Finds what would break consumers. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "Compare two contracts, and fail if the newer breaks consumers of the older without a higher"
          + " version: E302.",
      "A contract is a directory that 'rowbell contract' wrote, or its asyncapi.json."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:nothing breaks", "1:something does"})
final class ContractDiffCommand implements Callable<Integer> {
  @ParentCommand private ContractCommand parent;
  @Spec private CommandSpec spec;
  @Mixin private BenchOption rules;
  @Mixin private LogOptions log;

  @Parameters(index = "0", paramLabel = "OLD", description = "The contract that consumers have.")
  private Path older;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NEW",
      description = "The one they would get. Default: what the configured rules say now.")
  private @Nullable Path newer;

  @Option(
      names = "--accept",
      paramLabel = "EVENT",
      description = "An event whose changes break nobody who matters; may be repeated.")
  private Set<String> accepted = Set.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "text",
      description = "text or json. Default: text.")
  private ReportForm form;

  @Override
  public Integer call() {
    log.apply();
    Contract before = ContractFiles.read(older);
    Contract now =
        newer == null ? Contract.of(rules.load().rules().outputs()) : ContractFiles.read(newer);
    refuseUnknown(before, now);
    List<Difference> differences =
        ContractDiff.between(before, now).stream()
            .map(
                difference ->
                    accepted.contains(difference.event()) ? difference.accepted() : difference)
            .toList();
    spec.commandLine()
        .getOut()
        .print(
            form == ReportForm.JSON
                ? DifferenceReport.json(differences)
                : new DifferenceReport(parent.main().terminal()).text(differences));
    boolean breaks = differences.stream().anyMatch(Difference::breaking);
    return (breaks ? ExitCode.CHECK_FAILED : ExitCode.OK).code();
  }

  /** A misspelt event would let nothing through, and nobody would know why. */
  private void refuseUnknown(Contract before, Contract now) {
    Set<String> events =
        Stream.of(before, now)
            .flatMap(contract -> contract.events().stream())
            .map(Contract.Event::name)
            .collect(Collectors.toCollection(TreeSet::new));
    for (String event : accepted) {
      if (!events.contains(event)) {
        throw new ParameterException(
            spec.commandLine(),
            "--accept: neither contract has an event '"
                + event
                + "'"
                + Suggestions.didYouMean(event, events).map(help -> ": " + help).orElse(""));
      }
    }
  }
}
