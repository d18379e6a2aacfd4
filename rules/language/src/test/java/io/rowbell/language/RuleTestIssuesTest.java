package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Issue;
import io.rowbell.language.testing.RuleTests;
import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is said of tests that cannot be run. */
class RuleTestIssuesTest {
  private static final String RULES =
      """
      rules: v1
      triggers:
        - {event: Seen, on: insert or update things, data: row}
        - {event: Moved, on: update stocks, data: {symbol, price}}
        - {event: Written, on: insert log, key: line, data: {line}}
      """;

  private static final TableSchema THINGS =
      new TableSchema(
          new TableId("public", "things"),
          List.of(
              new Column("id", ColumnType.of(Kind.INTEGER, "integer"), false),
              new Column("mood", ColumnType.enumOf("mood", List.of("sad", "happy")), true),
              new Column("tags", ColumnType.arrayOf(ColumnType.of(Kind.TEXT, "text")), true),
              new Column("doc", ColumnType.of(Kind.JSON, "jsonb"), true),
              new Column("n", ColumnType.of(Kind.NUMERIC, "numeric(4,2)"), false),
              new Column("at", ColumnType.of(Kind.TIMESTAMP_TZ, "timestamp with time zone"), true)),
          List.of(0),
          ReplicaIdentity.FULL,
          List.of(0, 1, 2, 3, 4, 5));

  private static RuleTests read(String tests) {
    Catalog catalog = Shop.CATALOG.with(THINGS);
    RuleFile file = new RuleFile("rules.yaml", RULES + "tests:\n" + tests.indent(2));
    RuleTests read = RuleTests.of(List.of(file), catalog, null);
    assertThat(read.ruleIssues()).isEmpty();
    return read;
  }

  private static String issues(String tests) {
    RuleTests read = read(tests);
    assertThat(read.canRun()).isFalse();
    return read.testIssues().stream().map(Issue::render).collect(Collectors.joining("\n"));
  }

  private static String step(String step) {
    return issues("- test: t\n  steps:\n    - " + step + "\n");
  }

  @Test
  void aStepThatNobodyKnows() {
    assertThat(step("inser things: {id: 1}"))
        .isEqualTo(
            """
            rules.yaml:9:9: error R020: there is no step 'inser things'
                 9 |       - inser things: {id: 1}
                   |         ^
                   = help: did you mean 'insert'?""");
    assertThat(step("transaction: [wait: 1m]"))
        .contains("9:23: error R020: 'wait' is no part of a transaction");
    assertThat(step("insert or update things: {id: 1}"))
        .contains("9:9: error R020: a step is one operation on one table");
    assertThat(step("[1]")).contains("9:9: error R007: a step is a mapping, and there is a list");
    assertThat(step("wait: soon")).contains("9:15: error R011: 'wait' cannot be 'soon'");
    assertThat(step("expect: none\n      frails: Seen"))
        .contains("R001: unknown key 'frails'", "did you mean 'fails'?");
  }

  @Test
  void aTableOrAColumnThatThereIsNot() {
    assertThat(step("insert thing: {id: 1}"))
        .isEqualTo(
            """
            rules.yaml:9:16: error E203: there is no table 'thing' on the search path public
                 9 |       - insert thing: {id: 1}
                   |                ^
                   = help: did you mean 'things'?""");
    assertThat(step("insert stocks: {id: 1, prise: 3}"))
        .isEqualTo(
            """
            rules.yaml:9:32: error E101: table public.stocks has no column 'prise'
                 9 |       - insert stocks: {id: 1, prise: 3}
                   |                                ^
                   = help: did you mean 'price'?""");
  }

