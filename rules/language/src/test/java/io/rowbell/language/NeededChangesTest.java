package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.NeededChanges;
import io.rowbell.model.Operation;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which changes a source may leave out before anything is made of them. */
class NeededChangesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          on: insert payments                                       ; insert any
          on: update payments                                       ; update any
          on: insert or delete payments, when: status == 'A'        ; insert status = A, delete status = A
          on: update payments(status)                               ; update (status)
          on: "update payments(status, method)", when: status == 'A'; update (method status) status = A
          on: update payments, when: becomes(status == 'A')         ; update status = A
          on: update payments, when: "becomes(status == 'A' && amount / id > 2)"; update status = A
          on: update payments, when: becomes(amount > 9)            ; update (amount > 9 or amount null)
          on: update payments, when: after.status == 'A' && before.status == 'B'; update status = A
          on: update payments, when: before.status == 'B'           ; update any
          on: update payments, when: "!becomes(status == 'A')"      ; update any
          on: delete payments, when: before.status == 'A'           ; delete status = A
          on: insert or update or delete payments, when: before.status == 'A'; insert any, update any, delete status = A
          on: update payments, when: amount / id > 3                ; update any
          on: insert or truncate payments, when: status == 'A'      ; insert status = A
          on: truncate payments, key: op                            ; none
          """)
  void aRuleNeedsWhatItListensToAndWhatItsConditionAsksOfTheRow(String rule, String needed) {
    assertThat(ofPayments("- {event: A, " + rule + ", data: {what: op}}")).isEqualTo(needed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          on: insert payments, when: status == 'A', cooldown: 1m    ; insert any
          on: update payments(status), when: status == 'A', cooldown: 1m; update (status)
          on: update payments, when: status == 'A' && last.amount > 1; insert any, update any, delete any
          on: update payments(status), when: last.amount > 1        ; insert any, update any, delete any
          on: payments, while: status == 'A'                        ; insert any, update any, delete any
          on: payments, while: status == 'A', until: status == 'B', for: 5m; insert any, update any, delete any
          on: insert payments, when: "status == 'A' && count_over(true, '5m') > 2"; insert any
          on: update payments(status), when: "count_over(status == 'A', '5m') > 2"; update (status)
          """)
  void whatRemembersNeedsWhateverItIsAskedAbout(String rule, String needed) {
    assertThat(ofPayments("- {event: A, " + rule + ", data: {id}}")).isEqualTo(needed);
  }

  @Test
  void theRulesOfATableAreTakenTogetherInShadowToo() {
    assertThat(
            ofPayments(
                """
                - {event: A, on: insert payments, when: status == 'A', data: {id}}
                - {event: B, on: insert payments, when: status == 'B', mode: shadow, data: {id}}
                - {event: C, on: update payments(amount), data: {id}}
                """))
        .isEqualTo("insert status = A, insert status = B, update (amount)");
    assertThat(
            ofPayments(
                """
                - {event: A, on: insert payments, when: status == 'A', data: {id}}
                - {event: B, on: insert payments, data: {id}}
                """))
        .isEqualTo("insert any");
  }

  @Test
  void whatASnapshotReadsIsTheSourcesToSay() {
    assertThat(
            ofPayments(
                "- {event: A, on: insert or snapshot payments, when: status == 'A', data: row}"))
        .isEqualTo("insert status = A");
  }

  @Test
  void whatIsCountedIsNeededWhicheverTableItIsOf() {
    String counted =
        """
        - {event: A, on: insert payments, when: status == 'A', data: {id}}
        - {event: B, on: insert users, when: tx.changes > 2, data: {id}}
        """;
    assertThat(ofPayments(counted)).isEqualTo("all");
    assertThat(ofPayments(counted.replace("tx.changes", "id"))).isEqualTo("insert status = A");
  }

  /** It fits once the table is altered, and must not have missed anything then. */
  @Test
  void aRuleThatDoesNotFitYetMayNeedEverything() {
    String rules =
        """
        - {event: A, on: insert payments, when: status == 'A', data: {id}}
        - {event: B, on: insert users, mode: shadow, data: {id, name}}
        """;
    RuleSet fitting =
        new RuleCompiler(
                List.of(new RuleFile("rules.yaml", "rules: v1\ntriggers:\n" + rules.indent(2))),
                Shop.DATABASE,
                null)
            .compileWhatFits(Shop.CATALOG, Shop.CATALOG)
            .orThrow();
    assertThat(fitting.leavesOut()).isTrue();
    assertThat(text(fitting, Shop.PAYMENTS.id())).isEqualTo("all");
    assertThat(ofPayments(rules.replace("name", "email"))).isEqualTo("insert status = A");
  }

  @Test
  void everyRowMayBeAChildAndAParentIsWhatItsConditionAsks() {
    RuleSet rules =
        OrderTables.rules(
            """
            rules: v1
            triggers:
              - event: Placed
                on: insert orders
                with: {lines: lines by order_id}
                when: total > 10 && size(lines) > 1
                data: {id}
            """);
    assertThat(text(rules, OrderTables.LINES.id())).isEqualTo("insert any, update any, delete any");
    assertThat(text(rules, OrderTables.ORDERS.id())).isEqualTo("insert (total > 10 or total null)");
  }

  private static String ofPayments(String triggers) {
    TableSchema table = Shop.PAYMENTS;
    return text(Shop.rules("rules: v1\ntriggers:\n" + triggers.indent(2)), table.id());
  }

  private static String text(RuleSet rules, TableId table) {
    NeededChanges needed =
        Objects.requireNonNull(rules.requirements().tables().get(table)).changes();
    if (needed == null) {
      return "all";
    }
    List<String> cases = new ArrayList<>();
    for (Operation operation : List.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE)) {
      for (NeededChanges.Case each : needed.cases().getOrDefault(operation, List.of())) {
        List<String> words = new ArrayList<>(List.of(operation.word()));
        if (!each.differs().isEmpty()) {
          words.add("(" + String.join(" ", new TreeSet<>(each.differs())) + ")");
        }
        if (each.row() != null) {
          words.add(PredicateText.of(each.row()));
        }
        cases.add(words.size() == 1 ? words.get(0) + " any" : String.join(" ", words));
      }
    }
    return cases.isEmpty() ? "none" : String.join(", ", cases);
  }
}
