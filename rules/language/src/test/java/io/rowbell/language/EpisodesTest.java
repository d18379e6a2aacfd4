package io.rowbell.language;

import static io.rowbell.language.Shop.PAYMENTS;
import static io.rowbell.language.Shop.STOCKS;
import static io.rowbell.language.Shop.TIME;
import static io.rowbell.language.Shop.row;
import static io.rowbell.language.Shop.rule;
import static io.rowbell.language.Shop.rules;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.Operation;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rules with {@code while}: states that last, and their end. */
class EpisodesTest {
  private static final String OVERDUE =
      """
      event: Overdue
      on: payments
      while: status == 'PENDING'
      for: 30m
      data: {id, status, amount}
      """;
  private static final String HIGH =
      """
      event: High
      on: stocks
      while: price > 90
      until: price < 70
      for: 5m
      resolved: Recovered
      data: {symbol, price}
      """;

  private RuleSet rules = rules(rule(OVERDUE));
  private Memory memory = rules.recall(Map.of());
  private final Map<String, byte[]> journal = new HashMap<>();
  private final List<DomainEvent> made = new ArrayList<>();
  private Instant now = TIME;
  private int index;

  @Test
  void aStateThatLastsLongEnoughIsToldOnce() {
    assertThat(payment(7, "PENDING", "9.90")).isEmpty();
    assertThat(wait(Duration.ofMinutes(30).minusNanos(1000))).isEmpty();
    assertThat(wait(Duration.ofNanos(1000)))
        .containsExactly("Overdue 7 {\"id\":7,\"status\":\"PENDING\",\"amount\":9.90}");
    assertThat(wait(Duration.ofDays(3))).isEmpty();
    assertThat(payment(7, "PENDING", "9.90")).isEmpty();
    assertThat(made.get(0).time()).isEqualTo(TIME.plus(Duration.ofMinutes(30)));
  }

  @Test
  void aStateThatEndsInTimeIsNotTold() {
    payment(7, "PENDING", "9.90");
    wait(Duration.ofMinutes(29));
    assertThat(payment(7, "PAID", "9.90")).isEmpty();
    assertThat(wait(Duration.ofDays(1))).isEmpty();
    assertThat(memory.size()).isZero();
  }

  @Test
  void theEventTellsTheRowAsItWasLastSeenAndOfTheTimeItBegan() {
    payment(7, "PENDING", "9.90");
    wait(Duration.ofMinutes(20));
    payment(7, "PENDING", "5.00");
    assertThat(wait(Duration.ofMinutes(10)))
        .containsExactly("Overdue 7 {\"id\":7,\"status\":\"PENDING\",\"amount\":5.00}");
  }

  @Test
  void aNewEpisodeHasAnIdOfItsOwn() {
    for (int i = 0; i < 2; i++) {
      payment(7, "PENDING", "9.90");
      wait(Duration.ofHours(1));
      payment(7, "PAID", "9.90");
    }
    assertThat(made).hasSize(2);
    assertThat(made.get(0).id()).isNotEqualTo(made.get(1).id());
  }

  @Test
  void aLaterCommitOfAnyRowLetsTheTimeElapseBeforeItIsEvaluated() {
    payment(7, "PENDING", "1");
    now = now.plus(Duration.ofMinutes(31));
    assertThat(payment(8, "PAID", "1")).hasSize(1);

    payment(9, "PENDING", "1");
    now = now.plus(Duration.ofMinutes(30));
    assertThat(payment(9, "PAID", "1")).hasSize(1);
  }

  @Test
  void timersAreDueInTheOrderOfTime() {
    payment(2, "PENDING", "1");
    now = now.plusSeconds(1);
    payment(1, "PENDING", "1");
    now = now.plusSeconds(1);
    payment(3, "PENDING", "1");
    wait(Duration.ofHours(1));

    assertThat(made).extracting(DomainEvent::key).containsExactly("2", "1", "3");
  }

  @Test
  void whatIsPendingGoesOnFromTheJournal() {
    payment(7, "PENDING", "9.90");
    restart(rules);
    wait(Duration.ofMinutes(29));
    restart(rules);
    assertThat(wait(Duration.ofMinutes(1))).hasSize(1);
    restart(rules);
    assertThat(wait(Duration.ofMinutes(60))).isEmpty();
    assertThat(memory.takeRestarted()).isEmpty();
  }

