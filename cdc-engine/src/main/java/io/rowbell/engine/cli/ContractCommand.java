package io.rowbell.engine.cli;

import io.rowbell.language.contract.AsyncApi;
import io.rowbell.language.contract.Contract;
import io.rowbell.language.contract.JsonTree;
import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.Problems;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Writes what consumers may rely on. */
@Command(
    name = "contract",
    mixinStandardHelpOptions = true,
    subcommands = ContractDiffCommand.class,
    description = {
      "Write what consumers may rely on: an AsyncAPI document of topics, keys and events, and a JSON"
          + " Schema of each event's data.",
      "It follows from the rules and the tables alone; nothing is sent or changed."
    },
    footer = {
      "",
      "Keep it beside the rules, and let a build compare:",
      "  rowbell contract -o contract && git add contract",
      "  rowbell contract diff contract"
    })
final class ContractCommand implements Callable<Integer> {
  private static final String STANDARD_OUTPUT = "-";

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private BenchOption rules;
  @Mixin private LogOptions log;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      defaultValue = STANDARD_OUTPUT,
      description =
          "Where to: a directory, or - for the AsyncAPI document on standard output. Default: -.")
  private String output;

  @Option(
      names = "--title",
      paramLabel = "TEXT",
      defaultValue = "Rowbell events",
      description = "The document's title. Default: Rowbell events.")
  private String title;

  @Override
  public Integer call() {
    log.apply();
    Problems problems = new Problems();
    Contract contract = Contract.of(rules.load().rules().outputs(), problems);
    for (Issue issue : problems.issues()) {
      spec.commandLine().getErr().println(issue.render());
    }
    if (output.equals(STANDARD_OUTPUT)) {
      String document = JsonTree.write(AsyncApi.document(title, contract));
      spec.commandLine().getOut().print(document);
    } else {
      int files = ContractFiles.write(Path.of(output), title, contract);
      spec.commandLine().getOut().println("wrote " + files + " files into " + output);
    }
    return 0;
  }

  Main main() {
    return main;
  }
}
