package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The commands that need no database, and the one that makes them so, against a stage. */
class TestCommandIT {
  private static final String RULES =
      """
      rules: v1
      triggers:
        - event: StockListed
          on: insert stocks
          when: symbol != 'TEST' && id > 0
          data: {id, symbol: hash(symbol)}
        - event: Never
          on: delete stocks
          data: {id}
      tests:
        - test: a stock & its "symbol"
          steps:
            - insert stocks: {id: 1, symbol: ACME}
            - expect: StockListed
            - insert stocks: {id: 2, symbol: TEST}
            - expect: none
      """;
  private static final String FAILING =
      """
        - test: it fails
          steps:
            - insert stocks: {id: 1, symbol: <ACME>}
            - expect: none
      """;

  private final Path directory;

  TestCommandIT(@TempDir Path directory) throws IOException {
    this.directory = directory;
    Files.writeString(directory.resolve("rules.yaml"), RULES);
  }

  private String config(String mood) throws IOException {
    Path file = directory.resolve("rowbell.yaml");
    Files.writeString(
        file,
        """
        source: {stage: {mood: %s, password: "${env:NOBODY_SET_THIS:-secret}"}}
        rules: [rules.yaml]
        journal: {stage: {}}
        hash-key: "${env:NOBODY_SET_THIS:-0123456789abcdef}"
        """
            .formatted(mood));
    return file.toString();
  }

  private String configWithoutItsEnvironment() throws IOException {
    String file = config("ready");
    Files.writeString(Path.of(file), Files.readString(Path.of(file)).replaceAll(":-[^}]*", ""));
    return file;
  }

  private String shown(String text) {
    return text.replace(directory + "/", "").replace(directory.toString(), "DIR");
  }

  private void pull() throws IOException {
    Invocation pull = Invocation.of("schema", "pull", "-c", config("ready"));
    assertThat(pull.err()).isEmpty();
    assertThat(pull.out())
        .isEqualTo(
            "wrote rowbell.tables.json: 1 table; and rowbell.rules.schema.json for editors\n");
    assertThat(Files.readString(directory.resolve("rowbell.rules.schema.json")))
        .contains("\"insert stocks\"");
    assertThat(pull.code()).isZero();
  }

  @Test
  void testsRunAgainstTheDatabasesTables() throws IOException {
    Invocation test = Invocation.of("test", "-c", config("ready"));

    assertThat(test.err()).isEmpty();
    assertThat(shown(test.out()))
        .isEqualTo(
            """
            Tables: the database

            passed  a stock & its "symbol"

            No test makes these rules fire:
              Never

            No test shows that these conditions matter: they were never false
              rules.yaml:5:31  StockListed: id > 0

            1 test passed
            """);
    assertThat(test.code()).isZero();
  }

  @Test
  void aTestThatFailsEndsItWithOne() throws IOException {
    Files.writeString(directory.resolve("rules.yaml"), RULES + FAILING);
    String config = config("ready");
    Invocation test = Invocation.of("test", "-c", config);

    assertThat(test.code()).isEqualTo(1);
    assertThat(shown(test.out()))
        .contains("FAILED  it fails\n        rules.yaml:20:9\n        expected none\n")
        .endsWith("1 of 2 tests failed\n");
    assertThat(Invocation.of("test", "-o", "json", "-c", config).out())
        .hasLineCount(1)
        .startsWith("{\"passed\":false,\"tables\":\"the database\",\"tests\":[{\"name\":\"a stock")
        .contains("\"failure\":{\"file\":\"rules.yaml\",\"line\":20,\"column\":9,\"message\":")
        .contains("\"neverFired\":[\"Never\"]", "\"condition\":\"id > 0\"");
    assertThat(Invocation.of("test", "-o", "junit", "-c", config).out())
        .contains("<testsuite name=\"rules.yaml\" tests=\"2\" failures=\"1\"")
        .contains("name=\"a stock &amp; its &quot;symbol&quot;\"")
        .contains("<failure message=\"expected none\">rules.yaml:20:9: expected none\ncame ");
  }

