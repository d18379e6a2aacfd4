package io.rowbell.engine.cli;

import io.rowbell.language.issue.MessagePages;
import io.rowbell.language.issue.Suggestions;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what the codes of messages mean. */
@Command(
    name = "message",
    mixinStandardHelpOptions = true,
    description = {
      "Say what a message's code means, with an example and what mends it.",
      "Without a code: list them all."
    })
final class MessageCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "CODE", arity = "0..*", description = "For example E101.")
  private List<String> codes = List.of();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (codes.isEmpty()) {
      MessagePages.all().values().forEach(page -> out.println(page.code() + "  " + page.title()));
      return 0;
    }
    List<MessagePages.Page> pages = codes.stream().map(this::page).toList();
    String between = "";
    for (MessagePages.Page page : pages) {
      out.print(between);
      out.println(page.code() + ": " + page.title());
      out.println();
      out.println(page.text());
      between = "\n";
    }
    return 0;
  }

  private MessagePages.Page page(String code) {
    return MessagePages.find(code)
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "there is no message '"
                        + code
                        + "'"
                        + Suggestions.didYouMean(code, new ArrayList<>(MessagePages.all().keySet()))
                            .map(help -> ": " + help)
                            .orElse(": 'rowbell message' lists all")));
  }
}