  @Test
  void theSameChangesFromTheSameMemoryMakeTheSameEvents() {
    payment(7, "PENDING", "9.90");
    memory.takeChanges().forEach((name, value) -> journal.put(name, Objects.requireNonNull(value)));
    memory = rules.recall(journal);
    wait(Duration.ofHours(1));
    memory = rules.recall(journal);
    wait(Duration.ofHours(1));

    assertThat(made).hasSize(2);
    assertThat(made.get(0)).isEqualTo(made.get(1));
  }

  @Test
  void aDeletedRowEndsItsEpisode() {
    payment(7, "PENDING", "9.90");
    evaluate(new Change.Deleted(origin(null), row(PAYMENTS, 7L, 1L, "PENDING", "x", null)));

    assertThat(wait(Duration.ofHours(1))).isEmpty();
  }

  @Test
  void hysteresisAndTheEventAtTheEnd() {
    restart(rules(rule(HIGH)));
    stock(1, "91");
    assertThat(wait(Duration.ofMinutes(5)))
        .containsExactly("High 1 {\"symbol\":\"ACME\",\"price\":91}");
    assertThat(stock(1, "80")).isEmpty();
    assertThat(stock(1, "95")).isEmpty();
    assertThat(stock(1, "69")).containsExactly("Recovered 1 {\"symbol\":\"ACME\",\"price\":69}");
    assertThat(stock(1, "95")).isEmpty();
    assertThat(made).extracting(DomainEvent::id).doesNotHaveDuplicates();
  }

  @Test
  void aPendingStateEndsWhenWhileIsNoLongerTrueWhateverUntilSays() {
    restart(rules(rule(HIGH)));
    stock(1, "91");
    wait(Duration.ofMinutes(4));
    assertThat(stock(1, "80")).isEmpty();
    assertThat(wait(Duration.ofMinutes(10))).isEmpty();
  }

  @Test
  void aDeletedRowResolvesWithTheRowAsItWasLastSeen() {
    restart(rules(rule(HIGH)));
    stock(1, "91");
    wait(Duration.ofMinutes(5));
    stock(1, "92");

    assertThat(
            evaluate(
                new Change.Deleted(
                    origin(null), row(STOCKS, 1L, Row.NOT_LOGGED, Row.NOT_LOGGED, Row.NOT_LOGGED))))
        .containsExactly("Recovered 1 {\"symbol\":\"ACME\",\"price\":92}");
  }

  @Test
  void truncateEndsEveryEpisode() {
    restart(rules(rule(HIGH)));
    stock(1, "91");
    stock(2, "92");
    wait(Duration.ofMinutes(5));
    stock(3, "93");
    evaluate(new Change.Truncated(origin(null), STOCKS));

    assertThat(wait(Duration.ZERO))
        .containsExactlyInAnyOrder(
            "Recovered 1 {\"symbol\":\"ACME\",\"price\":91}",
            "Recovered 2 {\"symbol\":\"ACME\",\"price\":92}");
    assertThat(memory.size()).isZero();
  }

  @Test
  void withoutForItIsToldAtOnce() {
    restart(rules(rule(HIGH.replace("for: 5m\n", ""))));
    assertThat(stock(1, "91")).containsExactly("High 1 {\"symbol\":\"ACME\",\"price\":91}");
    assertThat(stock(1, "92")).isEmpty();
    assertThat(stock(1, "10")).containsExactly("Recovered 1 {\"symbol\":\"ACME\",\"price\":10}");
  }

  @Test
  void aSnapshotSeedsAndDoesNotFire() {
    restart(rules(rule(HIGH.replace("for: 5m\n", ""))));
    assertThat(evaluate(new Change.Inserted(origin("b1"), stockRow(1, "91")))).isEmpty();
    assertThat(stock(1, "95")).isEmpty();
    assertThat(stock(1, "60")).hasSize(1);
    restart(rules(rule(HIGH)));
    evaluate(new Change.Inserted(origin("b1"), stockRow(2, "91")));
    assertThat(wait(Duration.ofMinutes(5))).hasSize(1);
  }

  @Test
  void aValueThatWasNotLoggedIsTheOneLastSeen() {
    restart(rules(rule(HIGH.replace("{symbol, price}", "{symbol, price, note}"))));
    Row first = row(STOCKS, 1L, "ACME", new BigDecimal("91"), "a long note");
    Row then = row(STOCKS, 1L, "ACME", new BigDecimal("99"), Row.NOT_LOGGED);
    evaluate(new Change.Inserted(origin(null), first));
    evaluate(new Change.Updated(origin(null), first, then));

    assertThat(wait(Duration.ofMinutes(5)))
        .containsExactly("High 1 {\"symbol\":\"ACME\",\"price\":99,\"note\":\"a long note\"}");
  }

