package io.rowbell.engine.cli;

import io.rowbell.engine.ActAnswer;
import io.rowbell.engine.ActRequest;
import io.rowbell.engine.Acts;
import io.rowbell.engine.EngineException;
import io.rowbell.engine.ExitCode;
import io.rowbell.engine.config.StatusAccess;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.http.HttpResponse;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What every command has that changes something about subscribers or dead letters: who, why, and
 * who carries it out. The running engine does, if there is one; else the command itself.
 */
final class ActOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Mixin private ConfigOption config;
  @Mixin private LogOptions log;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Why, for those who read rowbell audit later.")
  private String reason;

  /** Why. */
  String reason() {
    return reason;
  }

  /** Who gives the command: the user and the machine. */
  static String who() {
    String user = System.getProperty("user.name", "unknown");
    try {
      return user + "@" + InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return user;
    }
  }

  /**
   * Carries a request out and tells what became of it.
   *
   * @return the exit code
   */
  int carryOut(ActRequest request) throws InterruptedException {
    log.apply();
    ActAnswer answer = ask(request);
    PrintWriter out = spec.commandLine().getOut();
    out.println(answer.text());
    if (!answer.done()) {
      return ExitCode.CHECK_FAILED.code();
    }
    if (request.preview()) {
      out.println("Nothing was done. To do it, give the command again with --yes.");
      return ExitCode.USAGE.code();
    }
    return ExitCode.OK.code();
  }

  private ActAnswer ask(ActRequest request) throws InterruptedException {
    String nobody = null;
    StatusAccess status = config.status();
    if (EngineClient.isPossible(status)) {
      EngineClient engine = EngineClient.of(status, "");
      try {
        HttpResponse<String> answer = engine.post("/act", request.json());
        if (answer.statusCode() == 503) {
          throw unknown(answer.body().strip(), null);
        }
        if (answer.statusCode() != 200 && answer.statusCode() != 422) {
          throw engine.unexpected(answer);
        }
        return ActAnswer.parse(answer.body());
      } catch (EngineException e) {
        if (e.exitCode() != ExitCode.SOURCE_UNREACHABLE) {
          throw e;
        }
        // Where nobody listens, nothing arrived. Whatever else failed, it may have been done.
        if (!(e.getCause() instanceof ConnectException)) {
          throw unknown(String.valueOf(e.getCause()), e);
        }
        nobody = e.getMessage();
      }
    }
    try {
      return Acts.withoutEngine(config.load().config(), request);
    } catch (EngineException e) {
      throw new EngineException(e.exitCode(), e.getMessage() + hint(status, nobody), e);
    }
  }

  private static EngineException unknown(String why, @Nullable EngineException cause) {
    return new EngineException(
        ExitCode.DESTINATION_FATAL,
        "the engine was asked and did not say that it was done: "
            + why
            + "\n  = help: it may have been done, or be done yet: look at rowbell audit before you give"
            + " the command again",
        cause);
  }

  private static String hint(StatusAccess status, @Nullable String nobody) {
    return Optional.ofNullable(nobody).map(text -> "\n  (" + text + ")").orElse("")
        + "\n"
        + "  = help: while an engine runs, it alone writes to the journal and carries this out, if"
        + " it is spoken to: "
        + (status.http() == null
            ? "add 'http: {}' to the configuration and restart it; or stop it, and give the command"
                + " again"
            : "it must run with this very configuration; or stop it, and give the command again");
  }
}
