package io.rowbell.language;

import static io.rowbell.language.Shop.STOCKS;
import static io.rowbell.language.Shop.inserted;
import static io.rowbell.language.Shop.row;
import static io.rowbell.language.Shop.rule;
import static io.rowbell.language.Shop.rules;
import static io.rowbell.language.Shop.updated;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.Row;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a rule would remember of a key and the journal does not take: the rule's failure. */
class LargeMemoryTest {
  private static final int LARGEST = 300;
  private static final String LARGE = "x".repeat(LARGEST);

  private static final String MOVED =
      """
      event: Moved
      on: update stocks
      when: last.note != note
      data: {id, note}
      """;
  private static final String HIGH =
      """
      event: High
      on: stocks
      while: price > 90
      for: 5m
      data: {note}
      """;

  private final Map<String, byte[]> journal = new HashMap<>();

  private static Row stock(String note) {
    return row(STOCKS, 7L, "ACME", new BigDecimal("100.00"), note);
  }

  private static Change insert(String note) {
    return inserted(STOCKS, 7L, "ACME", new BigDecimal("100.00"), note);
  }

  private List<Outcome> made(RuleSet rules, Memory memory, Change change) {
    List<Outcome> outcomes = rules.evaluate(change, memory);
    memory.takeChanges().forEach(journal::put);
    assertThat(journal.values()).allSatisfy(v -> assertThat(v).hasSizeLessThanOrEqualTo(LARGEST));
    return outcomes;
  }

  private static void assertFailed(List<Outcome> outcomes) {
    assertThat(outcomes)
        .singleElement()
        .isInstanceOfSatisfying(
            Outcome.Dead.class,
            dead -> {
              assertThat(dead.letter().code()).isEqualTo("X402");
              assertThat(dead.letter().reason()).contains("takes " + LARGEST).doesNotContain(LARGE);
            });
  }

  @Test
  void aRuleThatWouldFireDoesNotAndRemembersWhatItDid() {
    RuleSet rules = rules(rule(MOVED));
    Memory memory = rules.recall(Map.of(), LARGEST);
    assertThat(made(rules, memory, insert("a"))).isEmpty();
    Map<String, byte[]> before = Map.copyOf(journal);

    assertFailed(made(rules, memory, updated(stock("a"), stock(LARGE))));
    assertThat(rules.counters().get(0).fired()).isZero();
    assertThat(rules.counters().get(0).failed()).isEqualTo(1);
    assertThat(journal).isEqualTo(before);
    assertThat(made(rules, memory, updated(stock(LARGE), stock("a"))))
        .as("it is what was remembered")
        .isEmpty();
    assertThat(made(rules, memory, updated(stock("a"), stock("b")))).hasSize(1);
  }

  @Test
  void aRowThatIsSeenForTheFirstTimeIsNotHalfRemembered() {
    RuleSet rules = rules(rule(MOVED));
    Memory memory = rules.recall(Map.of(), LARGEST);
    assertFailed(made(rules, memory, updated(stock("a"), stock(LARGE))));
    assertThat(memory.size()).isZero();
  }

  @Test
  void aChangeThatTheRuleOnlyLooksAtIsNotItsFailure() {
    RuleSet rules = rules(rule(MOVED + "on_error: halt\n"));
    Memory memory = rules.recall(Map.of(), LARGEST);
    assertThat(made(rules, memory, insert(LARGE))).as("it listens to updates").isEmpty();
    Change skip = Shop.message("rowbell.skip", "Moved");
    Change update = updated(stock("a"), stock(LARGE));
    assertThat(rules.transaction(List.of(skip, update), memory)).as("it is skipped").isEmpty();
    assertThat(memory.size()).isZero();
    assertThat(rules.counters().get(0).failed()).isZero();

    assertThat(made(rules, memory, insert("a"))).isEmpty();
    assertThat(made(rules, memory, updated(stock("a"), stock("b"))))
        .as("what it can remember it does")
        .hasSize(1);
  }

  @Test
  void aStateThatCannotBeRememberedNeitherBeginsNorIsSeen() {
    RuleSet rules = rules(rule(HIGH));
    Memory memory = rules.recall(Map.of(), LARGEST);
    assertFailed(made(rules, memory, insert(LARGE)));
    assertThat(memory.size()).isZero();

    assertThat(made(rules, memory, insert("a"))).isEmpty();
    assertFailed(made(rules, memory, updated(stock("a"), stock(LARGE))));
    assertThat(rules.elapse(Shop.TIME.plus(Duration.ofMinutes(5)), memory))
        .as("as it was last remembered")
        .singleElement()
        .isInstanceOfSatisfying(
            Outcome.Event.class,
            event -> assertThat(event.event().data()).hasToString("{\"note\":\"a\"}"));
  }

  @Test
  void whatWasTakenOnceIsTakenAgain() {
    RuleSet rules = rules(rule(HIGH));
    Memory memory = rules.recall(Map.of());
    rules.evaluate(insert(LARGE), memory);
    Memory recalled = rules.recall(new HashMap<>(memory.takeChanges()), LARGEST);
    assertThat(rules.elapse(Shop.TIME.plus(Duration.ofMinutes(5)), recalled))
        .singleElement()
        .isInstanceOf(Outcome.Event.class);
  }
}
