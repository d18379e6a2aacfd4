package io.rowbell.language;

import static io.rowbell.language.OrderTables.rules;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.OrderTables.Log;
import io.rowbell.language.OrderTables.Run;
import io.rowbell.language.memory.OpenTransaction;
import io.rowbell.model.Change;
import io.rowbell.model.UnreadableValueException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What need not be kept until the commit, because the answer is known before. */
class BeforeCommitTest {
  /** More than there is room for. */
  private static final int MANY = 100_000;

  private static String lines(String when) {
    return """
    rules: v1
    triggers:
      - {event: Written, on: insert lines, when: "%s", data: {id, changes: tx.changes}}
    """
        .formatted(when);
  }

  private static Log many(String sku) {
    return many(new Log(), sku);
  }

  private static Log many(Log log, String sku) {
    for (int i = 0; i < MANY; i++) {
      log.line(i, 7L, sku, 1);
    }
    return log;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "tx.changes < 100                    ; 99",
        "tx.changes <= 100                   ; 100",
        "100 > tx.changes                    ; 99",
        "tx.changes == 5                     ; 5",
        "tx.changes < 1                      ; 0",
        "tx.changes < 0                      ; 0",
        "tx.changes <= -1                    ; -1",
        "!(tx.changes >= 100)                ; 99",
        "!(tx.changes > 100 || qty > 1)      ; 100",
        "qty > 1 && tx.changes < 100         ; 99",
        "tx.changes < 100 && tx.changes < 50 ; 49",
        "tx.changes < 100 || tx.changes < 50 ; 99",
        "small && qty > 1                    ; 9",
        "tx.changes < vars.most              ; 6",
        // Any number of changes may do.
        "tx.changes > 100                    ;",
        "tx.changes != 100                   ;",
        "tx.changes < 100 || qty > 1         ;",
        "tx.changes < qty                    ;",
        "tx.changes + 1 < 100                ;",
        "qty < 100                           ;",
      })
  void howManyChangesAConditionAllowsIsKnownOfWhatItJoins(String when, @Nullable Long most) {
    RuleSet rules =
        rules(
            """
            rules: v1
            vars: {most: 7}
            triggers:
              - event: Written
                on: insert lines
                let: {small: tx.changes < 10}
                when: "%s"
                data: {id, changes: tx.changes}
            """
                .formatted(when));

    assertThat(Objects.requireNonNull(rules.rule("Written")).mostChanges())
        .isEqualTo(most == null ? Long.MAX_VALUE : most);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sku == 'A'",
        "sku == 'A' && tx.changes > 5",
        "tx.changes > 5 && sku == 'A'",
        "becomes(sku == 'A')",
        // Neither true nor false.
        "note > 'a' && sku == 'A'"
      })
  void whatTheRowDecidesIsNotKept(String when) {
    Log log = many("B").line(MANY, 7L, "A", 1);
    Run run = new Run(rules(lines(when)));
    run.batch(log.changes().subList(0, MANY), /* open= */ true);

    assertThat(run.journal).containsOnlyKeys("tx/state");
    run.restart(rules(lines(when))).batch(log.changes().subList(MANY, MANY + 1), /* open= */ false);
    assertThat(run.problems()).isEmpty();
    assertThat(run.told()).containsExactly("Written {\"id\":100000,\"changes\":100001}");
  }

  @Test
  void aTransactionThatIsTooLargeForTheConditionIsNotKeptHoweverLargeItIs() {
    String file = lines("tx.changes < 100");
    Log log = many("A").next().line(MANY, 7L, "A", 1);
    Run run = new Run(rules(file));
    List<Change> changes = log.changes();
    run.batch(changes.subList(0, 60), /* open= */ true);
    assertThat(run.journal).hasSize(2);
    run.restart(rules(file)).batch(changes.subList(60, 120), /* open= */ true);
    assertThat(run.journal).as("what was kept is gone").containsOnlyKeys("tx/state", "tx/000001");
    assertThat(run.journal.get("tx/000001")).as("the form of the rows").hasSizeLessThan(200);
    run.restart(rules(file)).batch(changes.subList(120, MANY + 1), /* open= */ false);

    assertThat(run.problems()).isEmpty();
    assertThat(run.told()).containsExactly("Written {\"id\":100000,\"changes\":1}");
    assertThat(run.journal).isEmpty();
  }

  private static final String WIDE =
      """
      rules: v1
      triggers:
        - {event: Few, on: insert lines, when: tx.changes < 13, data: {id, note}}
        - {event: Placed, on: insert orders, with: {lines: lines by order_id}, data: {n: "lines.map(l, size(l.note))"}}
      """;

  private static Log wide() {
    Log log = new Log();
    for (int i = 0; i < 12; i++) {
      log.line(i, i == 0 ? 7L : 8L, "A", 1, "x".repeat(600 << 10));
    }
    for (int i = 12; i < 20; i++) {
      log.line(i, 7L, "A", 1, "x".repeat(900 << 10));
    }
    return log.order(7, "1");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 12, 13, 14, 18, 20})
  void whatIsGivenUpMakesRoomWhereverTheTransactionIsCut(int place) {
    List<Change> changes = wide().changes();
    Run run = new Run(rules(WIDE));
    run.batch(changes.subList(0, place), /* open= */ true).restart(rules(WIDE));
    run.batch(changes.subList(place, 20), /* open= */ true).restart(rules(WIDE));
    assertThat(run.journal.values().stream().mapToInt(entry -> entry.length).sum())
        .as("the journal holds no more than is kept")
        .isLessThan(OpenTransaction.MAX_BYTES);
    run.batch(changes.subList(20, 21), /* open= */ false);

    assertThat(run.problems()).isEmpty();
    assertThat(run.told())
        .containsExactly(
            "Placed {\"n\":[614400,921600,921600,921600,921600,921600,921600,921600,921600]}");
    assertThat(run.journal).isEmpty();
  }

  @Test
  void whatFailsIsToldAtTheCommitInItsPlace() {
    Object broken = new UnreadableValueException("column note of public.lines: infinity");
    Log log =
        new Log()
            .line(1, 7L, "A", 0)
            .line(2, 7L, "A", 1, broken)
            .line(3, 7L, "B", 0)
            .line(4, 7L, "A", 1, "y")
            .line(5, 7L, "A", 1, "x");
    String when = "10 / qty > 1 && note != 'x' && sku == 'A' && tx.changes < %d";

    Run run = new Run(rules(lines(when.formatted(6)))).all(log);
    assertThat(run.problems()).containsExactly("Written 1 X404", "Written 2 X411");
    assertThat(run.told()).containsExactly("Written {\"id\":4,\"changes\":5}");
    // False is false, whatever else fails.
    assertThat(new Run(rules(lines(when.formatted(5)))).all(log).outcomes).isEmpty();
  }

  @Test
  void beyondTheBoundAListedColumnThatCannotBeReadConcernsNobody() {
    String file =
        """
        rules: v1
        triggers:
          - {event: Written, on: update log(at), key: line, when: tx.changes < 3, data: {line}}
        """;
    Object broken = new UnreadableValueException("column at of public.log: infinity");
    Change update =
        Shop.updated(Shop.row(Shop.LOG, Shop.TIME, "a"), Shop.row(Shop.LOG, broken, "a"));

    assertThat(new Run(rules(file)).all(new Log().add(update).add(update)).problems())
        .containsExactly("Written a X411", "Written a X411");
    RuleSet rules = rules(file);
    Run run = new Run(rules).all(new Log().add(update).add(update).add(update).add(update));
    assertThat(run.outcomes).isEmpty();
    assertThat(rules.counters().get(0).evaluated()).isEqualTo(4);
    assertThat(rules.counters().get(0).failed()).isZero();
  }

  @Test
  void aRuleWithACooldownKeepsNoMoreAndAsksForItsKeyFirst() {
    String file =
        """
        rules: v1
        triggers:
          - {event: Written, on: insert lines, when: "sku == 'A' && tx.changes < 99", key: 10 / qty, cooldown: 1m, data: {id}}
        """;
    Log log =
        new Log()
            .line(1, 7L, "B", 0)
            .line(2, 7L, "B", 1)
            .line(3, 7L, "A", 1)
            .line(4, 7L, "A", 1)
            .line(5, 7L, "A", 5);
    Run run = new Run(rules(file)).all(log);
    assertThat(run.problems()).containsExactly("Written null X404");
    assertThat(run.told()).containsExactly("Written {\"id\":3}", "Written {\"id\":5}");

    run = new Run(rules(file)).all(many("A").next().line(1, 7L, "A", 1));
    assertThat(run.problems()).isEmpty();
    assertThat(run.told()).containsExactly("Written {\"id\":1}");
  }

  @Test
  void aRuleThatRemembersRowsSeesThemAll() {
    String file =
        """
        rules: v1
        triggers:
          - event: Rose
            on: insert or update orders
            when: total > last.total && tx.changes < 4
            data: {id, from: last.total, to: total}
          - event: Often
            on: insert or update orders
            when: count_over(total > 1, '1h') > 4 && tx.changes < 4
            data: {id}
        """;
    Log log =
        new Log()
            .order(7, "2")
            .orderUpdated(7, "3")
            .orderUpdated(7, "4")
            .orderUpdated(7, "5")
            .order(8, "2")
            .next()
            .orderUpdated(7, "6")
            .orderUpdated(8, "6");

    assertThat(new Run(rules(file)).all(log).told())
        .containsExactly(
            "Rose {\"id\":7,\"from\":2,\"to\":6}",
            "Often {\"id\":7}",
            "Rose {\"id\":8,\"from\":2,\"to\":6}");
  }

  @Test
  void whatIsNotKeptIsCountedAsAsked() {
    RuleSet rules = rules(lines("note > 'a' && tx.changes < 3"));
    Log log =
        new Log()
            .line(1, 7L, "A", 1, null)
            .line(2, 7L, "A", 1, "A")
            .line(3, 7L, "A", 1, "b")
            .next()
            .line(4, 7L, "A", 1, "b");
    Run run = new Run(rules).all(log);

    RuleCounter counter = rules.counters().get(0);
    assertThat(run.told()).containsExactly("Written {\"id\":4,\"changes\":1}");
    assertThat(counter.evaluated()).isEqualTo(4);
    assertThat(counter.fired()).isEqualTo(1);
  }

  @Test
  void aRuleThatIsToKeepStillTakesNoRoom() {
    String file =
        """
        rules: v1
        triggers:
          - {event: Written, on: insert lines, data: {id, n: tx.changes}}
          - {event: Placed, on: insert or update orders, data: {id, n: tx.changes}}
        """;
    Log log = new Log().message("rowbell.skip", "Written").order(7, "1");
    many(log, "A").orderUpdated(7, "2");

    RuleSet rules = rules(file);
    Run run = new Run(rules).all(log);
    assertThat(run.problems()).isEmpty();
    assertThat(run.told())
        .containsExactly("Placed {\"id\":7,\"n\":100002}", "Placed {\"id\":7,\"n\":100002}");
    assertThat(rules.counters().get(0).skipped()).isEqualTo(MANY);
  }

  @Test
  void whoAsksWhichPartsDecideIsToldAsAtTheCommit() {
    ConditionCoverage coverage = new ConditionCoverage();
    RuleFile file = new RuleFile("rules.yaml", lines("tx.changes < 3 && sku == 'A'"));
    RuleSet rules =
        new RuleCompiler(List.of(file), Shop.DATABASE, null)
            .compile(Shop.catalog(OrderTables.ORDERS, OrderTables.LINES), coverage)
            .orThrow();
    Log log = new Log().line(1, 7L, "B", 1).line(2, 7L, "B", 1).line(3, 7L, "B", 1);

    assertThat(new Run(rules).all(log).outcomes).isEmpty();
    assertThat(coverage.neverFalse())
        .extracting(part -> part.text().value())
        .containsExactly("sku == 'A'");
  }
}
