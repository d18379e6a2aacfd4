package io.rowbell.language;

import static io.rowbell.language.OrderTables.rules;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.OrderTables.Log;
import io.rowbell.language.OrderTables.Run;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.NeededChanges;
import io.rowbell.model.Operation;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Requirements;
import io.rowbell.model.Row;
import io.rowbell.model.UnreadableValueException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules that wait for the end of a transaction: {@code with} and {@code tx.changes}. */
class TransactionsTest {
  private static final String PLACED =
      """
      rules: v1
      triggers:
        - event: Placed
          on: insert orders
          with: {lines: lines by order_id}
          data: {id, lines: "lines.map(l, {'sku': l.sku, 'qty': l.qty})"}
      """;

  @ParameterizedTest
  @ValueSource(strings = {"OAB", "AOB", "ABO"})
  void childRowsTravelWithTheirParentWhateverWasWrittenFirst(String order) {
    Log log = new Log();
    for (int i = 0; i < order.length(); i++) {
      switch (order.charAt(i)) {
        case 'O' -> log.order(7, "9.90");
        case 'A' -> log.line(1, 7L, "A", 2);
        default -> log.line(2, 7L, "B", 1);
      }
    }
    assertThat(new Run(rules(PLACED)).all(log).told())
        .containsExactly(
            "Placed {\"id\":7,\"lines\":[{\"sku\":\"A\",\"qty\":2},{\"sku\":\"B\",\"qty\":1}]}");
  }

  @Test
  void aChildRowIsAsTheTransactionLeftIt() {
    Log log =
        new Log()
            .line(1, 7L, "A", 1)
            .line(2, 7L, "B", 1)
            .line(3, 7L, "C", 1)
            .line(4, 8L, "D", 1)
            .order(7, "9.90")
            .lineUpdated(1, 7L, "A", 5, "note")
            .lineDeleted(2)
            .lineDeleted(3)
            .line(3, 7L, "C2", 1)
            .lineUpdated(4, 7L, "D", 1, "note")
            .lineUpdated(9, 7L, "was there before", 1, "note")
            .lineDeleted(10);

    assertThat(new Run(rules(PLACED.replace("l.sku, 'qty': l.qty", "l.sku"))).all(log).told())
        .containsExactly(
            "Placed {\"id\":7,\"lines\":[{\"sku\":\"A\"},{\"sku\":\"D\"},{\"sku\":\"C2\"},"
                + "{\"sku\":\"was there before\"}]}");
  }

  @Test
  void aTruncateRemovesTheRowsBeforeIt() {
    Log log = new Log().line(1, 7L, "A", 1).linesTruncated().line(2, 7L, "B", 1).order(7, "1");

    assertThat(new Run(rules(PLACED)).all(log).told())
        .containsExactly("Placed {\"id\":7,\"lines\":[{\"sku\":\"B\",\"qty\":1}]}");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void whatBecameOfARowIsKnownWhereverTheTransactionIsCut(int place) {
    String file = PLACED.replace("'qty': l.qty", "'note': l.note");
    List<Change> changes =
        new Log()
            .line(1, 7L, "A", 1)
            .line(2, 7L, "A", 1)
            .linesTruncated()
            .line(2, 8L, "B", 1, "long")
            .line(3, 7L, "gone", 1)
            .lineUpdated(2, 7L, "C", 1, Row.NOT_LOGGED)
            .lineDeleted(3)
            .order(7, "1")
            .changes();
    Run run = new Run(rules(file));
    run.batch(changes.subList(0, place), /* open= */ true).restart(rules(file));
    run.batch(changes.subList(place, changes.size()), /* open= */ false);

    assertThat(run.told())
        .containsExactly("Placed {\"id\":7,\"lines\":[{\"sku\":\"C\",\"note\":\"long\"}]}");
  }

  @Test
  void rowsOfTheRulesOwnTableMayBeChildren() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - event: Bought
                on: insert orders
                with: {own: orders by customer = id}
                data: {id, total, own: "own.map(o, o.total)"}
            """);
    Log log =
        new Log().order(2, "2").order(1, "1").order(3, "3").orderUpdated(2, "2.50").orderDeleted(3);

    assertThat(new Run(rules).all(log).told())
        .containsExactly(
            "Bought {\"id\":2,\"total\":2,\"own\":[]}",
            "Bought {\"id\":1,\"total\":1,\"own\":[2.50,1]}",
            "Bought {\"id\":3,\"total\":3,\"own\":[]}");
  }

  @Test
  void everyParentHasItsOwnRowsOfItsOwnTransaction() {
    Log log =
        new Log()
            .line(1, 8L, "of 8", 1)
            .order(7, "1")
            .line(2, 7L, "of 7", 1)
            .line(3, null, "of nobody", 1)
            .order(8, "1")
            .next()
            .line(4, 7L, "too late", 1)
            .order(9, "1");

    assertThat(new Run(rules(PLACED)).all(log).told())
        .containsExactly(
            "Placed {\"id\":7,\"lines\":[{\"sku\":\"of 7\",\"qty\":1}]}",
            "Placed {\"id\":8,\"lines\":[{\"sku\":\"of 8\",\"qty\":1}]}",
            "Placed {\"id\":9,\"lines\":[]}");
  }

  @Test
  void theParentIsTheRowOfItsOwnChange() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - event: Written
                on: insert or update orders
                with: {lines: lines by order_id}
                data: {op: string(op), total, lines: size(lines)}
              - {event: AtOnce, on: update orders, data: {total}}
            """);
    Log log = new Log().order(7, "0").line(1, 7L, "A", 1).orderUpdated(7, "9.90");

