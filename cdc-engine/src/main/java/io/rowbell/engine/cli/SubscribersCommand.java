package io.rowbell.engine.cli;

import io.rowbell.engine.ActRequest;
import io.rowbell.engine.EngineException;
import io.rowbell.engine.ExitCode;
import io.rowbell.engine.Failures;
import io.rowbell.engine.SubscriberView;
import io.rowbell.engine.config.JournalAccess;
import io.rowbell.engine.config.StatusAccess;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.SubscriberRecord;
import java.io.PrintWriter;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows subscribers, and has them pause, go on, or go elsewhere. */
@Command(
    name = "subscribers",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Show how far subscribers are; pause and resume them, put their cursors elsewhere.",
    subcommands = {
      SubscribersCommand.ListThem.class,
      SubscribersCommand.Pause.class,
      SubscribersCommand.Resume.class,
      SubscribersCommand.Rewind.class,
      SubscribersCommand.Skip.class,
      SubscribersCommand.Forget.class
    },
    footer = {"", "docs/dead-letters.md says more."})
final class SubscribersCommand implements Runnable {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  /** Without a command there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }

  private Terminal terminal() {
    return main.terminal();
  }

  /** Shows them in a list. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List subscribers: where they are, how far behind, and how they do.",
      footer = {
        "",
        "The running engine is asked if http.listen says where; else the journal alone, which",
        "does not know whether deliveries fail."
      })
  static final class ListThem implements Callable<Integer> {
    @ParentCommand private SubscribersCommand subscribers;
    @Spec private CommandSpec spec;
    @Mixin private ConfigOption config;
    @Mixin private LogOptions log;

    @Mixin private FormatOption format;

    @Override
    public Integer call() throws InterruptedException {
      log.apply();
      List<SubscriberView> views = views();
      PrintWriter out = spec.commandLine().getOut();
      if (format.isJson()) {
        out.println(SubscriberView.json(views));
      } else if (views.isEmpty()) {
        out.println("the journal knows no subscribers yet");
      } else {
        Table table =
            new Table("NAME", "STATE", "LAG", "SECONDS", "PARKED", "CURSOR", "LAST ERROR");
        for (SubscriberView view : views) {
          table.add(
              view.name(),
              view.state(),
              Long.toString(view.lag()),
              Long.toString(view.lagSeconds()),
              Integer.toString(view.parkedKeys())
                  + (view.retriedKeys() == 0 ? "" : " (" + view.retriedKeys() + " retried)"),
              view.cursor().entrySet().stream()
                  .map(place -> place.getKey() + ":" + place.getValue())
                  .collect(Collectors.joining(" ")),
              view.error() == null ? "" : view.errorAt() + " " + view.error());
        }
        table.lines(subscribers.terminal().width()).forEach(out::println);
      }
      return ExitCode.OK.code();
    }

    private List<SubscriberView> views() throws InterruptedException {
      StatusAccess status = config.status();
      if (EngineClient.isPossible(status)) {
        EngineClient engine = EngineClient.of(status, "");
        try {
          HttpResponse<String> answer = engine.get("/subscribers", "application/json");
          if (answer.statusCode() != 200) {
            throw engine.unexpected(answer);
          }
          return SubscriberView.parse(answer.body());
        } catch (EngineException e) {
          if (e.exitCode() != ExitCode.SOURCE_UNREACHABLE) {
            throw e;
          }
        }
      }
      try {
        JournalAccess access = config.journal();
        List<SubscriberView> views = new ArrayList<>();
        for (SubscriberRecord record : access.journal().readSubscribers(access.context())) {
          views.add(SubscriberView.of(record, InstantSource.system().instant()));
        }
        return views;
      } catch (JournalException e) {
        throw Failures.of(e);
      }
    }
  }

  /** A command about one subscriber. */
  abstract static class One implements Callable<Integer> {
    @Mixin private ActOptions options;

    @Parameters(index = "0", paramLabel = "NAME", description = "The subscriber.")
    private String name;

    final int carryOut(ActRequest.Kind act, @Nullable String to, boolean preview)
        throws InterruptedException {
      return options.carryOut(
          new ActRequest(
              act,
              Objects.requireNonNull(name),
              List.of(),
              null,
              false,
              to,
              false,
              preview,
              options.reason(),
              ActOptions.who()));
    }
  }

  /** One that is not easily undone. */
  abstract static class Deliberate extends One {
    @Option(names = "--yes", description = "Do it.")
    private boolean yes;

    final int carryOut(ActRequest.Kind act, @Nullable String to) throws InterruptedException {
      return carryOut(act, to, !yes);
    }
  }

  /** Stops deliveries. */
  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = "Deliver nothing to a subscriber until it is resumed, also after a restart.",
      footer = {"", "What it has not passed is kept: a full journal stops reading the database."})
  static final class Pause extends One {
    @Override
    public Integer call() throws InterruptedException {
      return carryOut(ActRequest.Kind.PAUSE, null, false);
    }
  }

  /** Lets deliveries go on. */
  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "Deliver to a subscriber again that was paused.")
  static final class Resume extends One {
    @Override
    public Integer call() throws InterruptedException {
      return carryOut(ActRequest.Kind.RESUME, null, false);
    }
  }

  /** Puts a cursor back. */
  @Command(
      name = "rewind",
      mixinStandardHelpOptions = true,
      description = "Deliver events again that a subscriber has passed, with the same ids.",
      footer = {"", "Without --yes it says what would come again, and ends with 2."})
  static final class Rewind extends Deliberate {
    @Option(
        names = "--to",
        paramLabel = "PLACE",
        required = true,
        description = "earliest, a time such as 2026-11-21T18:00:00Z, or an offset.")
    private String to;

    @Override
    public Integer call() throws InterruptedException {
      return carryOut(ActRequest.Kind.REWIND, to);
    }
  }

  /** Puts a cursor on. */
  @Command(
      name = "skip",
      mixinStandardHelpOptions = true,
      description = "Never deliver the next events to a subscriber.",
      footer = {"", "Without --yes it says what would be skipped, and ends with 2."})
  static final class Skip extends Deliberate {
    @Option(
        names = "--to",
        paramLabel = "PLACE",
        required = true,
        description =
            "latest, a time such as 2026-11-21T18:00:00Z, an offset, or +N: N events on; earliest"
                + " passes what was deleted before it was delivered.")
    private String to;

    @Override
    public Integer call() throws InterruptedException {
      return carryOut(ActRequest.Kind.SKIP, to);
    }
  }

  /** Gives a cursor up. */
  @Command(
      name = "forget",
      mixinStandardHelpOptions = true,
      description =
          "Forget a subscriber that is configured no more, so that nothing is kept for it.",
      footer = {"", "Without --yes it says what would be forgotten, and ends with 2."})
  static final class Forget extends Deliberate {
    @Override
    public Integer call() throws InterruptedException {
      return carryOut(ActRequest.Kind.FORGET, null);
    }
  }
}
