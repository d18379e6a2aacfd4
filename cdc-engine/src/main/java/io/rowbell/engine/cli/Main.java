package io.rowbell.engine.cli;

import io.rowbell.engine.EngineException;
import io.rowbell.engine.ExitCode;
import io.rowbell.engine.Failures;
import io.rowbell.engine.config.ConfigException;
import io.rowbell.language.issue.Suggestions;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code rowbell}. */
@Command(
    name = "rowbell",
    description = "Named domain events from committed PostgreSQL changes.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RunCommand.class,
      CheckCommand.class,
      PublicationCommand.class,
      TestCommand.class,
      EventsCommand.class,
      DeadLettersCommand.class,
      SubscribersCommand.class,
      AuditCommand.class,
      ReloadCommand.class,
      ShadowCommand.class,
      ExplainCommand.class,
      VerifyCommand.class,
      ContractCommand.class,
      ImpactCommand.class,
      SchemaCommand.class,
      MessageCommand.class,
      VersionCommand.class,
      CompletionCommand.class,
      HelpCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all went well",
      "1:a check found something",
      "2:the command line is wrong",
      "3:the configuration or the database's set-up is wrong",
      "4:the database cannot be reached, or another instance follows the slot; or the engine, by"
          + " reload, shadow and others that ask it",
      "5:the journal or a destination cannot go on",
      "6:slot and journal do not fit together",
      "70:a fault of Rowbell's own",
      "71:the pipeline hung, and the watchdog ended the process"
    })
public final class Main implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  private final Terminal terminal;
  @Spec private CommandSpec spec;

  private Main(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Runs a command and ends the process. */
  public static void main(String[] args) {
    PrintWriter out =
        new PrintWriter(
            new BufferedWriter(
                new OutputStreamWriter(
                    new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8),
                1 << 16));
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code = run(args, Terminal.detect(System.getenv()), out, err);
    out.flush();
    System.exit(code);
  }

  /**
   * Runs a command.
   *
   * @return the exit code
   */
  static int run(String[] args, Terminal terminal, PrintWriter out, PrintWriter err) {
    CommandLine line = new CommandLine(new Main(terminal));
    for (Subcommand added : ServiceLoader.load(Subcommand.class)) {
      line.addSubcommand(added);
    }
    return line.setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpWidth(Math.min(Math.max(terminal.width(), 80), 100))
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(terminal.colours() ? Ansi.ON : Ansi.OFF))
        .setParameterExceptionHandler(Main::misused)
        .setExecutionStrategy(Main::execute)
        .setExecutionExceptionHandler((e, command, parsed) -> failed(e, terminal, err))
        .execute(args);
  }

  /** Commands of other modules know nothing of how the log is set up. */
  private static int execute(ParseResult parsed) {
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    if (last.commandSpec().userObject() instanceof Subcommand) {
      Logging.configure(Logging.Form.TEXT, 0);
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  /** Without a command there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }

  Terminal terminal() {
    return terminal;
  }

  private static int misused(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    String message = e.getMessage();
    if (e instanceof UnmatchedArgumentException unmatched) {
      String first = unmatched.getUnmatched().get(0);
      boolean word = !first.startsWith("-") && !command.getSubcommands().isEmpty();
      err.println("rowbell: " + (word ? "there is no command '" + first + "'" : message));
      List<String> known = new ArrayList<>(command.getCommandSpec().optionsMap().keySet());
      known.addAll(command.getSubcommands().keySet());
      Suggestions.didYouMean(first, known)
          .or(
              () ->
                  command.getParent() == null && first.startsWith("-")
                      ? Optional.of("options stand behind the command: rowbell check --config FILE")
                      : word ? Optional.of(commands(command)) : Optional.empty())
          .ifPresent(help -> err.println("    = help: " + help));
    } else {
      err.println("rowbell: " + message);
    }
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE.code();
  }

  private static String commands(CommandLine command) {
    return "the commands are " + String.join(", ", command.getSubcommands().keySet());
  }

  /** What users can mend is told in their words; the rest is our fault, and traced. */
  private static int failed(Exception e, Terminal terminal, PrintWriter err) {
    EngineException known =
        e instanceof EngineException engine
            ? engine
            : e instanceof ConfigException config ? Failures.of(config) : Failures.unforeseen(e);
    String start = terminal.paint(Terminal.Colour.ERROR, "rowbell: ");
    if (e instanceof ConfigException config && !config.issues().isEmpty()) {
      // Each on a line of its own, as editors and people look for it.
      err.println(start + "the configuration cannot be used:");
      err.println(known.getMessage());
    } else {
      err.println(start + known.getMessage());
    }
    if (known.exitCode() == ExitCode.INTERNAL) {
      LOG.error("this is a fault of Rowbell's own: please report it with this trace", e);
    }
    return known.exitCode().code();
  }
}