  @Test
  void aValueThatAColumnCannotHave() {
    assertThat(step("insert things: {id: 1, mood: hapy}"))
        .isEqualTo(
            """
            rules.yaml:9:38: error R021: 'mood' is mood, and cannot be this: the text is no label \
            of mood: did you mean 'happy'?
                 9 |       - insert things: {id: 1, mood: hapy}
                   |                                      ^
                   = help: write it as SQL would write a constant of the type""");
    assertThat(step("insert things: {id: 3000000000}"))
        .contains("R021: 'id' is integer, and cannot be this: the number is out of the range of");
    assertThat(step("insert things: {id: 1, n: 100}")).contains("the range of numeric(4,2)");
    assertThat(step("insert things: {id: 1, n: null}")).contains("the column is NOT NULL");
    assertThat(step("insert things: {id: 1, tags: a}")).contains("write a list, as [1, 2]");
    assertThat(step("insert things: {id: 1, doc: a}")).contains("the text is no JSON");
    assertThat(step("insert things: {id: 1, at: noon}")).contains("is no timestamp with");
    assertThat(step("insert things: {id: 1, mood: [sad]}")).contains("there is a list here");
  }

  @Test
  void aRowThatIsNotTold() {
    assertThat(step("insert things: {n: 1}"))
        .isEqualTo(
            """
            rules.yaml:9:9: error R023: the primary key of public.things has no value here: id is \
            missing
                 9 |       - insert things: {n: 1}
                   |         ^
                   = help: give the whole key: defaults of the database are not known to tests""");
    assertThat(step("update log: {line: x}"))
        .contains("R023: table public.log has no primary key to find the row by", "where:");
    assertThat(step("insert things")).contains("'insert things' is a mapping of columns to values");
    assertThat(step("truncate things: {id: 1}")).contains("write 'truncate public.things' alone");
  }

  @Test
  void anEventThatNoRuleCanMake() {
    assertThat(step("expect: {Movd: {price: 1}}"))
        .isEqualTo(
            """
            rules.yaml:9:18: error R022: no rule makes an event 'Movd'
                 9 |       - expect: {Movd: {price: 1}}
                   |                  ^
                   = help: did you mean 'Moved'?""");
    assertThat(step("expect: [Moved, {Moved: {prise: 1}}]"))
        .contains("9:34: error R022: Moved has no field 'prise'", "did you mean 'price'?");
    assertThat(step("expect: nothing")).contains("the events are Moved, Seen, Written");
    assertThat(step("fails: Mved")).contains("R022: there is no rule 'Mved'", "'Moved'?");
    assertThat(step("expect: {}")).contains("R007: 'expect' is 'none', an event");
  }

  @Test
  void whatIsNoTest() {
    assertThat(issues("- test: a\n  step: []\n- test: b\n  steps: []\n- test: b\n  steps: []\n- c"))
        .contains(
            "R001: unknown key 'step'",
            "R006: this test has no 'steps'",
            "R024: there is another test 'b'",
            "R007: a test is a mapping, and there is text here");
  }

  @Test
  void valuesAreReadAsPostgresWouldReadThem() {
    RuleTests read =
        read(
            """
            - test: values
              steps:
                - insert things:
                    id: 1
                    mood: sad
                    tags: [a, null, "b c"]
                    doc: {a: [1, true, null, x], b: "1"}
                    n: 9.876
                    at: 2026-01-02 03:04:05.678+01
                - expect:
                    Seen:
                      mood: sad
                      tags: [a, null, b c]
                      doc: {a: [1, true, null, x], b: "1"}
                      n: 9.88
                      at: "2026-01-02T02:04:05.678Z"
                - update things: {id: 1, doc: '{"c": 7}', at: 2026-01-02, tags: [], mood: null}
                - expect:
                    Seen: {doc: {c: 7.0}, at: "2026-01-02T00:00:00Z", tags: [], mood: null, n: 9.88}
            """);
    assertThat(read.testIssues()).isEmpty();
    assertThat(read.run().results()).allSatisfy(result -> assertThat(result.failure()).isNull());
    assertThat(Map.of("n", read.run().neverFired()))
        .containsEntry("n", List.of("Moved", "Written"));
  }
}
