package io.rowbell.language;

import static io.rowbell.language.OrderTables.rules;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.Explanation.Reason;
import io.rowbell.language.Explanation.Verdict;
import io.rowbell.language.OrderTables.Log;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.Operation;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Explanations of whole transactions: of each change as the engine has it, and no other. */
class ExplainedTransactionsTest {
  private static final String GREW =
      """
      rules: v1
      triggers:
        - event: Grew
          on: update orders
          when: total > last.total
          data: {id, total, before: last.total}
      """;

  private static List<Explanation> explained(RuleSet rules, String rule, Log log) {
    Explanations why = Explanations.of(rule);
    List<Outcome> unused =
        why.noting(() -> rules.transaction(log.changes(), rules.recall(Map.of())));
    return why.take().stream().filter(each -> each.reason() != Reason.OTHER_TABLE).toList();
  }

  @Test
  void aLaterChangeOfATransactionSeesWhatAnEarlierOneLeft() {
    Log log =
        new Log()
            .order(7, "1")
            .next()
            .orderUpdated(7, "5")
            .orderUpdated(7, "5")
            .orderUpdated(7, "6")
            .orderUpdated(7, "4");

    assertThat(explained(rules(GREW), "Grew", log))
        .extracting(each -> each.verdict().word() + ", " + each.because())
        .containsExactly(
            "not fired, it listens to update, and this is insert",
            "fired, total > last.total is true",
            "not fired, total > last.total is false",
            "fired, total > last.total is true",
            "not fired, total > last.total is false");
    assertThat(explained(rules(GREW.replace("when:", "cooldown: 1h\n    when:")), "Grew", log))
        .extracting(Explanation::reason)
        .containsExactly(
            Reason.OTHER_OPERATION,
            Reason.CONDITION,
            Reason.COOLDOWN,
            Reason.COOLDOWN,
            Reason.COOLDOWN);
  }

  @Test
  void whatATransactionSkipsIsSaid() {
    Log log =
        new Log()
            .order(7, "1")
            .next()
            .orderUpdated(7, "2")
            .message("rowbell.skip", "Grew")
            .next()
            .orderUpdated(7, "3");

    List<Explanation> all = explained(rules(GREW), "Grew", log);

    assertThat(all)
        .extracting(Explanation::verdict)
        .containsExactly(Verdict.NOT_FIRED, Verdict.NOT_FIRED, Verdict.FIRED);
    assertThat(all.get(1).reason()).isEqualTo(Reason.SKIPPED);
    assertThat(all.get(1).text())
        .isEqualTo(
            "Grew: not fired for orders id=7 at 0/2000\n  the transaction skips this rule\n");
    // It was remembered all the same, as a row that was only seen.
    assertThat(all.get(2).text()).contains("last.total = 1 (first seen ");
  }