  /** Most control characters cannot stand in XML, be they written as they may. */
  @Test
  void junitIsXmlWhateverTestsAreCalled() throws Exception {
    Files.writeString(
        directory.resolve("rules.yaml"), RULES + FAILING.replace("it fails", "\"it fails\\x01\""));
    String junit = Invocation.of("test", "-o", "junit", "-c", config("ready")).out();

    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(junit)));
    NodeList cases = document.getElementsByTagName("testcase");
    assertThat(cases.getLength()).isEqualTo(2);
    assertThat(((Element) cases.item(1)).getAttribute("name")).isEqualTo("it fails\uFFFD");
  }

  @Test
  void rulesOrTestsThatCannotBeUsedEndItWithThree() throws IOException {
    Files.writeString(
        directory.resolve("rules.yaml"),
        RULES.replace("expect: StockListed", "expect: StokListed"));
    Invocation test = Invocation.of("test", "-c", config("ready"));

    assertThat(test.code()).isEqualTo(3);
    assertThat(test.err())
        .contains("R022: no rule makes an event 'StokListed'", "did you mean 'StockListed'?");

    Files.writeString(directory.resolve("rules.yaml"), RULES.replace("id > 0", "di > 0"));
    assertThat(Invocation.of("test", "-c", config("ready")).code()).isEqualTo(3);
  }

  @Test
  void withoutADatabaseTheFileIsUsed() throws IOException {
    pull();
    Invocation unreachable = Invocation.of("test", "-c", config("unreachable"));
    assertThat(unreachable.code()).isZero();
    assertThat(unreachable.out())
        .startsWith("Tables: rowbell.tables.json (nobody answers at localhost:1)\n");

    String config = configWithoutItsEnvironment();
    Invocation unset = Invocation.of("test", "-c", config);
    assertThat(unset.code()).as(unset.err()).isZero();
    assertThat(unset.out())
        .startsWith("Tables: rowbell.tables.json (the configuration cannot be used as a whole: ");

    Invocation offline = Invocation.of("test", "--offline", "-c", config);
    assertThat(offline.out()).startsWith("Tables: rowbell.tables.json\n");
    assertThat(offline.code()).isZero();
  }

  @Test
  void withNeitherItSaysWhatToDo() throws IOException {
    Invocation test = Invocation.of("test", "-c", config("unreachable"));

    assertThat(test.code()).isEqualTo(3);
    assertThat(shown(test.err()))
        .startsWith("rowbell: the tables are not known: nobody answers at localhost:1\n")
        .contains("there is no rowbell.tables.json in DIR: run 'rowbell schema pull'");
  }

  @Test
  void filesAreTestedWithoutAConfiguration() throws IOException {
    pull();
    Files.delete(directory.resolve("rowbell.yaml"));
    Path rules = directory.resolve("other.yaml");
    Files.writeString(rules, RULES.replace("hash(symbol)", "symbol"));
    Invocation test =
        Invocation.of(
            "test",
            "--offline",
            "-c",
            directory.resolve("rowbell.yaml").toString(),
            rules.toString());

    assertThat(test.err()).isEmpty();
    assertThat(test.out()).endsWith("1 test passed\n");
  }

  @Test
  void rulesAreCheckedWithoutADatabase() throws IOException {
    pull();
    String config = configWithoutItsEnvironment();
    Invocation check = Invocation.of("check", "--offline", "-c", config);
    assertThat(check.err()).isEmpty();
    assertThat(check.out())
        .isEqualTo(
            "the rules fit the tables of rowbell.tables.json; the configuration and the database"
                + " were not looked at\n");
    assertThat(check.code()).isZero();

    Files.writeString(
        directory.resolve("rules.yaml"),
        RULES.replace("id > 0", "di > 0").replace("expect: none", "expect: non"));
    Invocation wrong = Invocation.of("check", "--offline", "-c", config);
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.out())
        .contains("rules.yaml:5:31: error E101", "do not fit the tables of rowbell.tables.json");
    assertThat(Invocation.of("check", "--offline", "-o", "json", "-c", config).out())
        .startsWith("{\"tables\":\"rowbell.tables.json\",\"fits\":false,\"issues\":[{");
    assertThat(Invocation.of("check", "--offline", "--apply", "-c", config).code()).isEqualTo(2);
  }

  @Test
  void checkTellsOfOneEventWithDifferentData() throws IOException {
    pull();
    String config = configWithoutItsEnvironment();
    Files.writeString(
        directory.resolve("rules.yaml"),
        """
        rules: v1
        triggers:
          - {event: Changed, on: insert stocks, data: {id}}
          - {rule: other, event: Changed, on: insert stocks, data: {of: id}}
        """);

    Invocation offline = Invocation.of("check", "--offline", "-c", config);

    assertThat(offline.code()).as(offline.out()).isZero();
    assertThat(offline.out())
        .contains("rules.yaml:4:", "warning W301: 'Changed' version 1 is also made by rule");
    assertThat(Invocation.of("check", "-c", config("ready")).out()).contains("warning W301: ");
  }

  @Test
  void checkTellsOfAFileThatIsOutOfDateAndOfTestsThatCannotRun() throws IOException {
    pull();
    Path tables = directory.resolve("rowbell.tables.json");
    Files.writeString(tables, Files.readString(tables).replace("\"bigint\"", "\"integer\""));
    Files.writeString(
        directory.resolve("rules.yaml"),
        RULES.replace("insert stocks: {id: 2, ", "insert stocks: {"));
    Invocation check = Invocation.of("check", "-c", config("ready"));

    assertThat(check.out())
        .contains(
            "warning W250: rowbell.tables.json: it is not what the database has: public.stocks.id"
                + " is bigint and was integer\n  = help: run 'rowbell schema pull'")
        .contains("warning R023: the primary key of public.stocks has no value here")
        .endsWith("ready: 'rowbell' would start (2 warnings)\n");
    assertThat(check.code()).isZero();
  }
}
