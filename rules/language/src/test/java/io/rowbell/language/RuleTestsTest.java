package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.testing.RuleTests;
import io.rowbell.language.testing.TestFailure;
import io.rowbell.language.testing.TestReport;
import io.rowbell.language.testing.TestResult;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the tests of a rule file do, and what they say when they fail. */
class RuleTestsTest {
  private static final String STOCKS =
      """
      rules: v1
      triggers:
        - event: StockPriceMoved
          on: update stocks
          let: {move: "pct_change(last.price, price)"}
          when: abs(move) >= 5 && symbol != 'TEST'
          cooldown: 10m
          data: {symbol, price, previous: last.price, move}
      """;

  private static final String PAYMENTS =
      """
      rules: v1
      triggers:
        - event: Paid
          on: update payments(status)
          when: before.status == 'NEW' && status == 'PAID'
          data: {id, amount}
        - event: Late
          on: payments
          while: status == 'NEW'
          for: 30m
          resolved: NotLate
          data: {id}
        - event: Gone
          on: delete payments
          data: {id, amount}
        - event: Known
          on: snapshot or insert payments
          data: row
        - {event: Emptied, on: truncate payments, data: "{'table': table}"}
        - {event: Asked, on: message reports, data: content}
      """;

  private static TestReport run(String file, String tests) {
    RuleFile rules = new RuleFile("rules.yaml", file + "tests:\n" + tests.indent(2));
    RuleTests read = RuleTests.of(List.of(rules), Shop.CATALOG, null);
    assertThat(read.canRun()).as("%s %s", read.ruleIssues(), read.testIssues()).isTrue();
    return read.run();
  }

  private static void assertPasses(String file, String tests) {
    assertThat(failures(run(file, tests))).isEmpty();
  }

  private static String failures(TestReport report) {
    return report.results().stream()
        .filter(result -> !result.passed())
        .map(RuleTestsTest::failure)
        .collect(Collectors.joining("\n"));
  }

  private static String failure(TestResult result) {
    TestFailure failure = Objects.requireNonNull(result.failure());
    return result.name() + " at line " + failure.at().line() + ": " + failure.message();
  }

  @Test
  void rowsOfOneTransactionTravelTogether() {
    assertPasses(
        """
        rules: v1
        triggers:
          - event: Placed
            on: insert payments
            with: {lines: order_lines by order_id}
            data: {id, skus: "lines.map(l, l.sku)", changes: tx.changes}
        """,
        """
        - test: lines travel with their order
          steps:
            - transaction:
              - insert order_lines: {order_id: 8, sku: A, qty: 2}
              - insert payments: {id: 8}
              - insert order_lines: {order_id: 8, sku: B, qty: 2}
              - delete order_lines: {order_id: 8, sku: A}
            - expect: {Placed: {id: 8, skus: [B], changes: 4}}
            - insert payments: {id: 9}
            - expect: {Placed: {id: 9, skus: [], changes: 1}}
            - transaction:
              - message rowbell.skip: ""
              - insert payments: {id: 10}
            - expect: none
        """);
  }

  @Test
  void rowsThatNoRuleReadsAreNotCounted() {
    assertPasses(
        """
        rules: v1
        triggers:
          - {event: Alone, on: insert payments, when: tx.changes == 1, data: {id}}
        """,
        """
        - test: the engine does not get the lines
          steps:
            - transaction:
              - insert order_lines: {order_id: 8, sku: A, qty: 2}
              - insert payments: {id: 8}
            - expect: {Alone: {id: 8}}
        """);
  }

  @Test
  void aRuleRemembersAndTimeStandsStillUntilSomebodyWaits() {
    assertPasses(
        STOCKS,
        """
        - test: 5 % since the last alert, however small the steps
          steps:
            - insert stocks: {id: 1, symbol: ACME, price: 100.00}
            - update stocks: {id: 1, price: 104.99}
            - expect: none
            - update stocks: {id: 1, price: 105.00}
            - expect: {StockPriceMoved: {symbol: ACME, move: 5, previous: 100.00}}
        - test: quiet for ten minutes
          steps:
            - insert stocks: {id: 1, symbol: ACME, price: 100}
            - update stocks: {id: 1, price: 200}
            - expect: StockPriceMoved
            - wait: 9m59s
            - update stocks: {id: 1, price: 300}
            - expect: none
            - wait: 1s
            - update stocks: {id: 1, price: 400.0}
            - expect: {StockPriceMoved: {price: 400, previous: 200}}
        """);
  }

