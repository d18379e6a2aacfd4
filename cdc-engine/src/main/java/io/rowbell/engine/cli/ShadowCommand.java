package io.rowbell.engine.cli;

import io.rowbell.engine.ExitCode;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows what rules in shadow would have sent. */
@Command(
    name = "shadow",
    mixinStandardHelpOptions = true,
    description = {
      "Show what rules with 'mode: shadow' would have sent, beside what the live ones did.",
      "How often of each since the engine started, and the last twenty."
    },
    footer = {
      "",
      "The engine is spoken to at http.listen of the same configuration.",
      "To publish what such a rule makes, remove 'mode: shadow' and reload: it remembers on."
    })
final class ShadowCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;
  @Mixin private ConfigOption config;
  @Mixin private LogOptions log;

  @Option(names = "--rule", paramLabel = "RULE", description = "Only this rule.")
  private @Nullable String rule;

  @Mixin private FormatOption format;

  @Override
  public Integer call() throws InterruptedException {
    log.apply();
    EngineClient engine = EngineClient.of(config.status(), "");
    String path =
        rule == null
            ? "/shadow"
            : "/shadow?rule=" + URLEncoder.encode(rule, StandardCharsets.UTF_8);
    boolean json = format.isJson();
    HttpResponse<String> answer = engine.get(path, json ? "application/json" : "text/plain");
    if (answer.statusCode() != 200) {
      throw engine.unexpected(answer);
    }
    PrintWriter out = spec.commandLine().getOut();
    answer
        .body()
        .lines()
        .forEach(line -> out.println(json ? line : Table.cut(line, main.terminal().width())));
    return ExitCode.OK.code();
  }
}
