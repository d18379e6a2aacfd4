package io.rowbell.engine.cli;

import io.rowbell.engine.ActRequest;
import io.rowbell.engine.EngineException;
import io.rowbell.engine.ExitCode;
import io.rowbell.engine.Failures;
import io.rowbell.engine.config.JournalAccess;
import io.rowbell.model.DeadLetter;
import io.rowbell.spi.JournalException;
import java.io.PrintWriter;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Shows what could not be done, and has it done again or given up. */
@Command(
    name = "dead-letters",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Show what rules could not evaluate and subscribers could not deliver,",
      "and have it delivered again or given up."
    },
    subcommands = {
      DeadLettersCommand.ListThem.class,
      DeadLettersCommand.Show.class,
      DeadLettersCommand.Retry.class,
      DeadLettersCommand.Drop.class
    },
    footer = {
      "",
      "Nothing is lost meanwhile: what follows on a key is kept behind it, in order.",
      "docs/dead-letters.md says more."
    })
final class DeadLettersCommand implements Runnable {
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

  private static List<DeadLetter> read(JournalAccess access, Predicate<DeadLetter> wanted, int max)
      throws InterruptedException {
    try {
      return access.journal().listDeadLetters(access.context(), wanted, max);
    } catch (JournalException e) {
      throw Failures.of(e);
    }
  }

  /**
   * Prints them with their payloads, one after the other: together they may not fit into memory.
   */
  private static int print(
      JournalAccess access,
      Predicate<DeadLetter> wanted,
      int max,
      PrintWriter out,
      Function<DeadLetter, String> text)
      throws InterruptedException {
    AtomicInteger count = new AtomicInteger();
    try {
      access
          .journal()
          .readDeadLetters(
              access.context(),
              wanted,
              max,
              letter -> {
                out.println(text.apply(letter));
                count.incrementAndGet();
              });
    } catch (JournalException e) {
      throw Failures.of(e);
    }
    return count.get();
  }

  /** Shows them in a list. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List dead letters, oldest first.",
      footer = {"", "Without payloads: rowbell dead-letters show ID, or -o json, has those."})
  static final class ListThem implements Callable<Integer> {
    @ParentCommand private DeadLettersCommand letters;
    @Spec private CommandSpec spec;
    @Mixin private ConfigOption config;
    @Mixin private LogOptions log;

    @Option(
        names = "--subscriber",
        paramLabel = "NAME",
        description = "Only those of a subscriber.")
    private @Nullable String subscriber;

    @Option(names = "--rule", paramLabel = "RULE", description = "Only those of a rule.")
    private @Nullable String rule;

    @Option(names = "--key", paramLabel = "KEY", description = "Only those of a key.")
    private @Nullable String key;

    @Option(
        names = "--since",
        paramLabel = "TIME",
        description = "Only of changes committed since then, such as 2026-11-21T18:00:00Z.")
    private @Nullable OffsetDateTime since;

    @Option(
        names = "--max",
        paramLabel = "N",
        defaultValue = "1000",
        description = "The last N. Default: 1000.")
    private int max;

    @Mixin private FormatOption format;

    @Override
    public Integer call() throws InterruptedException {
      log.apply();
      PrintWriter out = spec.commandLine().getOut();
      if (format.isJson()) {
        int unused = print(config.journal(), this::isWanted, max, out, DeadLetterText::json);
        return ExitCode.OK.code();
      }
      List<DeadLetter> found = read(config.journal(), this::isWanted, max);
      if (found.isEmpty()) {
        out.println("there are no such dead letters");
      } else {
        DeadLetterText.table(found).lines(letters.terminal().width()).forEach(out::println);
      }
      return ExitCode.OK.code();
    }

    private boolean isWanted(DeadLetter letter) {
      return (subscriber == null || subscriber.equals(letter.subscriber()))
          && (rule == null || rule.equals(letter.rule()))
          && (key == null || key.equals(letter.key()))
          && (since == null || !letter.time().isBefore(since.toInstant()));
    }
  }

  /** Shows all of one. */
  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Show all that is known of a dead letter, and what to do.")
  static final class Show implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private ConfigOption config;
    @Mixin private LogOptions log;

    @Parameters(index = "0", paramLabel = "ID", description = "The id of its event.")
    private String id;

    @Mixin private FormatOption format;

    @Override
    public Integer call() throws InterruptedException {
      log.apply();
      int found =
          print(
              config.journal(),
              letter -> letter.id().toString().equals(id),
              100,
              spec.commandLine().getOut(),
              format.isJson() ? DeadLetterText::json : DeadLetterText::whole);
      if (found == 0) {
        throw new EngineException(
            ExitCode.CHECK_FAILED,
            "there is no dead letter %s; rowbell dead-letters list shows those there are"
                .formatted(id),
            null);
      }
      return ExitCode.OK.code();
    }
  }

  /** Which ones. */
  static final class Choice {
    @Parameters(
        arity = "0..*",
        paramLabel = "ID",
        description = "Dead letters, by the ids of their events.")
    private List<String> ids = List.of();

    @Option(
        names = "--subscriber",
        paramLabel = "NAME",
        description = "Of this subscriber. May be left out with IDs.")
    private @Nullable String subscriber;

    @Option(names = "--key", paramLabel = "KEY", description = "All of a key.")
    private @Nullable String key;

    @Option(names = "--all", description = "All of the subscriber.")
    private boolean all;

    ActRequest request(
        CommandSpec spec,
        ActRequest.Kind act,
        boolean outOfOrder,
        boolean preview,
        ActOptions options) {
      int ways = (ids.isEmpty() ? 0 : 1) + (key == null ? 0 : 1) + (all ? 1 : 0);
      if (ways != 1) {
        throw new ParameterException(
            spec.commandLine(), "say which: IDs, or --key with --subscriber, or --all with it");
      }
      if (ids.isEmpty() && subscriber == null) {
        throw new ParameterException(
            spec.commandLine(), "say whose with --subscriber: " + (all ? "--all" : "--key"));
      }
      return new ActRequest(
          act,
          subscriber,
          ids,
          key,
          all,
          null,
          outOfOrder,
          preview,
          options.reason(),
          ActOptions.who());
    }
  }

  /** Has them delivered again. */
  @Command(
      name = "retry",
      mixinStandardHelpOptions = true,
      description = {
        "Have dead letters of a subscriber delivered again, with the ids they had.",
        "Each key from its first on, in order; when all are through it flows again."
      })
  static final class Retry implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private Choice choice;
    @Mixin private ActOptions options;

    @Option(
        names = "--out-of-order",
        description = "Deliver the IDs even if others of their keys come before them.")
    private boolean outOfOrder;

    @Override
    public Integer call() throws InterruptedException {
      return options.carryOut(
          choice.request(spec, ActRequest.Kind.RETRY, outOfOrder, false, options));
    }
  }

  /** Gives them up. */
  @Command(
      name = "drop",
      mixinStandardHelpOptions = true,
      description = {
        "Give dead letters up for good: they are never delivered.",
        "A key of which none is left flows again."
      },
      footer = {"", "Without --yes it says what would be dropped, and ends with 2."})
  static final class Drop implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private Choice choice;
    @Mixin private ActOptions options;

    @Option(names = "--yes", description = "Do it. Needs --reason.")
    private boolean yes;

    @Override
    public Integer call() throws InterruptedException {
      if (yes && options.reason().isBlank()) {
        throw new ParameterException(
            spec.commandLine(), "what is dropped is never delivered: say why with --reason");
      }
      return options.carryOut(choice.request(spec, ActRequest.Kind.DROP, false, !yes, options));
    }
  }
}