  @Test
  void everyTestHasADatabaseAndAMemoryOfItsOwn() {
    assertPasses(
        STOCKS,
        """
        - test: one
          steps:
            - insert stocks: {id: 1, symbol: ACME, price: 100.00}
        - test: two
          steps:
            - insert stocks: {id: 1, symbol: ACME, price: 200.00}
            - update stocks: {id: 1, price: 205}
            - expect: none
        """);
  }

  @Test
  void aStateLastsAsLongAsTimeIsGivenToIt() {
    assertPasses(
        PAYMENTS,
        """
        - test: late after half an hour
          steps:
            - insert payments: {id: 7, status: NEW, amount: 9.90}
            - expect: {Known: {id: 7, amount: 9.9, method: null}}
            - wait: 29m59s
            - expect: none
            - wait: 1s
            - expect: {Late: {id: 7}}
            - update payments: {id: 7, status: PAID}
            - expect: {Paid: {amount: 9.9}, NotLate: {id: 7}}
            - delete payments: {id: 7}
            - expect: [{Gone: {id: 7, amount: 9.90}}]
        """);
  }

  @Test
  void aTransactionIsOneStepAndItsEventsComeInOrder() {
    assertPasses(
        PAYMENTS,
        """
        - test: two of a kind
          steps:
            - transaction:
                - insert payments: {id: 1, status: NEW}
                - insert payments: {id: 2, status: DONE}
                - message reports: monthly
            - expect: [{Known: {id: 1}}, {Known: {id: 2}}, {Asked: monthly}]
        - test: a snapshot, and the end of the table
          steps:
            - snapshot payments: {id: 1, status: DONE}
            - expect: {Known: {id: 1}}
            - truncate payments
            - expect: {Emptied: {table: payments}}
        """);
  }

  @Test
  void aChangedKeyIsADeleteAndAnInsert() {
    assertPasses(
        PAYMENTS,
        """
        - test: another key
          steps:
            - insert payments: {id: 1, status: DONE, amount: 5}
            - expect: Known
            - update payments: {id: 2}
              where: {id: 1}
            - expect: [{Gone: {id: 1, amount: 5}}, {Known: {id: 2, amount: 5}}]
            - update payments: {id: 2, amount: 6}
            - expect: none
        """);
  }

  @Test
  void anOldRowIsKnownAsFarAsItsReplicaIdentityGoes() {
    String rules =
        """
        rules: v1
        triggers:
          - {event: CodeGone, on: delete codes, key: code, data: row}
          - {event: Touched, on: update codes, data: {was: before.code}}
          - {event: StockGone, on: delete stocks, data: row}
          - {event: PaymentGone, on: delete payments, data: row}
        """;
    assertPasses(
        rules,
        """
        - test: by an index
          steps:
            - insert codes: {id: 1, code: A}
            - update codes: {id: 1, code: B}
            - expect: {Touched: {was: A}}
        - test: by everything
          steps:
            - insert payments: {id: 1, amount: 3}
            - delete payments: {id: 1}
            - expect: {PaymentGone: {id: 1, amount: 3, status: null}}
        """);
    TestReport report =
        run(
            rules,
            """
            - test: by an index only the index
              steps:
                - insert codes: {id: 1, code: A}
                - delete codes: {id: 1}
                - expect: {CodeGone: {id: 1}}
            - test: by the key only the key
              steps:
                - insert stocks: {id: 1, symbol: A}
                - delete stocks: {symbol: A}
                - expect: {StockGone: {symbol: A}}
            """);
    assertThat(failures(report))
        .isEqualTo(
            """
            by an index only the index at line 12: expected CodeGone {"id":1}
            came     CodeGone {"code":"A"}
            by the key only the key at line 17: expected StockGone {"symbol":"A"}
            came     StockGone {"id":1}""");
  }

