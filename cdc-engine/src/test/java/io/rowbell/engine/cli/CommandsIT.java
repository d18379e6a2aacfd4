package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on files, against a stage instead of a database. */
class CommandsIT {
  private static final String RULES =
      """
      rules: v1
      triggers:
        - event: StockListed
          on: insert stocks
          data: {id, symbol}
      """;

  private final Path directory;

  CommandsIT(@TempDir Path directory) throws IOException {
    this.directory = directory;
    Files.writeString(directory.resolve("rules.yaml"), RULES);
  }

  private String config(String source, String journal) throws IOException {
    Path file = directory.resolve("rowbell.yaml");
    Files.writeString(
        file,
        """
        source: {stage: %s}
        rules: [rules.yaml]
        journal: {stage: %s}
        """
            .formatted(source, journal));
    return file.toString();
  }

  private String shown(String text) {
    return text.replace(directory + "/", "");
  }

  @Test
  void checkSaysThatAllIsWell() throws IOException {
    Invocation check = Invocation.of("check", "-c", config("{password: hunter2}", "{}"));

    assertThat(check.err()).isEmpty();
    assertThat(shown(check.out()))
        .isEqualTo(
            """
            Settings
              KEY                    FROM            VALUE
              name                   default         rowbell
              source.stage.mood      default         ready
              source.stage.password  rowbell.yaml:1  ****
              rules[0]               rowbell.yaml:2  rules.yaml
              journal.stage.events   default         2
              journal.stage.end      not set
              subscribers            default         []
              standby                not set
              http                   not set
              watchdog.tell-after    default         1m
              watchdog.end-after     default         5m
              debezium               default         {}
              plugins                default         plugins
              hash-key               not set

            Journal
              there is none yet: the first run makes it, and begins where the slot stands

            ready: 'rowbell' would start
            """);
    assertThat(check.code()).isZero();
  }

  @Test
  void checkShowsEverythingWrongAtOnce() throws IOException {
    Files.writeString(
        directory.resolve("rules.yaml"),
        RULES.replace("{id, symbol}", "{id, symbl}") + "    wen: id > 3\n");
    Invocation check = Invocation.of("check", "-c", config("{mood: lacking}", "{}"));

    assertThat(check.code()).isEqualTo(1);
    assertThat(check.out().substring(check.out().indexOf("Rules\n")))
        .startsWith("Rules\nrules.yaml:5:16: error E101: table public.stocks has no column 'symbl'")
        .contains("rules.yaml:6:5: error R001: unknown key 'wen'")
        .doesNotContain("before a table was altered")
        .endsWith(
            """

            Journal
              there is none yet: the first run makes it, and begins where the slot stands

            Database
            error E204: publication rowbell: it does not exist
              = help: make it
                  CREATE PUBLICATION rowbell FOR TABLE public.stocks
            warning E209: max_slot_wal_keep_size: it is not limited
              = help: limit it

            'rowbell message E101' tells more

            not ready: 'rowbell' would not start (3 errors, 1 warning)
            """);
  }

  @Test
  void checkForProgramsIsOneObject() throws IOException {
    Invocation check = Invocation.of("check", "-o", "json", "-c", config("{mood: lacking}", "{}"));

    assertThat(check.code()).isEqualTo(1);
    assertThat(check.out())
        .hasLineCount(1)
        .startsWith("{\"pipeline\":\"rowbell\",\"ready\":false,\"failure\":null,\"issues\":[],")
        .contains("\"journal\":{\"exists\":false,\"position\":null}")
        .contains("\"sql\":[\"CREATE PUBLICATION rowbell FOR TABLE public.stocks\"]")
        .contains(
            "{\"key\":\"source.stage.password\",\"value\":null,\"origin\":\"unset\",\"place\":\"\"}");
  }

  @Test
  void checkLooksAtWhereTheJournalEnds() throws IOException {
    Invocation fits = Invocation.of("check", "-c", config("{}", "{end: 0/1A0}"));
    assertThat(fits.out()).contains("\nJournal\n  it ends at 0/1A0: a run goes on from there\n");
    assertThat(fits.code()).isZero();

    String ahead = config("{mood: ahead}", "{end: 0/1A0}");
    Invocation mismatch = Invocation.of("check", "-c", ahead);
    assertThat(mismatch.code()).isEqualTo(6);
    assertThat(mismatch.out())
        .contains("error E241: slot rowbell: it is ahead of the journal, which ends at 0/1A0\n")
        .endsWith("not ready: 'rowbell' would not start (1 error)\n");
    assertThat(Invocation.of("check", "-o", "json", "-c", ahead).out())
        .contains("\"journal\":{\"exists\":true,\"position\":\"0/1A0\"}")
        .contains("\"aboutPosition\":true");
    assertThat(Invocation.of("check", "-c", config("{mood: ahead}", "{}")).code()).isZero();
  }

