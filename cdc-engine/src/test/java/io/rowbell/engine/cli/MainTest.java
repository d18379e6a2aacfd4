package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.engine.EngineException;
import io.rowbell.engine.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class MainTest {
  /** A command that another module adds. */
  @Command(name = "added", description = "Ends as it is told to.")
  public static final class AddedCommand implements Subcommand {
    @Option(names = "--end", defaultValue = "well")
    private String end;

    /** Made by {@link java.util.ServiceLoader}. */
    public AddedCommand() {}

    @Override
    public Integer call() {
      switch (end) {
        case "badly" -> throw new IllegalStateException("no reason");
        case "mismatch" ->
            throw new EngineException(ExitCode.POSITION_MISMATCH, "the slot is gone", null);
        default -> {
          return 0;
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''              | which command?                                | rowbell",
        "evnets          | there is no command 'evnets'                  | rowbell",
        "validate        | the commands are run, check, publication, test | rowbell",
        "events --tpye A | Unknown options: '--tpye', 'A'                | rowbell events",
        "check -o xml    | Invalid value for option '--output'           | rowbell check",
        "run --log       | Missing required parameter for option '--log' | rowbell run"
      })
  void wrongUseSaysWhatIsWrongAndWhereToLook(String line, String message, String command) {
    Invocation invocation = Invocation.of(line.isEmpty() ? new String[0] : line.split(" ", -1));

    assertThat(invocation.code()).isEqualTo(2);
    assertThat(invocation.out()).isEmpty();
    assertThat(invocation.err()).contains(message).endsWith("Try '" + command + " --help'.\n");
  }

  @Test
  void aMessagesCodeIsExplained() {
    Invocation one = Invocation.of("message", "e101");
    assertThat(one.code()).isZero();
    assertThat(one.out())
        .startsWith("E101: a column or a name that does not exist\n\n")
        .contains("did you mean 'price'?", "when: price > 100");
    assertThat(Invocation.of("message").out()).contains("\nX404  a division by zero\n");
    Invocation none = Invocation.of("message", "E199");
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).startsWith("rowbell: there is no message 'E199'");
  }

  @Test
  void aWrongCommandGetsASuggestion() {
    assertThat(Invocation.of("evnets").err())
        .isEqualTo(
            """
            rowbell: there is no command 'evnets'
                = help: did you mean 'events'?
            Try 'rowbell --help'.
            """);
    assertThat(Invocation.of("events", "--tpye", "A").err())
        .contains("= help: did you mean '--type'?");
    assertThat(Invocation.of("--config", "a.yaml", "check").err())
        .contains("= help: options stand behind the command: rowbell check --config FILE");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "check",
        "publication",
        "explain",
        "message",
        "test",
        "events",
        "contract",
        "impact",
        "schema",
        "version",
        "completion",
        "reload",
        "shadow"
      })
  void everyCommandHasHelp(String command) {
    Invocation byOption = Invocation.of(command, "--help");
    Invocation byCommand = Invocation.of("help", command);

    assertThat(byOption.code()).isZero();
    assertThat(byOption.out()).startsWith("Usage: rowbell " + command);
    assertThat(byOption.err()).isEmpty();
    assertThat(byCommand.out()).isEqualTo(byOption.out());
    assertThat(byOption.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(101));
  }

  @Test
  void theUsageListsCommandsAndExitCodes() {
    assertThat(Invocation.of("--help").out())
        .contains("run ", "check ", "events ", "added ", "3    the configuration")
        .doesNotContain("\u001b");
  }

  @Test
  void everyExitCodeIsListed() {
    String help = Invocation.of("--help").out();

    for (ExitCode code : ExitCode.values()) {
      assertThat(help).containsPattern("(?m)^ +" + code.code() + " +\\S");
    }
  }

  @Test
  void coloursAreForTerminals() {
    Terminal terminal = new Terminal(true, 100);

    assertThat(Invocation.of(terminal, "--help").out()).contains("\u001b[");
    assertThat(terminal.paint(Terminal.Colour.GOOD, "x")).isEqualTo("\u001b[32mx\u001b[0m");
    assertThat(Terminal.NONE.paint(Terminal.Colour.GOOD, "x")).isEqualTo("x");
  }

  @Test
  void theVersionIsOneLine() {
    assertThat(Invocation.of("version").out())
        .startsWith("rowbell ")
        .contains("Java " + Runtime.version())
        .hasLineCount(1);
    assertThat(Invocation.of("--version").out()).isEqualTo(Invocation.of("version").out());
  }

  @Test
  void theCompletionKnowsTheCommands() {
    assertThat(Invocation.of("completion").out())
        .startsWith("#!/usr/bin/env bash")
        .contains("events", "--follow", "complete ")
        .contains("rowbell");
  }

  @Test
  void theSchemaIsJson() {
    assertThat(Invocation.of("schema").out())
        .startsWith("{\n  \"$schema\" : \"https://json-schema.org/draft/2020-12/schema\"");
  }

  @Test
  void aCommandOfAnotherModuleIsRunAndItsErrorsAreShown() {
    assertThat(Invocation.of("added").code()).isZero();

    Invocation mismatch = Invocation.of("added", "--end", "mismatch");
    assertThat(mismatch.code()).isEqualTo(6);
    assertThat(mismatch.err()).isEqualTo("rowbell: the slot is gone\n");

    Invocation fault = Invocation.of("added", "--end", "badly");
    assertThat(fault.code()).isEqualTo(70);
    assertThat(fault.err()).contains("an unforeseen error: java.lang.IllegalStateException");
  }
}