  @Test
  void whatWasExpectedAndWhatCameAreToldWithTheirData() {
    TestReport report =
        run(
            PAYMENTS,
            """
            - test: another amount
              steps:
                - insert payments: {id: 1, status: DONE}
                - expect: {Known: {id: 2}}
            - test: nothing came
              steps:
                - expect: {Known: {id: 1}, Late: {id: 1}}
            - test: in another order
              steps:
                - insert payments: {id: 1, status: DONE}
                - delete payments: {id: 1}
                - expect: [Gone, Known]
            - test: something is left
              steps:
                - insert payments: {id: 1, status: DONE}
            - test: text is no number
              steps:
                - insert payments: {id: 1, status: DONE}
                - expect: {Known: {id: "1"}}
            """);
    assertThat(failures(report))
        .isEqualTo(
            """
            another amount at line 25: expected Known {"id":2}
            came     Known {"id":1,"order_id":null,"status":"DONE","method":null,"amount":null}
            nothing came at line 28: expected Known {"id":1}
                     Late {"id":1}
            came     none
            in another order at line 33: expected Gone
                     Known
            came     Known {"id":1,"order_id":null,"status":"DONE","method":null,"amount":null}
                     Gone {"id":1,"amount":null}
            something is left at line 34: at the end of the test:
            expected none
            came     Known {"id":1,"order_id":null,"status":"DONE","method":null,"amount":null}
            text is no number at line 40: expected Known {"id":"1"}
            came     Known {"id":1,"order_id":null,"status":"DONE","method":null,"amount":null}""");
    assertThat(report.passed()).isFalse();
  }

  @Test
  void aRuleThatFailsFailsATestUnlessItIsExpectedTo() {
    String rules =
        """
        rules: v1
        triggers:
          - {rule: ratio, event: Ratio, on: insert stocks, data: {ratio: "1 / (price - price)"}}
          - {rule: stop, event: Stop, on: update stocks, data: {n: "1 / (id - id)"}, on_error: halt}
          - {event: Seen, on: update stocks, data: {id}}
        """;
    assertPasses(
        rules,
        """
        - test: with its code
          steps:
            - insert stocks: {id: 1, price: 2}
            - fails: {ratio: X404}
            - update stocks: {id: 1, price: 3}
            - expect: none
              fails: stop
        """);
    assertThat(
            failures(
                run(
                    rules,
                    """
                    - test: unexpected
                      steps:
                        - insert stocks: {id: 1, price: 2}
                        - expect: none
                    - test: of another code
                      steps:
                        - insert stocks: {id: 1, price: 2}
                        - fails: {ratio: X401}
                    - test: after a halt
                      steps:
                        - snapshot stocks: {id: 1, price: 2}
                        - update stocks: {id: 1, price: 3}
                        - fails: {stop: X404}
                        - wait: 1m
                    """)))
        .isEqualTo(
            """
            unexpected at line 10: expected none
            came     ratio failed: X404 division by zero (dead letter)
            of another code at line 14: expected ratio to fail with X401
            came     ratio failed: X404 division by zero (dead letter)
            after a halt at line 20: nothing goes on here: rule 'stop' says on_error: halt, and \
            failed before: X404 division by zero""");
  }

  @Test
  void aWriteThatPostgresWouldRefuseFailsItsTest() {
    assertThat(
            failures(
                run(
                    PAYMENTS,
                    """
                    - test: twice
                      steps:
                        - insert payments: {id: 1}
                        - insert payments: {id: 1}
                    - test: nobody
                      steps:
                        - update payments: {id: 3, status: PAID}
                    - test: which
                      steps:
                        - insert payments: {id: 1, status: NEW}
                        - insert payments: {id: 2, status: NEW}
                        - delete payments: {status: NEW}
                    - test: onto another
                      steps:
                        - insert payments: {id: 1}
                        - insert payments: {id: 2}
                        - update payments: {id: 1}
                          where: {id: 2}
                    """)))
        .isEqualTo(
            """
            twice at line 25: there is a row with id=1 in public.payments already
            nobody at line 28: there is no row with id=3 in public.payments: insert it first, or \
            read it with 'snapshot'
            which at line 33: there are 2 rows with status=NEW in public.payments
            onto another at line 38: there is a row with id=1 in public.payments already""");
  }

