package io.rowbell.engine.cli;

import io.rowbell.engine.Engine;
import io.rowbell.engine.EngineException;
import io.rowbell.engine.ExitCode;
import io.rowbell.engine.Reload;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a pipeline until it is asked to stop or cannot go on. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Follow the database and deliver events, until asked to stop.",
    footer = {
      "",
      "SIGTERM and SIGINT end it in order: what was begun is finished, then it exits with 0.",
      "SIGHUP reloads the rules, as rowbell reload does.",
      "Never makes or alters anything in the database: see rowbell check --apply."
    })
final class RunCommand implements Callable<Integer> {
  private static final Duration ASKING = Duration.ofSeconds(10);
  private static final Duration ANSWERING = Duration.ofMinutes(5);

  @Mixin private ConfigOption config;
  @Mixin private LogOptions log;

  @Override
  public Integer call() throws InterruptedException {
    log.apply();
    // A client of the status server that dawdles would hold one of its threads for ever. The JDK's
    // server takes these from here only, for the whole process, which is why the engine leaves them
    // alone.
    limit("sun.net.httpserver.maxReqTime", ASKING);
    limit("sun.net.httpserver.maxRspTime", ANSWERING);
    CompletableFuture<Engine> started = new CompletableFuture<>();
    HangUp.install(() -> reload(started.join()));
    try (Engine engine = Engine.from(config.load()).lastResort(RunCommand::halt).start()) {
      started.complete(engine);
      Thread stopper = new Thread(() -> stop(engine), "rowbell-stop");
      Runtime.getRuntime().addShutdownHook(stopper);
      ExitCode code = engine.awaitStop();
      if (engine.failure().isPresent()) {
        throw engine.failure().get();
      }
      return code.code();
    }
  }

  /** Whoever starts the process may choose another one, in seconds. */
  private static void limit(String property, Duration longest) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Long.toString(longest.toSeconds()));
    }
  }

  /** Nothing that runs at an orderly exit may keep a process up whose pipeline is dead. */
  private static void halt(EngineException why) {
    Runtime.getRuntime().halt(why.exitCode().code());
  }

  /** Tells in the log what became of it. */
  private static void reload(Engine engine) {
    try {
      Reload unused = engine.reload();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Runs when the process is asked to end; does nothing if the engine has ended by itself. */
  private static void stop(Engine engine) {
    boolean asked = !engine.status().state().isFinal();
    engine.close();
    if (asked) {
      // An orderly end is no failure, whatever signal asked for it.
      Runtime.getRuntime().halt(engine.failure().map(e -> e.exitCode().code()).orElse(0));
    }
  }
}