  @Test
  void aJournalThatCannotBeLookedAtKeepsApplyFromMakingASlot() throws IOException {
    Invocation check =
        Invocation.of("check", "--apply", "-c", config("{mood: lacking}", "{events: -1}"));

    assertThat(check.code()).isEqualTo(5);
    assertThat(check.out())
        .contains("\nthe stage is dark\n", "error E204")
        .doesNotContain("\nApplied\n", "\nJournal\n");
  }

  @Test
  void applyCarriesOutAndShowsWhat() throws IOException {
    Invocation check = Invocation.of("check", "--apply", "-c", config("{mood: lacking}", "{}"));

    assertThat(check.code()).isZero();
    assertThat(check.out())
        .contains("\nApplied\n  CREATE PUBLICATION rowbell FOR TABLE public.stocks\n")
        .endsWith("ready: 'rowbell' would start\n");
  }

  @Test
  void applyLeavesTheDatabaseAloneWhileRulesAreWrong() throws IOException {
    Files.writeString(directory.resolve("rules.yaml"), RULES.replace("symbol", "symbl"));
    Invocation check = Invocation.of("check", "--apply", "-c", config("{mood: lacking}", "{}"));

    assertThat(check.code()).isEqualTo(1);
    assertThat(check.out())
        .contains("nothing was applied: mend the rules first")
        .doesNotContain("\nApplied\n");
  }

  @Test
  void anUnreachableDatabaseStillShowsTheFormOfTheRules() throws IOException {
    Files.writeString(directory.resolve("rules.yaml"), RULES + "    wen: id > 3\n");
    Invocation check = Invocation.of("check", "-c", config("{mood: unreachable}", "{}"));

    assertThat(check.code()).isEqualTo(4);
    assertThat(check.out())
        .contains("R001: unknown key 'wen'")
        .doesNotContain("E101", "E102", "E203")
        .contains("\nnobody answers at localhost:1\n")
        .endsWith("not ready: 'rowbell' would not start (2 errors)\n");
  }

  @Test
  void aWrongConfigurationEndsWith3AndItsIssues() throws IOException {
    String file = config("{mood: sad}", "{}");

    for (String command : new String[] {"check", "run"}) {
      Invocation invocation = Invocation.of(command, "-c", file);
      assertThat(invocation.code()).isEqualTo(3);
      assertThat(invocation.out()).isEmpty();
      assertThat(shown(invocation.err()))
          .isEqualTo(
              """
              rowbell: the configuration cannot be used:
              rowbell.yaml:1:24: error C004: 'source.stage.mood' must be one of ready, lacking, ahead, unreachable, broken, not 'sad'
                   1 | source: {stage: {mood: sad}}
                     |                        ^
              """);
    }
    assertThat(Invocation.of("run", "-c", directory + "/none.yaml").err())
        .startsWith("rowbell: there is no file '");
  }

  @Test
  void runEndsWithTheCodeOfItsFailure() throws IOException {
    Invocation unreachable = Invocation.of("run", "-c", config("{mood: unreachable}", "{}"));
    assertThat(unreachable.code()).isEqualTo(4);
    assertThat(unreachable.err()).isEqualTo("rowbell: nobody answers at localhost:1\n");

    Invocation fatal = Invocation.of("run", "-c", config("{}", "{}"));
    assertThat(fatal.code()).isEqualTo(5);
    assertThat(fatal.err()).isEqualTo("rowbell: the stage takes no events\n");

    Invocation fault = Invocation.of("run", "-c", config("{mood: broken}", "{}"));
    assertThat(fault.code()).isEqualTo(70);
    assertThat(fault.err()).contains("an unforeseen error").doesNotContain("\tat ");
  }

  @Test
  void eventsAreCompleteCloudEventsOnALineEach() throws IOException {
    Invocation events = Invocation.of("events", "-c", config("{}", "{events: 3}"));

    assertThat(events.code()).isZero();
    assertThat(events.out().lines())
        .hasSize(3)
        .allSatisfy(
            line ->
                assertThat(line).startsWith("{\"specversion\":\"1.0\",\"id\":\"").endsWith("}}"));
    assertThat(events.out()).contains("\"data\":{\"n\":2}");
  }

