package io.rowbell.language;

import static io.rowbell.language.Shop.DATABASE;
import static io.rowbell.language.Shop.STOCKS;
import static io.rowbell.language.Shop.TIME;
import static io.rowbell.language.Shop.inserted;
import static io.rowbell.language.Shop.origin;
import static io.rowbell.language.Shop.row;
import static io.rowbell.language.Shop.rule;
import static io.rowbell.language.Shop.rules;
import static io.rowbell.language.Shop.updated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import io.rowbell.model.Row;
import io.rowbell.model.UnreadableValueException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A rule that cannot be evaluated. */
class RuleFailureTest {
  private final RuntimeException unreadable =
      new UnreadableValueException(
          "column 'note' of public.stocks holds a kind of value we cannot read");

  @Test
  void aFailureIsADeadLetterThatTellsTheRowByItsKeyOnly() {
    RuleSet rules = rules(rule("event: A\non: insert stocks\ndata: {id}\nto: \"{symbol}\""));

    assertThat(rules.evaluate(inserted(STOCKS, 7L, null, BigDecimal.ONE, "secret"), new Memory()))
        .containsExactly(
            new Outcome.Dead(
                new DeadLetter(
                    EventId.of(DATABASE, origin(), "A", 0),
                    null,
                    "A",
                    "public.stocks",
                    "7",
                    TIME,
                    "X409",
                    letter(rules, inserted(STOCKS, 7L, null, BigDecimal.ONE, "x")).reason(),
                    EventData.ofJson(
                        "{\"op\":\"insert\",\"position\":\"0/16B3748\",\"rule\":\"A\","
                            + "\"table\":\"public.stocks\",\"xid\":\"771\",\"key\":\"7\"}"))));
    assertThat(rules.counters().get(0).failed()).isEqualTo(2);
    assertThat(rules.counters().get(0).fired()).isZero();
  }

  @Test
  void oneRuleThatFailsDoesNotStopTheOthers() {
    RuleSet rules =
        rules(
            """
            rules: v1
            defaults: {on_error: skip}
            triggers:
              - {event: Skipped, on: insert stocks, key: 1 / (id - id), data: {id}}
              - {event: Halted, on: insert stocks, key: 1 / (id - id), data: {id}, on_error: halt}
              - {event: Dead, on: insert stocks, key: 1 / (id - id), data: {id}, on_error: dlq}
              - {event: Fine, on: insert stocks, data: {id}}
            """);

    List<Outcome> outcomes = rules.evaluate(inserted(STOCKS, 7L, "ACME", null, null), new Memory());

    assertThat(outcomes).hasSize(3);
    assertThat(outcomes.get(0))
        .isInstanceOfSatisfying(
            Outcome.Halt.class,
            halt -> {
              assertThat(halt.rule()).isEqualTo("Halted");
              assertThat(halt.code()).isEqualTo("X404");
            });
    assertThat(outcomes.get(1))
        .isInstanceOfSatisfying(
            Outcome.Dead.class,
            dead -> {
              assertThat(dead.letter().rule()).isEqualTo("Dead");
              assertThat(dead.letter().key()).isNull();
            });
    assertThat(outcomes.get(2)).isInstanceOf(Outcome.Event.class);
    assertThat(rules.counters()).extracting(RuleCounter::failed).containsExactly(1L, 1L, 1L, 0L);
  }

  /** Whoever may write a text must not be able to stop the pipeline with it. */
  @ParameterizedTest
  @MethodSource("endlessTexts")
  void aTextWithoutEndIsNoDuration(String text) {
    RuleSet rules = rules(rule("event: A\non: insert stocks\ndata: {span: duration(symbol)}"));

    List<Outcome> outcomes =
        assertTimeoutPreemptively(
            Duration.ofSeconds(10),
            () -> rules.evaluate(inserted(STOCKS, 7L, text, null, null), new Memory()));

    assertThat(outcomes)
        .singleElement()
        .isInstanceOfSatisfying(
            Outcome.Dead.class, dead -> assertThat(dead.letter().code()).isEqualTo("X405"));
  }

  static Stream<String> endlessTexts() {
    return Stream.of("1s".repeat(100_000), "9".repeat(5_000_000) + "d", "P1" + "Y".repeat(100_000));
  }

  @Test
  void aValueThatCannotBeReadFailsTheRulesThatReadIt() {
    var stocks =
        Shop.table(
            "public.stocks", "FULL", "id! int8", "symbol text", "price numeric", "note text");
    RuleSet rules =
        new RuleCompiler(
                List.of(
                    new RuleFile(
                        "f",
                        """
                        rules: v1
                        triggers:
                          - {event: Listed, on: update stocks(note), data: {id}}
                          - {event: Read, on: update stocks, data: {note}}
                          - {event: Not, on: update stocks(price), data: {id}}
                          - {event: Fine, on: update stocks, data: {id}}
                        """)),
                DATABASE,
                null)
            .compile(Shop.catalog(stocks))
            .orThrow();
    Row before = row(stocks, 1L, "ACME", BigDecimal.ONE, "old");
    Row after = row(stocks, 1L, "ACME", BigDecimal.ONE, unreadable);

    List<Outcome> outcomes = rules.evaluate(updated(before, after), new Memory());

    assertThat(outcomes)
        .map(
            outcome ->
                outcome instanceof Outcome.Dead dead
                    ? dead.letter().rule()
                        + " "
                        + dead.letter().code()
                        + " "
                        + dead.letter().reason()
                    : ((Outcome.Event) outcome).event().type())
        .containsExactly(
            "Listed X411 " + unreadable.getMessage(),
            "Read X411 " + unreadable.getMessage(),
            "Fine");
  }

  @Test
  void anUnforeseenExceptionIsAFailureWithoutItsMessage() {
    RuleSet rules = rules(rule("event: A\non: insert stocks\ndata: {note}"));

    DeadLetter letter =
        letter(rules, inserted(STOCKS, 1L, "x", null, new IllegalArgumentException("secret")));

    assertThat(letter.code()).isEqualTo("X400");
    assertThat(letter.reason())
        .startsWith("the evaluator failed: IllegalArgumentException at ")
        .doesNotContain("secret");
  }

  @Test
  void aKeyAnIdOrDataWithoutAValueFails() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - {event: Key, on: update stocks, key: note, data: {id}}
              - {event: Id, on: update stocks, id: symbol, data: {id}}
              - {event: Data, on: update stocks, data: note}
              - {event: NoKey, on: update stocks, key: symbol, data: symbol}
            """);
    Row before = row(STOCKS, 1L, Row.NOT_LOGGED, Row.NOT_LOGGED, Row.NOT_LOGGED);
    Row after = row(STOCKS, 1L, null, null, Row.NOT_LOGGED);

    List<Outcome> outcomes = rules.evaluate(updated(before, after), new Memory());

    assertThat(outcomes.subList(0, 3))
        .map(outcome -> ((Outcome.Dead) outcome).letter())
        .map(letter -> letter.rule() + " " + letter.code() + " " + letter.reason())
        .containsExactly(
            "Key X410 the key depends on a value that PostgreSQL did not log",
            "Id X410 the id is null",
            "Data X410 the data depends on a value that PostgreSQL did not log");
    assertThat(outcomes.get(3))
        .isInstanceOfSatisfying(
            Outcome.Event.class,
            event -> {
              assertThat(event.event().key()).isNull();
              assertThat(event.event().data()).hasToString("null");
            });
  }

  private static DeadLetter letter(RuleSet rules, Change change) {
    return ((Outcome.Dead) rules.evaluate(change, new Memory()).get(0)).letter();
  }
}
