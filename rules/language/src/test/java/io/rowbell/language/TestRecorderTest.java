package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.language.testing.RuleTests;
import io.rowbell.language.testing.TestRecorder;
import io.rowbell.model.Change;
import io.rowbell.model.Json;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests that are made of changes: what they say, and that they pass. */
class TestRecorderTest {
  private static final String RULES =
      """
      rules: v1
      private: [stocks.note]
      triggers:
        - event: Moved
          on: update stocks
          when: abs(pct_change(last.price, price)) >= 5
          data: {symbol, price, previous: last.price}
        - {event: Ratio, on: insert stocks, data: {ratio: 1 / price}}
        - {event: Sent, on: insert outbox, data: payload}
        - {event: Noted, on: message notes, data: content}
        - {event: Gone, on: delete or truncate stocks, key: "'all'", data: "{'table': table}"}
        - {event: Logged, on: insert log, key: line, data: {line}}
      """;

  private int seconds;

  private Origin origin() {
    return new Origin(771, Shop.TIME.plusSeconds(seconds), Position.parse("0/16B3748"), 0, null);
  }

  private Change insert(TableSchema table, @Nullable Object... values) {
    return new Change.Inserted(origin(), Shop.row(table, values));
  }

  private Change price(long id, String symbol, String price) {
    Row before = Shop.row(Shop.STOCKS, id, Row.NOT_LOGGED, Row.NOT_LOGGED, Row.NOT_LOGGED);
    Row after = Shop.row(Shop.STOCKS, id, symbol, new BigDecimal(price), "secret");
    return new Change.Updated(origin(), before, after);
  }

  private static TestRecorder recorder() {
    return new TestRecorder(List.of(new RuleFile("rules.yaml", RULES)), Shop.CATALOG, null);
  }

  @Test
  void whatWasRecordedIsATestThatPasses() {
    TestRecorder recorder = recorder();
    recorder.add(List.of(price(1, "it's \"A\"\n", "100.00")));
    seconds = 90;
    recorder.add(List.of(price(1, "it's \"A\"\n", "105.00")));
    recorder.add(
        List.of(
            insert(Shop.STOCKS, 2L, null, new BigDecimal("0.00"), "secret"),
            price(2, "B", "1.00"),
            new Change.Deleted(
                origin(),
                Shop.row(Shop.STOCKS, 2L, Row.NOT_LOGGED, Row.NOT_LOGGED, Row.NOT_LOGGED)),
            insert(Shop.OUTBOX, new UUID(1, 2), "T", "a", "b", new Json("{\"n\": [1, null]}"))));
    recorder.add(List.of(new Change.Message(origin(), "notes", "- : #", true)));
    recorder.add(List.of(new Change.Truncated(origin(), Shop.STOCKS)));

    String test = recorder.test("what happened");

    assertThat(test)
        .isEqualTo(
            """
              - test: "what happened"
                steps:
                  - snapshot public.stocks: {id: 1, symbol: "it's \\"A\\"\\n", price: 100.00}
                  - update public.stocks: {id: 1}
                  - expect: none
                  - wait: 90s
                  - update public.stocks: {id: 1, price: 105.00}
                  - expect:
                      - {"Moved": {"symbol":"it's \\"A\\"\\n","price":105.00,"previous":100.00}}
                  - transaction:
                      - insert public.stocks: {id: 2, price: 0.00}
                      - update public.stocks: {id: 2, symbol: "B", price: 1.00}
                      - delete public.stocks: {id: 2}
                      - insert public.outbox: {id: "00000000-0000-0001-0000-000000000002", type: "T", aggregatetype: "a", aggregateid: "b", payload: "{\\"n\\": [1, null]}"}
                  - expect:
                      - {"Gone": {"table":"stocks"}}
                      - {"Sent": {"n": [1, null]}}
                    fails: [{"Ratio": X404}]
                  - message notes: "- : #"
                  - expect:
                      - {"Noted": "- : #"}
                  - truncate public.stocks
                  - expect:
                      - {"Gone": {"table":"stocks"}}
            """
                .indent(2)
                .replaceAll("(?m)^  ", ""));
    RuleTests tests =
        RuleTests.of(
            List.of(new RuleFile("rules.yaml", RULES + "tests:\n" + test)), Shop.CATALOG, null);
    assertThat(tests.testIssues()).isEmpty();
    assertThat(tests.run().passed()).as(tests.run().toString()).isTrue();
  }

  @Test
  void aTableWhoseRowsCannotBeToldApartIsRefused() {
    assertThatThrownBy(() -> recorder().add(List.of(insert(Shop.LOG, Shop.TIME, "x"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("changes of public.log cannot be recorded");
  }
}