  @Test
  void noTestIsExpectedToMakeARuleInShadowFire() {
    TestReport report =
        run(
            """
            rules: v1
            triggers:
              - {event: Known, on: insert payments, data: {id}}
              - {rule: next, event: Known, mode: shadow, on: insert payments, data: {id, status}}
            """,
            "[]");
    assertThat(report.neverFired()).containsExactly("Known");
  }

  @Test
  void theReportSaysWhatNoTestShows() {
    TestReport report =
        run(
            PAYMENTS,
            """
            - test: paid
              steps:
                - insert payments: {id: 1, status: NEW}
                - expect: Known
                - update payments: {id: 1, status: PAID}
                - expect: Paid
                - update payments: {id: 1, status: AGAIN}
                - expect: none
            """);
    assertThat(failures(report)).isEmpty();
    assertThat(report.neverFired()).containsExactly("Late", "Gone", "Emptied", "Asked");
    assertThat(report.neverFalse())
        .extracting(part -> part.rule() + " " + part.at() + " " + part.text())
        .containsExactly("Paid rules.yaml:5:37 status == 'PAID'");
  }

  @Test
  void operandsAreThoseAtTheTopOfACondition() {
    TestReport report =
        run(
            """
            rules: v1
            triggers:
              - event: A
                on: insert stocks
                when: (price > 1 && price > 2) && symbol.contains(' && ') && id in [1, 2]
                data: {id}
              - {event: B, on: insert stocks, when: price > 1 && price > 2 || id == 3, data: {id}}
              - {event: C, on: insert stocks, when: "price > 1 && id > 0 ? true : id > 3", data: {id}}
            """,
            """
            - test: all
              steps:
                - insert stocks: {id: 1, symbol: "a && b", price: 3}
                - expect: [A, B, C]
            """);
    assertThat(failures(report)).isEmpty();
    assertThat(report.neverFalse())
        .extracting(TestReport.Condition::text)
        .containsExactly(
            "(price > 1 && price > 2)",
            "symbol.contains(' && ')",
            "id in [1, 2]",
            "price > 1 && price > 2 || id == 3",
            "price > 1 && id > 0 ? true : id > 3");
  }

  @Test
  void whatEndsAStateIsShownToMatterToo() {
    TestReport report =
        run(
            """
            rules: v1
            triggers:
              - event: High
                on: stocks
                while: price > 90
                until: price < 70 && symbol != 'X'
                data: {id}
            """,
            """
            - test: up and down
              steps:
                - insert stocks: {id: 1, symbol: ACME, price: 95}
                - expect: High
                - update stocks: {id: 1, price: 80}
                - update stocks: {id: 1, price: 60}
                - update stocks: {id: 1, price: 95}
                - expect: High
            """);
    assertThat(failures(report)).isEmpty();
    assertThat(report.neverFalse())
        .extracting(TestReport.Condition::text)
        .containsExactly("price > 90", "symbol != 'X'");
  }

  @Test
  void whatDidNotComeIsExplainedByTheLastChange() {
    TestReport report =
        run(
            STOCKS,
            """
            - test: too small a step
              steps:
                - insert stocks: {id: 1, symbol: ACME, price: 100.00}
                - update stocks: {id: 1, price: 104.99}
                - expect: StockPriceMoved
            """);
    assertThat(failures(report))
        .isEqualTo(
            """
            too small a step at line 14: expected StockPriceMoved
            came     none
            StockPriceMoved: not fired for stocks id=1 at 0/1000200
              abs(move) >= 5     false   4.99 >= 5
                move = 4.99   last.price = 100.00 (first seen 2026-01-01T00:00:00Z)   price = 104.99
              symbol != 'TEST'   true    'ACME' != 'TEST'
                symbol = 'ACME'""");
  }

