package io.rowbell.engine.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.rowbell.engine.ExitCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Has the running engine read its rules anew. */
@Command(
    name = "reload",
    mixinStandardHelpOptions = true,
    description = {
      "Have the running engine read its rule files anew, as SIGHUP does.",
      "All or nothing: if anything is wrong with them it is shown, and the rules of before go on."
    },
    footer = {
      "",
      "The engine is spoken to at http.listen of the same configuration. Without 'http', send",
      "SIGHUP to its process; its log has the answer."
    })
final class ReloadCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ConfigOption config;
  @Mixin private LogOptions log;

  @Mixin private FormatOption format;

  @Override
  public Integer call() throws InterruptedException {
    log.apply();
    EngineClient engine =
        EngineClient.of(
            config.status(), "; or send SIGHUP to the engine's process: its log answers");
    HttpResponse<String> answer = engine.post("/reload");
    if (answer.statusCode() != 200 && answer.statusCode() != 422) {
      throw engine.unexpected(answer);
    }
    spec.commandLine()
        .getOut()
        .println(format.isJson() ? answer.body().strip() : text(answer.body()));
    return answer.statusCode() == 200 ? ExitCode.OK.code() : ExitCode.CHECK_FAILED.code();
  }

  private static String text(String json) {
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.VALUE_STRING
            && "text".equals(parser.currentName())) {
          return parser.getText();
        }
      }
      return json;
    } catch (IOException e) {
      throw new UncheckedIOException("the engine's answer is no JSON", e);
    }
  }
}