  @Test
  void aRuleThatWaitsIsExplainedAtTheCommit() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - {event: Small, on: insert orders, when: tx.changes <= 2, data: {id}}
            """);

    assertThat(explained(rules, "Small", new Log().order(1, "1").order(2, "1").order(3, "1")))
        .extracting(Explanation::because)
        .containsExactly(
            "tx.changes <= 2 is false", "tx.changes <= 2 is false", "tx.changes <= 2 is false");
    assertThat(explained(rules, "Small", new Log().order(1, "1").line(2, 1L, "A", 1)))
        .extracting(Explanation::verdict)
        .containsExactly(Verdict.FIRED);
  }

  @Test
  void whereThereIsNoRoomToWaitThatIsTheReason() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - {event: Placed, on: insert or update orders, when: tx.changes > 0, data: {id}}
              - {event: Told, on: message big, data: "[content, tx.changes]"}
            """);
    Log log = new Log();
    for (int i = 0; i < 17; i++) {
      log.message("big", "x".repeat(1 << 20));
    }
    log.order(1, "1").order(2, "2");

    List<Explanation> all = explained(rules, "Told", log);

    assertThat(all).hasSize(17);
    assertThat(all.stream().filter(each -> each.verdict() == Verdict.FIRED)).hasSize(15);
    assertThat(all.get(0).because()).startsWith("X403 the transaction is too large to wait");
    assertThat(all.get(1).reason()).isEqualTo(Reason.NO_ROOM);
  }

  @Test
  void whatTheEngineDoesNotKeepTakesNoRoomWhenItIsExplained() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - {event: Few, on: insert lines, when: tx.changes < 3, data: {id, note}}
              - {event: Some, on: insert lines, when: "sku == 'B' && tx.changes > 3", data: {id, note}}
              - {event: Placed, on: insert orders, when: tx.changes > 3, data: {id}}
            """);
    Log log = new Log();
    for (int i = 0; i < 17; i++) {
      log.line(i, 7L, "A", 1, "x".repeat(1 << 20));
    }
    log.order(7, "1");

    assertThat(explained(rules, "Placed", log))
        .extracting(each -> each.verdict().word() + ", " + each.because())
        .containsExactly("fired, tx.changes > 3 is true");
    assertThat(explained(rules, "Few", log))
        .hasSize(17)
        .extracting(each -> each.verdict().word() + ", " + each.because())
        .containsOnly("not fired, tx.changes < 3 is false");
    assertThat(explained(rules, "Some", log))
        .hasSize(17)
        .extracting(each -> each.verdict().word() + ", " + each.because())
        .containsOnly("not fired, sku == 'B' is false");
  }

  @Test
  void aRuleInShadowIsSaidToPublishNothing() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - {event: Placed, on: insert orders, data: {id}, mode: shadow}
            """);

    Explanation only = explained(rules, "Placed", new Log().order(1, "1")).get(0);

    assertThat(only.verdict()).isEqualTo(Verdict.FIRED);
    assertThat(only.text()).contains("  event, not published (mode: shadow), Placed ");
    assertThat(only.json()).endsWith(",\"shadow\":true}");
  }

  /**
   * Random rules over random transactions: an explanation says "fired" exactly where the engine
   * makes an event, and its reasons agree; explaining changes nothing of what the engine does.
   */
  @Test
  void anExplanationSaysFiredExactlyWhereTheEngineMakesAnEvent() {
    Long only = Long.getLong("rowbell.explain.seed");
    long runs = Long.getLong("rowbell.explain.runs", 150);
    Map<Reason, Integer> reasons = new TreeMap<>();
    int events = 0;
    for (long seed = only == null ? 1 : only; seed <= (only == null ? runs : only); seed++) {
      try {
        events += compare(new Random(seed), reasons);
      } catch (Throwable e) {
        throw new AssertionError("-Drowbell.explain.seed=" + seed, e);
      }
    }
    // What never happens tests nothing.
    if (only == null) {
      assertThat(events).isGreaterThan((int) runs);
      assertThat(reasons.keySet())
          .contains(
              Reason.FIRST_SEEN,
              Reason.COOLDOWN,
              Reason.SKIPPED,
              Reason.STATE,
              Reason.TIME,
              Reason.ERROR,
              Reason.NO_LISTED_COLUMN,
              Reason.OTHER_OPERATION);
    }
  }

  private static int compare(Random random, Map<Reason, Integer> reasons) {
    RandomOrders orders = new RandomOrders(random);
    String file = orders.rules();
    RuleSet engine = rules(file);
    RuleSet explainedRules = rules(file);
    Map<String, byte[]> journal = new HashMap<>();
    Memory memory = engine.recall(journal);
    Memory other = explainedRules.recall(journal);
    Explanations why = Explanations.ofAll();
    Map<String, Integer> failed = new HashMap<>();
    int events = 0;
    for (int i = 0; i < 12; i++) {
      List<Change> transaction = orders.transaction();
      Memory before = other;
      List<Outcome> made = engine.transaction(transaction, memory);
      List<Outcome> again = why.noting(() -> explainedRules.transaction(transaction, before));
      List<Explanation> said = why.take();
      String as = "transaction " + i + " of\n" + file;
      assertThat(again).as(as).isEqualTo(made);
      Map<String, byte @Nullable []> state = memory.takeChanges();
      assertThat(text(other.takeChanges())).as(as).isEqualTo(text(state));
      assertThat(said.stream().flatMap(each -> each.made().stream()).map(DomainEvent::id))
          .as(as)
          .containsExactlyElementsOf(
              made.stream()
                  .flatMap(ExplainedTransactionsTest::event)
                  .map(DomainEvent::id)
                  .toList());
      assertEachIsExplainedOnce(explainedRules, transaction, said, as);
      for (Explanation each : said) {
        assertReasonFits(each, as);
        reasons.merge(each.reason(), 1, Integer::sum);
        failed.merge(each.rule(), each.verdict() == Verdict.FAILED ? 1 : 0, Integer::sum);
        events += each.made().size();
      }
      state.forEach(
          (name, value) -> {
            if (value == null) {
              journal.remove(name);
            } else {
              journal.put(name, value);
            }
          });
      if (random.nextInt(4) == 0) {
        other = explainedRules.recall(journal);
      }
    }
    for (RuleCounter counter : explainedRules.counters()) {
      assertThat((long) failed.getOrDefault(counter.rule(), 0))
          .as("failures of %s of\n%s", counter.rule(), file)
          .isEqualTo(counter.failed());
    }
    return events;
  }

  private static Stream<DomainEvent> event(Outcome outcome) {
    if (outcome instanceof Outcome.Shadow shadow) {
      return event(shadow.would());
    }
    return outcome instanceof Outcome.Event made ? Stream.of(made.event()) : Stream.of();
  }

  private static Map<String, String> text(Map<String, byte @Nullable []> changes) {
    Map<String, String> text = new TreeMap<>();
    changes.forEach(
        (name, value) -> text.put(name, value == null ? "" : HexFormat.of().formatHex(value)));
    return text;
  }

  private static void assertEachIsExplainedOnce(
      RuleSet rules, List<Change> transaction, List<Explanation> said, String as) {
    for (RuleCounter counter : rules.counters()) {
      CompiledRule rule = Objects.requireNonNull(rules.rule(counter.rule()));
      List<String> concerned =
          transaction.stream()
              .filter(rule::isOf)
              .map(change -> String.valueOf(change.origin().position()))
              .toList();
      assertThat(
              said.stream()
                  .filter(each -> each.rule().equals(rule.name()))
                  .filter(each -> each.reason() != Reason.TIME)
                  .map(each -> String.valueOf(each.change().position())))
          .as("%s: %s", rule.name(), as)
          .containsExactlyInAnyOrderElementsOf(concerned);
    }
  }

  private static void assertReasonFits(Explanation each, String as) {
    boolean decidedByNow =
        List.of(
                Reason.OTHER_TABLE,
                Reason.OTHER_OPERATION,
                Reason.NO_LISTED_COLUMN,
                Reason.FIRST_SEEN,
                Reason.COOLDOWN,
                Reason.SKIPPED,
                Reason.NO_ROOM)
            .contains(each.reason());
    if (decidedByNow) {
      assertThat(each.verdict()).as("%s\n%s", each, as).isEqualTo(Verdict.NOT_FIRED);
    }
    if (each.reason() == Reason.CONDITION && !each.conditions().isEmpty()) {
      assertThat(each.conditions().get(0).explained().result().isTrue())
          .as("%s\n%s", each.text(), as)
          .isEqualTo(each.verdict() == Verdict.FIRED);
    }
    if (each.reason() == Reason.CONDITION
        && each.verdict() == Verdict.NOT_FIRED
        && each.conditions().isEmpty()) {
      assertThat(each.change().operation())
          .as("no condition to ask: %s\n%s", each, as)
          .isIn(Operation.DELETE.word(), Operation.TRUNCATE.word());
    }
  }
}