  @Test
  void anEventThatCannotBeMadeIsADeadLetterOnce() {
    restart(rules(rule(OVERDUE.replace("amount}", "x: 1 / (int(amount) - 1)}"))));
    payment(7, "PENDING", "1");
    now = now.plus(Duration.ofHours(1));

    assertThat(rules.elapse(now, memory)).singleElement().isInstanceOf(Outcome.Dead.class);
    assertThat(rules.elapse(now, memory)).isEmpty();
  }

  @Test
  void aChangedConditionBeginsAfresh() {
    payment(7, "PENDING", "9.90");
    restart(rules(rule(OVERDUE.replace("'PENDING'", "'NEW'"))));

    assertThat(memory.takeRestarted()).containsExactly("Overdue");
    assertThat(wait(Duration.ofHours(1))).isEmpty();
  }

  @Test
  void aConditionOfAnotherMeaningBeginsAfresh() {
    String late = OVERDUE.replace("while: status ==", "let: {late: status ==");
    late = late.replace("'PENDING'", "'PENDING'}\nwhile: late");
    restart(rules(rule(late)));
    payment(7, "PENDING", "9.90");
    restart(rules(rule(late)));
    assertThat(memory.takeRestarted()).isEmpty();
    restart(rules(rule(late.replace("'PENDING'", "'NEW'"))));

    assertThat(memory.takeRestarted()).containsExactly("Overdue");
    assertThat(wait(Duration.ofHours(1))).isEmpty();
  }

  @Test
  void anotherForHoldsForWhatIsPending() {
    payment(7, "PENDING", "9.90");
    payment(8, "PENDING", "9.90");
    wait(Duration.ofMinutes(20));
    restart(rules(rule(OVERDUE.replace("30m", "1h"))));
    assertThat(wait(Duration.ofMinutes(40).minusNanos(1000))).isEmpty();
    restart(rules(rule(OVERDUE.replace("30m", "10m"))));
    assertThat(wait(Duration.ZERO)).hasSize(2);

    assertThat(memory.takeRestarted()).isEmpty();
    assertThat(made).extracting(DomainEvent::time).containsOnly(TIME.plus(Duration.ofMinutes(10)));
  }

  @Test
  void itMustSeeEveryChangeOfItsTable() {
    assertThat(
            Objects.requireNonNull(rules.requirements().tables().get(PAYMENTS.id())).operations())
        .containsExactlyInAnyOrder(
            Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.TRUNCATE);
  }

  private List<String> payment(long id, String status, String amount) {
    Row row = row(PAYMENTS, id, 1L, status, "card", new BigDecimal(amount));
    return evaluate(new Change.Updated(origin(null), row, row));
  }

  private List<String> stock(long id, String price) {
    return evaluate(
        new Change.Updated(
            origin(null),
            row(STOCKS, id, Row.NOT_LOGGED, Row.NOT_LOGGED, Row.NOT_LOGGED),
            stockRow(id, price)));
  }

  private static Row stockRow(long id, String price) {
    return row(STOCKS, id, "ACME", new BigDecimal(price), null);
  }

  private List<String> evaluate(Change change) {
    return told(rules.evaluate(change, memory));
  }

  private List<String> wait(Duration time) {
    now = now.plus(time);
    return told(rules.elapse(now, memory));
  }

  private List<String> told(List<Outcome> outcomes) {
    List<DomainEvent> events =
        outcomes.stream().map(outcome -> ((Outcome.Event) outcome).event()).toList();
    made.addAll(events);
    return events.stream()
        .map(e -> e.type() + " " + e.key() + " " + new String(e.data().bytes(), UTF_8))
        .toList();
  }

  private void restart(RuleSet with) {
    memory
        .takeChanges()
        .forEach(
            (name, value) -> {
              if (value == null) {
                journal.remove(name);
              } else {
                journal.put(name, value);
              }
            });
    rules = with;
    memory = rules.recall(journal);
  }

  private Origin origin(@Nullable String backfill) {
    return new Origin(
        backfill == null ? 771 : 0, now, Position.parse("0/16B3748"), index++, backfill);
  }
}