  @Test
  void eachRowOfATransactionIsExplainedWithWhatWasRememberedByThen() {
    TestReport report =
        run(
            STOCKS,
            """
            - test: skipped and too small
              steps:
                - insert stocks: {id: 1, symbol: ACME, price: 100.00}
                - insert stocks: {id: 2, symbol: EMCA, price: 100.00}
                - expect: none
                - transaction:
                    - update stocks: {id: 1, price: 104.00}
                    - update stocks: {id: 2, price: 104.90}
                    - update stocks: {id: 2, price: 104.95}
                - expect: StockPriceMoved
            """);
    assertThat(failures(report))
        .contains("not fired for stocks id=1 at ", "4 >= 5")
        .contains("not fired for stocks id=2 at ", "4.95 >= 5")
        .doesNotContain("4.9 >= 5");
  }

  /** The engine tells it in the log, and a test has none. */
  @Test
  void aMessageToRowbellThatCannotBeUsedFailsItsTest() {
    assertThat(
            failures(
                run(
                    PAYMENTS,
                    """
                    - test: a rule that is not there
                      steps:
                        - transaction:
                            - message rowbell.skip: Knwn
                            - insert payments: {id: 1, status: NEW, amount: 5}
                        - expect: none
                    """)))
        .contains(
            "X421 message rowbell.skip at 0/1000100: no rule 'Knwn' is enabled: did you mean"
                + " 'Known'?");
  }

  @Test
  void whatATransactionSkipsAndWhatTimeDoesNotBringIsSaid() {
    assertThat(
            failures(
                run(
                    PAYMENTS,
                    """
                    - test: skipped
                      steps:
                        - insert payments: {id: 1, status: NEW, amount: 5}
                        - expect: Known
                        - transaction:
                            - message rowbell.skip: Paid
                            - update payments: {id: 1, status: PAID}
                        - expect: Paid
                    """)))
        .endsWith(
            "Paid: not fired for payments id=1 at 0/1000300\n  the transaction skips this rule");
    assertThat(
            failures(
                run(
                    PAYMENTS,
                    """
                    - test: too early
                      steps:
                        - insert payments: {id: 1, status: NEW, amount: 5}
                        - expect: Known
                        - wait: 29m
                        - expect: Late
                    """)))
        .endsWith(
            "Late: not fired for payments key=1 at 2026-01-01T00:29:00Z\n"
                + "  pending since 2026-01-01T00:00:00Z: due at 2026-01-01T00:30:00Z if it lasts");
    assertThat(
            failures(
                run(
                    PAYMENTS,
                    """
                    - test: never begun
                      steps:
                        - wait: 30m
                        - expect: Late
                    """)))
        .endsWith("Late: not fired for payments at 2026-01-01T00:30:00Z\n  nothing is pending");
  }

  @Test
  void windowsAreThoseOfTheRule() {
    assertPasses(
        """
        rules: v1
        triggers:
          - event: Failing
            on: insert payments
            key: method
            when: count_over(status == 'FAILED', '5m') >= 2 && sum_over(amount, '5m') > 5
            data: {method}
        """,
        """
        - test: the second within five minutes
          steps:
            - insert payments: {id: 1, method: card, status: FAILED, amount: 3}
            - wait: 6m
            - insert payments: {id: 2, method: card, status: FAILED, amount: 3}
            - expect: none
            - wait: 1m
            - insert payments: {id: 3, method: card, status: FAILED, amount: 3}
            - expect: {Failing: {method: card}}
        """);
  }

  @Test
  void anEngineDoesNotStopBecauseOfATest() {
    Compilation compilation = Shop.compile(STOCKS + "tests: [{test: 1, steps: [nonsense]}]\n");
    assertThat(compilation.render()).isEmpty();
    assertThat(compilation.rules()).isPresent();
  }
}
