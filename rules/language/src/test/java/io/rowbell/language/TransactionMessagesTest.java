package io.rowbell.language;

import static io.rowbell.language.OrderTables.rules;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.OrderTables.Log;
import io.rowbell.language.OrderTables.Run;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a transaction says about itself. */
class TransactionMessagesTest {
  private static final String CONTEXT = TransactionMessages.CONTEXT;
  private static final String SKIP = TransactionMessages.SKIP;

  private static final String RULES =
      """
      rules: v1
      triggers:
        - {event: Placed, on: insert or snapshot orders, data: {id}}
        - {event: Line, on: insert lines, data: {id}}
        - event: Counted
          on: update orders
          data: {changes: tx.changes}
        - event: Moved
          on: update orders
          when: total > last.total
          data: {id, before: last.total}
        - event: Big
          on: orders
          while: total > 100
          resolved: Small
          data: {id, total}
      """;

  private final Run run = new Run(rules(RULES));

  @Test
  void aContextIsCarriedByEveryEventOfItsTransactionAndNoOther() {
    run.all(
        new Log()
            .order(1, "1")
            .next()
            .order(2, "1")
            .orderUpdated(2, "2")
            .snapshot(50, "1")
            .message(CONTEXT, "{\"Actor_Id\": \"ü1\", \"traceparent\": \"00-ab-cd-01\"}")
            .line(1, 2L, "A", 1)
            .message(CONTEXT, "{\"actorid\": 7, \"dry\": true, \"rate\": -1.50}")
            .next()
            .order(3, "1"));

    Map<String, String> context =
        Map.of("actorid", "7", "traceparent", "00-ab-cd-01", "dry", "true", "rate", "-1.50");
    assertThat(run.told())
        .containsExactly(
            "Placed {\"id\":1}",
            "Placed {\"id\":2}",
            "Moved {\"id\":2,\"before\":1}",
            "Placed {\"id\":50}",
            "Line {\"id\":1}",
            "Counted {\"changes\":3}",
            "Placed {\"id\":3}");
    for (int i : new int[] {1, 2, 4, 5}) {
      assertThat(run.events().get(i).extensions())
          .containsAllEntriesOf(context)
          .containsEntry("xid", "2");
    }
    for (int i : new int[] {0, 3, 6}) {
      assertThat(run.events().get(i).extensions()).doesNotContainKeys("actorid", "dry");
    }
    assertThat(run.notices).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [1]                          | its content is no JSON object
          actor=1                      | its content is no JSON object
          {"id": "x"}                  | attribute 'id' is left out: an event's own 'id' cannot be replaced
          {"Data_Version": "x"}        | attribute 'Data_Version' is left out: an event's own 'dataversion' cannot be replaced
          {"xid": "1"}                 | attribute 'xid' is left out: an event's own 'xid' cannot be replaced
          {"missing": "1"}             | attribute 'missing' is left out: an event's own 'missing' cannot be replaced
          {"actor-id": "1"}            | attribute 'actor-id' is left out: a name is at most 20 letters of a to z and digits
          {"aaaaaaaaaaaaaaaaaaaaa": 1} | attribute 'aaaaaaaaaaaaaaaaaaaaa' is left out: a name is at most 20 letters of a to z and digits
          {"a": {"b": 1}}              | attribute 'a' is left out: its value is neither a text nor a number nor a boolean
          {"a": null}                  | attribute 'a' is left out: its value is neither a text nor a number nor a boolean
          {"a": "x\\u0000"}            | attribute 'a' is left out: its value has characters that CloudEvents does not allow
          """)
  void whatCannotBeUsedIsToldAndTheRestIs(String content, String problem) {
    run.all(
        new Log().message(CONTEXT, content).message(CONTEXT, "{\"actor\": \"u1\"}").order(1, "1"));

    assertThat(run.notices)
        .containsExactly(new Notice("X421", "message rowbell.context at 0/1000: " + problem, 1));
    assertThat(run.events().get(0).extensions())
        .containsEntry("actor", "u1")
        .containsOnlyKeys("actor", "table", "op", "position", "rule", "xid");
  }

  @Test
  void aContextHasBounds() {
    StringBuilder many = new StringBuilder("{\"long\": \"" + "x".repeat(1025) + "\"");
    for (int i = 0; i < 22; i++) {
      many.append(", \"a").append(i).append("\": 1");
    }
    run.all(new Log().message(CONTEXT, many + "}").order(1, "1"));

    assertThat(run.notices)
        .extracting(Notice::text)
        .containsExactly(
            "message rowbell.context at 0/1000: attribute 'long' is left out: its value is longer"
                + " than 1024 characters",
            "message rowbell.context at 0/1000: attribute 'a20' is left out: a transaction has at"
                + " most 20",
            "message rowbell.context at 0/1000: attribute 'a21' is left out: a transaction has at"
                + " most 20");
    assertThat(run.events().get(0).extensions()).hasSize(25);
  }

  @ParameterizedTest
  @ValueSource(strings = {TransactionMessages.CONTEXT, TransactionMessages.SKIP})
  void oneOutsideOfTransactionsSaysNothing(String prefix) {
    run.all(new Log().loose(prefix, "").order(1, "1"));

    assertThat(run.told()).containsExactly("Placed {\"id\":1}");
    assertThat(run.notices)
        .extracting(Notice::text)
        .containsExactly(
            "message "
                + prefix
                + " at 0/100: it belongs to no transaction: write it with"
                + " pg_logical_emit_message(true, …)");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aTransactionThatSkipsFiresNothing(int place) {
    Log log = new Log();
    for (int i = 0; i < 3; i++) {
      if (i == place) {
        log.message(SKIP, " ");
      }
      switch (i) {
        case 0 -> log.order(1, "1");
        case 1 -> log.line(1, 1L, "A", 1);
        default -> log.orderUpdated(1, "200").snapshot(50, "1");
      }
    }
    run.all(log.next().order(2, "1"));

    assertThat(run.told()).containsExactly("Placed {\"id\":50}", "Placed {\"id\":2}");
    assertThat(run.rules().counters())
        .extracting(counter -> counter.rule() + " " + counter.skipped())
        .containsExactly("Placed 1", "Line 1", "Counted 1", "Moved 2", "Big 2");
  }

  @Test
  void aMessageOfTheApplicationCarriesTheContextAndIsSkipped() {
    Run said =
        new Run(
            rules(
                """
                rules: v1
                triggers:
                  - {event: Said, on: message events, data: content}
                """));
    said.all(
        new Log()
            .message("events", "a")
            .message(CONTEXT, "{\"actor\": \"u1\"}")
            .next()
            .message("events", "b")
            .message(SKIP, "Said")
            .next()
            .message("events", "c"));

    assertThat(said.told()).containsExactly("Said \"a\"", "Said \"c\"");
    assertThat(said.events().get(0).extensions()).containsEntry("actor", "u1");
    assertThat(said.events().get(1).extensions()).doesNotContainKey("actor");
  }

  @Test
  void memoryFollowsATransactionThatSkips() {
    run.all(
        new Log()
            .message(SKIP, "")
            .order(1, "10")
            .order(2, "10")
            .order(3, "200")
            .order(4, "10")
            .orderDeleted(2)
            .next()
            .orderUpdated(1, "20")
            .orderUpdated(2, "20")
            .orderUpdated(3, "1")
            .next()
            .order(5, "200")
            .next()
            .message(SKIP, "Big")
            .orderUpdated(5, "1")
            .next()
            .orderUpdated(5, "300"));

    assertThat(run.told())
        .containsExactly(
            // Seeded by the transaction that skipped; 2 was forgotten again.
            "Moved {\"id\":1,\"before\":10}",
            "Small {\"id\":3,\"total\":1}",
            "Counted {\"changes\":3}",
            "Counted {\"changes\":3}",
            "Counted {\"changes\":3}",
            "Placed {\"id\":5}",
            "Big {\"id\":5,\"total\":200}",
            // Its end went by silently, so it can begin again.
            "Counted {\"changes\":1}",
            "Moved {\"id\":5,\"before\":200}",
            "Big {\"id\":5,\"total\":300}",
            "Counted {\"changes\":1}");
  }

  @Test
  void windowsAreGivenNothingByATransactionThatSkips() {
    Run windows =
        new Run(
            rules(
                """
                rules: v1
                triggers:
                  - event: Placed
                    on: insert orders
                    key: "'all'"
                    data: {id, n: "count_over(true, '1h')"}
                  - event: Busy
                    on: orders
                    key: "'all'"
                    while: count_over(true, '1h') >= 3
                    data: {id}
                """));
    windows.all(
        new Log()
            .order(1, "1")
            .next()
            .message(SKIP, "")
            .order(2, "1")
            .order(3, "1")
            .next()
            .order(4, "1")
            .order(5, "1"));

    assertThat(windows.told())
        .containsExactly(
            "Placed {\"id\":1,\"n\":1}",
            "Placed {\"id\":4,\"n\":2}",
            "Placed {\"id\":5,\"n\":3}",
            "Busy {\"id\":5}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Placed, Line", "[\"Placed\", \"Line\"]"})
  void onlyTheNamedRulesKeepStill(String names) {
    run.all(new Log().order(1, "1").line(1, 1L, "A", 1).orderUpdated(1, "2").message(SKIP, names));

    assertThat(run.told())
        .containsExactly("Moved {\"id\":1,\"before\":1}", "Counted {\"changes\":3}");
    assertThat(run.notices).isEmpty();
  }

  @Test
  void aNameThatNoRuleHasIsTold() {
    run.all(new Log().message(SKIP, "Placd, Line").message(SKIP, "[1]").order(1, "1"));

    assertThat(run.told()).containsExactly("Placed {\"id\":1}");
    assertThat(run.notices)
        .extracting(Notice::text)
        .containsExactly(
            "message rowbell.skip at 0/1000: no rule 'Placd' is enabled: did you mean 'Placed'?",
            "message rowbell.skip at 0/1000: its content is no JSON list of rule names");
  }

  @Test
  void whatComesWhenAPartIsDurableCoversTheRestAndSaysSo() {
    Log log =
        new Log()
            .message(CONTEXT, "{\"early\": 1}")
            .order(1, "1")
            .orderUpdated(1, "2")
            .order(2, "1")
            .message(SKIP, "Placed")
            .message(CONTEXT, "{\"late\": 1}");
    run.batch(log.changes().subList(0, 3), /* open= */ true)
        .restart(rules(RULES))
        .batch(log.changes().subList(3, 6), /* open= */ false);

    assertThat(run.told())
        .containsExactly(
            "Placed {\"id\":1}", "Moved {\"id\":1,\"before\":1}", "Counted {\"changes\":3}");
    assertThat(run.events().get(1).extensions()).containsKey("early").doesNotContainKey("late");
    assertThat(run.events().get(2).extensions()).containsKeys("early", "late");
    assertThat(run.notices)
        .hasSize(2)
        .allSatisfy(
            notice ->
                assertThat(notice.text())
                    .endsWith("write it as the transaction's first statement"));
  }

  @Test
  void rulesCannotListenToMessagesOfRowbell() {
    assertThat(
            OrderTables.compile(Shop.rule("event: A\non: message rowbell.context\ndata: content"))
                .render())
        .isEqualTo(
            """
            rules.yaml:4:17: error R009: messages whose prefix begins with 'rowbell.' are for Rowbell
                 4 |     on: message rowbell.context
                   |                 ^
               = help: give the messages of the application another prefix"""
                .replace("   = help", "       = help"));
  }

  /** An event of an application that has no table to write it to. */
  @Test
  void aMessageOfJsonIsAnEventOfJson() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - rule: events
                event: "{e.type}"
                on: message events
                let: {e: json(content)}
                id: string(e.id)
                key: string(e.customer)
                data: e.data
            """);
    Log log =
        new Log()
            .message(
                "events",
                "{\"type\": \"Seen\", \"id\": 5, \"customer\": \"c1\", \"data\": {\"a\": [1.50]}}")
            .message("events", "Seen!");

    Run messages = new Run(rules).all(log);

    assertThat(messages.told()).containsExactly("Seen {\"a\": [1.50]}");
    assertThat(messages.events().get(0).key()).isEqualTo("c1");
    assertThat(messages.problems()).isEqualTo(List.of("events null X405"));
  }
}