  @Test
  void eventsNeedNothingButTheJournal() throws IOException {
    Path file = directory.resolve("rowbell.yaml");
    Files.writeString(
        file,
        """
        source: {stage: {password: "${env:NOBODY_SET_THIS}"}}
        rules: [not-there/*.yaml]
        journal: {stage: {events: 3}}
        """);

    assertThat(Invocation.of("run", "-c", file.toString()).err()).contains("NOBODY_SET_THIS");
    assertThat(Invocation.of("events", "-c", file.toString()).out()).hasLineCount(3);

    Files.writeString(file, Files.readString(file).replace("journal:", "jornal:"));
    Invocation misspelt = Invocation.of("events", "-c", file.toString());
    assertThat(misspelt.code()).isEqualTo(3);
    assertThat(misspelt.err())
        .contains("rowbell.yaml:3:1: error C001: unknown key 'jornal'", "mean 'journal'?")
        .doesNotContain("NOBODY_SET_THIS", "not-there");
  }

  @Test
  void whatSpeaksToTheEngineNeedsNothingButItsAddress() throws IOException {
    Path file = directory.resolve("rowbell.yaml");
    Files.writeString(
        file,
        """
        source: {stage: {password: "${env:NOBODY_SET_THIS}"}}
        rules: [rules.yaml]
        http: {listen: "127.0.0.1:1"}
        """);

    for (String command : new String[] {"reload", "shadow"}) {
      Invocation invocation = Invocation.of(command, "-c", file.toString());
      assertThat(invocation.code()).isEqualTo(4);
      assertThat(invocation.err())
          .startsWith("rowbell: no engine answers at http.listen 127.0.0.1:1:")
          .endsWith("(nobody listens there)\n");
    }
  }

  @Test
  void whatTheEngineWasAskedIsNotDoneASecondTimeWithoutIt() throws IOException {
    try (ServerSocket engine = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread hangsUp =
          new Thread(
              () -> {
                try {
                  engine.accept().close();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      hangsUp.start();
      Path file = directory.resolve("rowbell.yaml");
      Files.writeString(
          file,
          """
          source: {stage: {}}
          rules: [rules.yaml]
          journal: {stage: {}}
          http: {listen: "127.0.0.1:%d"}
          """
              .formatted(engine.getLocalPort()));
      Invocation invocation = Invocation.of("subscribers", "pause", "out", "-c", file.toString());
      assertThat(invocation.err()).contains("it may have been done", "rowbell audit");
      assertThat(invocation.code()).isEqualTo(5);
    }
  }

  @Test
  void eventsAreChosenByTypeAndKey() throws IOException {
    String file = config("{}", "{events: 6}");

    assertThat(Invocation.of("events", "-c", file, "--type", "StockListed").out().lines())
        .hasSize(3)
        .allSatisfy(line -> assertThat(line).contains("\"type\":\"StockListed\""));
    assertThat(Invocation.of("events", "-c", file, "--type", "StockListed", "--key", "key-1").out())
        .hasLineCount(1)
        .contains("\"subject\":\"key-1\"");
  }

  @Test
  void eventsAreChosenByTheirPlaceInTheLog() throws IOException {
    String file = config("{}", "{events: 17}");

    assertThat(Invocation.of("events", "-c", file, "--after", "1/F").out().lines())
        .as("F is before 10: numbers, not texts")
        .hasSize(1);
    assertThat(Invocation.of("events", "-c", file, "--after", "0/F0000000").out()).hasLineCount(17);
    assertThat(Invocation.of("events", "-c", file, "--after", "yesterday").err())
        .contains("--after", "'yesterday' is no WAL position: it looks like 0/16B3748");
  }

  @Test
  void aTableIsCutToTheTerminal() throws IOException {
    String file = config("{}", "{events: 1}");
    Invocation wide = Invocation.of("events", "-c", file, "-o", "table");
    Invocation narrow = Invocation.of(new Terminal(false, 70), "events", "-c", file, "-o", "table");

    assertThat(wide.out())
        .isEqualTo(
            """
            TIME                         TYPE                  KEY           DATA
            1970-01-01T00:00:00Z         StockPriceMoved       key-0         {"n":0}
            """);
    assertThat(narrow.out().lines().skip(1).findFirst())
        .hasValueSatisfying(line -> assertThat(line).hasSize(70).endsWith("{\"n\"…"));
  }

  @Test
  void aJournalThatCannotBeReadEndsWith5() throws IOException {
    Invocation events = Invocation.of("events", "-c", config("{}", "{events: -1}"));

    assertThat(events.code()).isEqualTo(5);
    assertThat(events.err()).isEqualTo("rowbell: there is no journal\n");
  }

  @Test
  void aReaderThatHasHadEnoughIsNoError() throws IOException {
    Writer closed =
        new Writer() {
          @Override
          public void write(char[] text, int from, int length) throws IOException {
            throw new IOException("Broken pipe");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    StringWriter err = new StringWriter();

    int code =
        Main.run(
            new String[] {"events", "--follow", "-c", config("{}", "{events: 2}")},
            Terminal.NONE,
            new PrintWriter(closed),
            new PrintWriter(err));

    assertThat(code).isZero();
    assertThat(err.toString()).isEmpty();
  }
}