    assertThat(new Run(rules).all(log).told())
        .containsExactly(
            "AtOnce {\"total\":9.90}",
            "Written {\"op\":\"insert\",\"total\":0,\"lines\":1}",
            "Written {\"op\":\"update\",\"total\":9.90,\"lines\":1}");
  }

  @Test
  void rowsCanBeAskedInEveryExpression() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - event: Big
                on: insert orders
                with: {lines: lines by order_id}
                let:
                  many: "lines.filter(l, l.qty > 1)"
                  pieces: "sum(lines.map(l, l.qty))"
                when: size(many) > 1 && lines.exists(l, l.sku == 'B')
                data: {pieces, first: "lines[0].sku", none: "lines[9].sku", many}
            """);
    Log log =
        new Log()
            .order(7, "1")
            .line(1, 7L, "A", 2)
            .line(2, 7L, "B", 1, null)
            .line(3, 7L, "C", 3, null)
            .order(8, "1")
            .line(4, 8L, "A", 2)
            .line(5, 8L, "C", 2);

    assertThat(new Run(rules).all(log).told())
        .containsExactly(
            "Big {\"pieces\":6,\"first\":\"A\",\"none\":null,\"many\":["
                + "{\"id\":1,\"order_id\":7,\"sku\":\"A\",\"qty\":2,\"note\":\"note\"},"
                + "{\"id\":3,\"order_id\":7,\"sku\":\"C\",\"qty\":3,\"note\":null}]}");
  }

  @Test
  void aParentColumnCanBeNamed() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - event: Bought
                on: insert orders
                with: {same: orders by customer = customer}
                data: {id, same: "same.map(o, o.id)"}
            """);

    assertThat(new Run(rules).all(new Log().order(7, "1").order(8, "2")).told())
        .containsExactly("Bought {\"id\":7,\"same\":[7,8]}", "Bought {\"id\":8,\"same\":[7,8]}");
  }

  @Test
  void whatWasNotLoggedIsWhatTheTransactionWroteBeforeOrMissing() {
    String file = PLACED.replace("'sku': l.sku, 'qty': l.qty", "'note': l.note");
    Log known =
        new Log()
            .order(7, "1")
            .line(1, 7L, "A", 1, "long")
            .lineUpdated(1, 7L, "A", 2, Row.NOT_LOGGED);
    Log unknown = new Log().order(7, "1").lineUpdated(1, 7L, "A", 2, Row.NOT_LOGGED);

    assertThat(new Run(rules(file)).all(known).told())
        .containsExactly("Placed {\"id\":7,\"lines\":[{\"note\":\"long\"}]}");
    Run run = new Run(rules(file)).all(unknown);
    assertThat(run.told()).containsExactly("Placed {\"id\":7}");
    assertThat(run.events().get(0).extensions()).containsEntry("missing", "lines");
    // Rows as they are need all of their columns.
    run = new Run(rules(PLACED.replaceAll("lines: \".*\"", "lines"))).all(unknown);
    assertThat(run.events().get(0).extensions()).containsEntry("missing", "lines");
  }

  @Test
  void aValueThatCannotBeReadIsTheRulesFailureAndOnlyIfItReadsIt() {
    Object broken = new UnreadableValueException("column note of public.lines: infinity");
    Log log = new Log().order(7, "1").line(1, 7L, "A", 1, broken);

    assertThat(new Run(rules(PLACED)).all(log).told()).hasSize(1);
    assertThat(new Run(rules(PLACED.replace("l.sku", "l.note"))).all(log).problems())
        .containsExactly("Placed 7 X411");
  }

  @Test
  void changesAreThoseOfTheWholeTransaction() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - event: Small
                on: insert or update orders
                when: tx.changes <= 3
                data: {id, changes: tx.changes}
              - {event: Line, on: insert lines, data: {id}}
              - {event: Asked, on: message reports, data: {changes: tx.changes}}
            """);
    Log log =
        new Log()
            .message("reports", "")
            .order(1, "1")
            .order(2, "1")
            .line(1, 1L, "A", 1)
            .next()
            .order(3, "1")
            .order(4, "1")
            .order(5, "1")
            .orderDeleted(4)
            .line(2, 1L, "A", 1)
            .loose("reports", "");

    assertThat(new Run(rules).all(log).told())
        .containsExactly(
            "Line {\"id\":1}",
            "Asked {\"changes\":3}",
            "Small {\"id\":1,\"changes\":3}",
            "Small {\"id\":2,\"changes\":3}",
            "Line {\"id\":2}",
            "Asked {\"changes\":0}");
  }

  private static final String EVERYTHING =
      """
      rules: v1
      triggers:
        - event: Placed
          on: insert or update orders
          with: {lines: lines by order_id}
          cooldown: 1s
          data: {id, total, lines: "lines.map(l, {'sku': l.sku, 'qty': l.qty, 'note': l.note})"}
        - event: Counted
          on: delete orders
          data: {id, changes: tx.changes}
        - {event: Line, on: insert lines, data: {id}}
        - event: Moved
          on: update orders
          with: {lines: lines by order_id}
          when: total > last.total
          data: {id, before: last.total, lines: size(lines)}
        - {event: Never, on: insert lines, data: {id}}
        - event: Few
          on: insert lines
          when: tx.changes < 4 && sku != 'E'
          data: {id}
        - event: Big
          on: orders
          while: total > 5
          resolved: Small
          data: {id, total}
      """;

  private static Log everything() {
    return new Log()
        .line(99, 3L, "Z", 1)
        .next()
        .message("rowbell.context", "{\"actor\": \"u1\"}")
        .message("rowbell.skip", "Never")
        .line(1, 7L, "A", 1)
        .order(7, "4.50")
        .line(2, 7L, "B", 1, null)
        .snapshot(50, "1")
        .orderUpdated(7, "9.90")
        .lineUpdated(1, 7L, "A", 5, Row.NOT_LOGGED)
        .order(8, "1")
        .line(3, 8L, "C", 1)
        .lineDeleted(2)
        .line(4, 8L, "D", 1)
        .orderDeleted(8)
        .next()
        .order(9, "1")
        .line(5, 9L, "E", 1);
  }

  static IntStream places() {
    return IntStream.range(1, everything().changes().size());
  }

  @ParameterizedTest
  @MethodSource("places")
  void aTransactionThatIsCutAnywhereGivesTheSameAsAWholeOne(int place) {
    Run whole = new Run(rules(EVERYTHING)).all(everything());
    assertThat(whole.told()).hasSize(15).contains("Few {\"id\":99}");
    List<Change> changes = everything().changes();
    long last = changes.get(place - 1).origin().xid();
    boolean open =
        last != 0 && changes.stream().skip(place).anyMatch(change -> change.origin().xid() == last);
    // A snapshot's row may stand anywhere.
    open |= last == 0;

    for (boolean killed : new boolean[] {true, false}) {
      Run cut = new Run(rules(EVERYTHING));
      cut.batch(changes.subList(0, place), open);
      if (killed) {
        cut.restart(rules(EVERYTHING));
      }
      cut.batch(changes.subList(place, changes.size()), /* open= */ false);

      // Nothing waits longer than it has to, but what waits for the end comes at the end.
      assertThat(cut.events()).containsExactlyElementsOf(whole.events());
      assertThat(cut.journal.keySet()).noneMatch(name -> name.startsWith("tx/"));
    }
  }

  @Test
  void aTransactionInManyPiecesIsRestoredFromAll() {
    List<Change> changes = everything().changes();
    Run run = new Run(rules(EVERYTHING));
    for (int i = 0; i < changes.size(); i++) {
      boolean last = i == changes.size() - 1;
      boolean open = !last && i != 0 && i != 13;
      run.batch(List.of(changes.get(i)), open).restart(rules(EVERYTHING));
    }
    assertThat(run.told()).isEqualTo(new Run(rules(EVERYTHING)).all(everything()).told());
  }

  @Test
  void whatWaitsWhenTheLastPartBringsNothingComesToo() {
    Run run = new Run(rules(PLACED));
    run.batch(new Log().order(7, "1").changes(), /* open= */ true);
    assertThat(run.told()).isEmpty();
    assertThat(run.journal).isNotEmpty();

    run.restart(rules(PLACED)).batch(List.of(), /* open= */ false);

    assertThat(run.told()).hasSize(1);
    assertThat(run.journal).isEmpty();
  }

  @Test
  void anEventHasAtMostTenThousandRows() {
    Log log = new Log().order(7, "1");
    for (int i = 0; i < 10_000; i++) {
      log.line(i, 7L, "A", 1);
    }
    String count = PLACED.replaceAll("lines: \"lines.*\"", "n: \"sum(lines.map(l, l.qty))\"");

    assertThat(new Run(rules(count)).all(log).told())
        .containsExactly("Placed {\"id\":7,\"n\":10000}");
    log.line(10_000, 7L, "A", 1).order(8, "1").line(20_000, 8L, "B", 1);
    Run run = new Run(rules(count)).all(log);
    assertThat(run.told()).containsExactly("Placed {\"id\":8,\"n\":1}");
    assertThat(run.problems()).containsExactly("Placed 7 X403");
  }

  @Test
  void whatIsKeptOfATransactionHasABound() {
    String large = "x".repeat(1 << 20);
    Log log = new Log().order(7, "1");
    for (int i = 0; i < 17; i++) {
      log.line(i, 7L, "A", 1, large);
    }
    log.order(8, "1").next().order(9, "1");
    String file = PLACED.replace("'sku': l.sku, 'qty': l.qty", "'note': l.note");

    Run run = new Run(rules(file));
    // The bound does not depend on where the transaction is cut.
    run.batch(log.changes().subList(0, 10), /* open= */ true).restart(rules(file));
    run.batch(log.changes().subList(10, log.changes().size()), /* open= */ false);

    assertThat(run.problems()).containsExactly("Placed 7 X403", "Placed 8 X403");
    assertThat(run.told()).containsExactly("Placed {\"id\":9,\"lines\":[]}");
    // A rule that does not read what is large is no affair of its size.
    assertThat(new Run(rules(PLACED)).all(log).problems()).isEmpty();
  }

  @Test
  void aRuleWithoutRoomSaysSoOnce() {
    String file =
        """
        rules: v1
        triggers:
          - {event: Written, on: insert lines, data: {id, note, n: tx.changes}}
        """;
    Log log = new Log();
    for (int i = 0; i < 20; i++) {
      log.line(i, 7L, "A", 1, "x".repeat(1 << 20));
    }
    log.line(20, 7L, "A", 1).next().line(21, 7L, "A", 1);

    Run run = new Run(rules(file));
    run.batch(log.changes().subList(0, 18), /* open= */ true).restart(rules(file));
    run.batch(log.changes().subList(18, log.changes().size()), /* open= */ false);

    assertThat(run.problems()).containsExactly("Written 15 X403");
    assertThat(run.events()).extracting(event -> event.key()).hasSize(16).endsWith("14", "21");
  }

  @Test
  void aRuleInShadowLeavesHalfOfTheRoomToTheOthers() {
    String file =
        """
        rules: v1
        triggers:
          - {rule: next, mode: shadow, event: Written, on: insert lines, data: {id, note, n: tx.changes}}
          - {event: Placed, on: insert orders, with: {lines: lines by order_id}, data: {n: size(lines)}}
        """;
    Log log = new Log();
    for (int i = 0; i < 60_000; i++) {
      log.line(i, 8L, "A", 1);
    }
    log.order(7, "1");

    Run run = new Run(rules(file)).all(log);

    assertThat(run.told()).containsExactly("Placed {\"n\":0}");
    assertThat(run.problems()).isEmpty();
  }

  @Test
  void theEventsOfOneCommitHaveABound() {
    Log log = new Log().order(7, "1");
    for (int i = 0; i < 10; i++) {
      log.line(i, 7L, "A", 1, "x".repeat(1 << 20));
    }
    for (int i = 0; i < 5; i++) {
      log.orderUpdated(7, "2");
    }
    String file =
        PLACED
            .replace("insert orders", "insert or update orders")
            .replace("'sku': l.sku, 'qty': l.qty", "'note': l.note");

    Run run = new Run(rules(file)).all(log);

    assertThat(run.events()).hasSize(4);
    assertThat(run.problems()).containsExactly("Placed 7 X403", "Placed 7 X403");
  }

  @Test
  void whatBelongsToNoTransactionKeepsItsPlace() {
    String file = PLACED + "  - {event: Noted, on: message notes, data: content}\n";
    Log log = new Log().order(7, "1").loose("notes", "between").next().order(8, "1");

    assertThat(new Run(rules(file)).all(log).told())
        .containsExactly(
            "Placed {\"id\":7,\"lines\":[]}",
            "Noted \"between\"",
            "Placed {\"id\":8,\"lines\":[]}");
    // A row that a snapshot read stands within a transaction that goes on.
    Log within = new Log().order(7, "1").snapshot(9, "1").line(1, 7L, "A", 1);
    assertThat(new Run(rules(PLACED)).all(within).told())
        .containsExactly("Placed {\"id\":7,\"lines\":[{\"sku\":\"A\",\"qty\":1}]}");
  }

  @Test
  void theTimeAtWhichALooseMessageIsReadIsNoCommitTime() {
    String file =
        """
        rules: v1
        triggers:
          - {event: Late, on: orders, while: total > 5, for: 30m, data: {id}}
        """;
    Log log = new Log().order(7, "9.90");
    Origin read = new Origin(0, Shop.TIME.plusSeconds(7_200), new Position(0x2000), 0, null);
    log.add(new Change.Message(read, "notes", "x", /* transactional= */ false));
    log.next().orderUpdated(7, "1");

    assertThat(new Run(rules(file)).all(log).told()).isEmpty();
  }

  @Test
  void changesThatWaitedForARuleThatIsGoneAreTold() {
    Log log = new Log().order(7, "1").order(8, "1");
    Run run = new Run(rules(PLACED));
    run.batch(log.changes().subList(0, 1), /* open= */ true);
    run.restart(rules(PLACED.replace("event: Placed", "event: Ordered")));
    run.batch(log.changes().subList(1, 2), /* open= */ false);

    assertThat(run.notices)
        .extracting(notice -> notice.code() + " " + notice.text())
        .containsExactly(
            "X420 changes waited for the end of the transaction for rule 'Placed', which is gone or"
                + " listens to another table: they make no events");
  }

  @Test
  void childRowsWithoutAParentConcernNobody() {
    Log log = new Log();
    for (int i = 0; i < 17; i++) {
      log.line(i, 7L, "A", 1, "x".repeat(1 << 20));
    }
    String file = PLACED.replace("'sku': l.sku, 'qty': l.qty", "'note': l.note");

    assertThat(new Run(rules(file)).all(log).outcomes).isEmpty();
  }

  @Test
  void rulesThatChangedWithinATransactionFailInsteadOfTellingHalf() {
    String without =
        """
        rules: v1
        triggers:
          - {event: Placed, on: insert orders, data: {id}}
          - {event: Other, on: insert orders, data: {id, n: tx.changes}}
        """;
    String with = without.replace("data: {id}}", "with: {l: lines by order_id}, data: {id, l}}");
    String more = without.replace("data: {id, n", "data: {id, total, n");
    Log log = new Log().line(1, 7L, "A", 1).order(7, "1").line(2, 7L, "B", 1).order(8, "1");

    assertThat(changedWithin(log, without, with).problems()).containsExactly("Placed 8 X420");
    assertThat(changedWithin(log, without, more).problems()).containsExactly("Other 7 X420");
    Run waits = changedWithin(log, with, without);
    assertThat(waits.told())
        .containsExactly(
            "Placed {\"id\":8}",
            "Placed {\"id\":7}",
            // No rule reads lines any more: the second is not counted.
            "Other {\"id\":7,\"n\":3}",
            "Other {\"id\":8,\"n\":3}");
    assertThat(waits.journal).isEmpty();
  }

  private static Run changedWithin(Log log, String before, String after) {
    return new Run(rules(before))
        .batch(log.changes().subList(0, 2), /* open= */ true)
        .restart(rules(after))
        .batch(log.changes().subList(2, 4), /* open= */ false);
  }

  @Test
  void oneCallEvaluatesAWholeTransaction() {
    RuleSet rules = rules(PLACED);
    Log log = new Log().order(7, "1").line(1, 7L, "A", 1);

    assertThat(rules.transaction(log.changes(), new Memory())).hasSize(1);
    // A change alone is a transaction of its own.
    assertThat(rules.evaluate(log.changes().get(0), new Memory())).hasSize(1);
  }

  @Test
  void everyRowMustBeSentWhereRowsAreCountedOrMayBeChildren() {
    String file =
        """
        rules: v1
        triggers:
          - {event: A, on: insert orders, when: id == 7, data: {id}}
          - {event: B, on: insert lines, when: id == 7, data: {id}}
        """;
    String counts = file + "  - {event: C, on: insert log, key: line, data: {n: tx.changes}}\n";
    String with =
        file.replace(
            "id == 7, data: {id}}\n  - {event: B",
            "id == 7, with: {l: lines by order_id}, data: {id}}\n  - {event: B");

    assertThat(rules(file).requirements().tables().values())
        .allSatisfy(table -> assertThat(table.rows()).isNotNull());
    assertThat(rules(counts).requirements().tables().values())
        .allSatisfy(table -> assertThat(table.rows()).isNull());
    assertThat(
            Objects.requireNonNull(rules(with).requirements().tables().get(OrderTables.LINES.id()))
                .rows())
        .isNull();
  }

  @Test
  void aRuleThatWaitsIsExplainedByItsWholeTransaction() {
    RuleSet rules =
        rules(
            """
            rules: v1
            private: [lines.note]
            triggers:
              - event: Placed
                on: insert orders
                with: {lines: lines by order_id}
                let: {many: "lines.filter(l, l.qty > 1)"}
                when: size(many) > 1 || lines[0].note == 'x' || tx.changes > 9
                data: {id}
            """);
    Log log = new Log().order(7, "1").line(1, 7L, "A", 2, "secret");

    Explanation why = explained(rules, log);
    assertThat(why.verdict()).isEqualTo(Explanation.Verdict.NOT_FIRED);
    assertThat(why.toString())
        .contains("1 > 1", "(private) == 'x'", "2 > 9")
        .doesNotContain("secret");
    log.line(2, 7L, "B", 2);
    assertThat(explained(rules, log).made()).hasSize(1);
  }

  private static Explanation explained(RuleSet rules, Log log) {
    Explanations why = Explanations.of("Placed");
    List<Outcome> unused = why.noting(() -> rules.transaction(log.changes(), new Memory()));
    return why.take().stream()
        .filter(explanation -> explanation.reason() == Explanation.Reason.CONDITION)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theChildTableMustBePublished() {
    assertThat(rules(PLACED).requirements().tables())
        .containsEntry(
            OrderTables.LINES.id(),
            new Requirements.OfTable(
                Set.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.TRUNCATE),
                Set.of("id", "order_id", "sku", "qty"),
                Set.of("id"),
                null,
                Set.of("note"),
                new NeededChanges(
                    Map.of(
                        Operation.INSERT,
                        List.of(NeededChanges.Case.ANY),
                        Operation.UPDATE,
                        List.of(NeededChanges.Case.ANY),
                        Operation.DELETE,
                        List.of(NeededChanges.Case.ANY)))))
        .containsEntry(
            OrderTables.ORDERS.id(),
            new Requirements.OfTable(
                Set.of(Operation.INSERT),
                Set.of("id"),
                Set.of(),
                null,
                Set.of("customer", "total"),
                new NeededChanges(Map.of(Operation.INSERT, List.of(NeededChanges.Case.ANY)))));
    assertThat(
            rules(PLACED).knows(Shop.table("public.lines", "DEFAULT", "id! int8", "order_id int8")))
        .isFalse();
  }
}
