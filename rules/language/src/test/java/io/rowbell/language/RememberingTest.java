package io.rowbell.language;

import static io.rowbell.language.Shop.CATALOG;
import static io.rowbell.language.Shop.DATABASE;
import static io.rowbell.language.Shop.STOCKS;
import static io.rowbell.language.Shop.TIME;
import static io.rowbell.language.Shop.row;
import static io.rowbell.language.Shop.rule;
import static io.rowbell.language.Shop.rules;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules that decide by what they did before. */
class RememberingTest {
  private static final String MOVED =
      """
      event: Moved
      on: update stocks
      let: {move: "pct_change(last.price, price)"}
      when: abs(move) >= 5
      data: {price, previous: last.price, move}
      """;

  private static final String NOTED =
      """
      event: Noted
      on: update stocks
      when: last.note != note || price > 10
      data: {was: last.note, before: last.price}
      """;

  private static final String COOLING = "cooldown: 10m\nforget_after: 10m\ndata: {price}\n";

  private RuleSet rules = rules(rule(MOVED));
  private Memory memory = rules.recall(Map.of());
  private final Map<String, byte[]> journal = new HashMap<>();
  private Instant now = TIME;
  private int index;

  @Test
  void lastIsTheRowWhenTheRuleFiredLast() {
    assertThat(fired(insert(1, "100.00"))).isEmpty();
    assertThat(fired(update(1, "104.99"))).isEmpty();
    assertThat(fired(update(1, "105.00")))
        .containsExactly("{\"price\":105.00,\"previous\":100.00,\"move\":5}");
    assertThat(fired(update(1, "100.00"))).isEmpty();
    assertThat(fired(update(1, "99.75")))
        .containsExactly("{\"price\":99.75,\"previous\":105.00,\"move\":-5}");
  }

  @Test
  void aKeyIsSeededSilentlyAtFirstSightWhateverBringsIt() {
    assertThat(fired(update(1, "100"))).isEmpty();
    assertThat(fired(snapshot(2, "100"))).isEmpty();

    assertThat(fired(update(1, "110"))).hasSize(1);
    assertThat(fired(update(2, "110"))).hasSize(1);
    assertThat(fired(update(3, "110"))).isEmpty();
  }

  @Test
  void aRowOfASnapshotDoesNotReplaceWhatIsRemembered() {
    fired(insert(1, "100"));
    fired(snapshot(1, "110"));

    assertThat(fired(update(1, "106"))).hasSize(1);
  }

  @Test
  void aDeletedRowIsForgotten() {
    fired(insert(1, "100"));
    fired(new Change.Deleted(origin(null), row(STOCKS, 1L, null, null, null)));
    assertThat(memory.size()).isZero();

    assertThat(fired(insert(1, "200"))).isEmpty();
    assertThat(fired(update(1, "201"))).isEmpty();
  }

  @Test
  void aDeletedRowIsForgottenAlsoWhereItsEventCannotBeMade() {
    restart(
        rules(
            rule(
                """
                event: Moved
                on: update or delete stocks
                when: last.price != price
                data: {share: 100 / (price - 7)}
                """)));
    fired(insert(1, "100"));
    assertThat(memory.size()).isEqualTo(1);

    Change gone =
        new Change.Deleted(origin(null), row(STOCKS, 1L, "ACME", new BigDecimal("7"), null));
    assertThat(rules.evaluate(gone, memory)).hasOnlyElementsOfType(Outcome.Dead.class).hasSize(1);
    assertThat(memory.size()).isZero();
  }

  @Test
  void theRowsOfATruncatedTableAreForgotten() {
    fired(insert(1, "100"));
    fired(insert(2, "100"));
    fired(new Change.Truncated(origin(null), STOCKS));
    assertThat(memory.size()).isZero();
    restart(rules);
    assertThat(journal).isEmpty();

    assertThat(fired(insert(1, "200"))).isEmpty();
    assertThat(fired(update(1, "201"))).isEmpty();
    assertThat(fired(update(1, "300"))).hasSize(1);
  }

  @Test
  void whereTheKeyIsAnotherTheRowsThatAreGoneAreNotForgotten() {
    restart(rules(rule(MOVED + "key: symbol\n")));
    assertThat(operations(rules)).containsExactlyInAnyOrder(Operation.INSERT, Operation.UPDATE);
    fired(insert(1, "100"));
    fired(new Change.Deleted(origin(null), stock(1, "100")));
    fired(new Change.Truncated(origin(null), STOCKS));

    assertThat(fired(update(2, "110"))).hasSize(1);
  }

  /** Unchanged large values are not logged, and the first change of a row may be such a one. */
  @Test
  void aValueThatTheFirstChangeDidNotLogIsTheFirstOneThatIs() {
    restart(rules(rule(NOTED)));
    assertThat(fired(noted("1", Row.NOT_LOGGED))).isEmpty();
    assertThat(fired(noted("2", Row.NOT_LOGGED))).isEmpty();
    assertThat(fired(noted("3", "a"))).isEmpty();
    assertThat(fired(noted("4", Row.NOT_LOGGED))).isEmpty();
    restart(rules);

    assertThat(fired(noted("5", "b"))).containsExactly("{\"was\":\"a\",\"before\":1}");
  }

  @Test
  void aValueThatWasNotLoggedWhenTheRuleFiredIsNotKnown() {
    restart(rules(rule(NOTED)));
    fired(noted("1", "a"));
    assertThat(fired(noted("11", Row.NOT_LOGGED))).containsExactly("{\"was\":\"a\",\"before\":1}");
    assertThat(fired(noted("2", "c"))).isEmpty();
    assertThat(fired(noted("12", "d"))).containsExactly("{\"before\":11}");
  }

  @Test
  void whatIsRememberedGoesOnFromTheJournal() {
    fired(insert(1, "100"));
    fired(insert(2, "100"));
    fired(update(2, "110"));
    restart(rules);

    assertThat(fired(update(1, "105")))
        .containsExactly("{\"price\":105,\"previous\":100,\"move\":5}");
    assertThat(fired(update(2, "112"))).isEmpty();
    assertThat(memory.takeRestarted()).isEmpty();
  }

  @Test
  void whatWasNotAppendedIsNotRemembered() {
    fired(insert(1, "100"));
    memory = rules.recall(journal);

    assertThat(fired(update(1, "110"))).isEmpty();
  }

  @Test
  void anotherThresholdKeepsTheMemoryAndAnotherColumnDoesNot() {
    fired(insert(1, "100"));
    restart(rules(rule(MOVED.replace(">= 5", ">= 3"))));
    assertThat(fired(update(1, "103"))).hasSize(1);
    assertThat(memory.takeRestarted()).isEmpty();

    restart(rules(rule(MOVED.replace("data: {", "data: {symbol: last.symbol, "))));
    assertThat(memory.takeRestarted()).containsExactly("Moved");
    assertThat(fired(update(1, "200"))).isEmpty();
    restart(rules(rule(MOVED)));
    append();
    assertThat(journal).isEmpty();
  }

  @Test
  void aKeyOfAnotherMeaningBeginsAfresh() {
    String keyed = MOVED.replace("let: {", "let: {k: \"'a' + symbol\", ") + "key: k\n";
    restart(rules(rule(keyed)));
    fired(insert(1, "100"));
    restart(rules(rule(keyed.replace(">= 5", ">= 3"))));
    assertThat(memory.takeRestarted()).isEmpty();
    restart(rules(rule(keyed.replace("'a' +", "'b' +"))));
    assertThat(memory.takeRestarted()).containsExactly("Moved");
  }

  @Test
  void theMemoryOfARuleThatIsGoneIsForgotten() {
    fired(insert(1, "100"));
    restart(rules(rule("event: Other\non: insert users\ndata: {id}")));

    assertThat(memory.takeRestarted()).containsExactly("Moved");
    append();
    assertThat(journal).isEmpty();
  }

  @Test
  void entriesOfOthersAreLeftAlone() {
    journal.put("postgres/timeline", new byte[] {1});
    restart(rules);
    append();

    assertThat(journal).containsOnlyKeys("postgres/timeline");
  }

  @Test
  void aKeyForWhichTheRuleDoesNotFireIsForgottenInTime() {
    rules = rules(rule(MOVED + "forget_after: 30d\n"));
    memory = rules.recall(Map.of());
    fired(insert(1, "100"));
    now = now.plus(Duration.ofDays(20));
    fired(insert(2, "100"));
    now = now.plus(Duration.ofDays(10));
    fired(update(3, "100"));
    assertThat(memory.size()).isEqualTo(3);

    now = now.plusNanos(1000);
    fired(update(3, "100"));

    assertThat(memory.size()).isEqualTo(2);
    assertThat(fired(update(1, "200"))).isEmpty();
    assertThat(fired(update(2, "200"))).hasSize(1);
  }

  @Test
  void theOldestAreForgottenFirstAfterARestartToo() {
    for (int id = 1; id <= 50; id++) {
      fired(insert(id, "100"));
      now = now.plusSeconds(1);
    }
    restart(rules);
    now = TIME.plus(Duration.ofDays(90)).plusSeconds(10);
    fired(insert(99, "1"));

    assertThat(memory.size()).isEqualTo(41);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void commitsOutOfTheOrderOfTheirTimesAreForgottenAtTheSameChangeAfterARestart(boolean restarted) {
    restart(rules(rule(MOVED + "forget_after: 30d\n")));
    now = TIME.plusSeconds(5);
    fired(insert(1, "100"));
    now = TIME;
    fired(insert(2, "100"));
    if (restarted) {
      restart(rules);
    }
    now = TIME.plus(Duration.ofDays(30)).plusSeconds(1);

    assertThat(fired(update(2, "200"))).isEmpty();
    assertThat(fired(update(1, "200"))).hasSize(1);
  }

  @Test
  void aRuleThatHasFiredKeepsStillForItsCooldown() {
    restart(
        rules(
            rule(
                "event: High\non: update stocks\nwhen: price > 10\ncooldown: 10m\ndata: {price}")));

    assertThat(fired(update(1, "11"))).hasSize(1);
    assertThat(fired(update(2, "11"))).hasSize(1);
    now = now.plus(Duration.ofMinutes(10)).minusNanos(1000);
    assertThat(fired(update(1, "12"))).isEmpty();
    restart(rules);
    assertThat(fired(update(1, "12"))).isEmpty();
    now = now.plusNanos(1000);
    assertThat(fired(update(1, "13"))).hasSize(1);
    assertThat(memory.size()).isEqualTo(2);
    now = now.plus(Duration.ofHours(1));
    assertThat(fired(update(3, "1"))).isEmpty();
    assertThat(memory.size()).isZero();
  }

  /** Commits do not come in the order of their times. */
  @ParameterizedTest
  @ValueSource(strings = {"event: High\non: update stocks\nwhen: price > 10\n", NOTED})
  void aCooldownHoldsForACommitThatComesAfterALaterOne(String rule) {
    restart(rules(rule(rule.replaceAll("data: .*\n", "") + COOLING)));
    fired(insert(1, "1"));
    assertThat(fired(update(1, "11"))).hasSize(1);
    now = now.plus(Duration.ofMinutes(10)).plusMillis(1);
    fired(update(2, "1"));
    now = now.minusMillis(2);
    assertThat(fired(update(1, "12"))).isEmpty();
    now = now.plusMillis(1);
    assertThat(fired(update(1, "13"))).hasSize(1);
  }

  @Test
  void cooldownAndLastTogether() {
    restart(rules(rule(MOVED + "cooldown: 10m\n")));
    fired(insert(1, "100"));
    assertThat(fired(update(1, "105"))).hasSize(1);
    now = now.plusSeconds(60);
    assertThat(fired(update(1, "120"))).isEmpty();
    now = now.plusSeconds(600);
    assertThat(fired(update(1, "105"))).isEmpty();
    assertThat(fired(update(1, "111")))
        .containsExactly(
            "{\"price\":111,\"previous\":105,\"move\":5.714285714285714285714285714285714}");
  }

  @Test
  void aRuleThatFailsRemembersNothingOfIt() {
    restart(rules(rule(MOVED.replace("move}", "move, x: 10 / (int(price) - 110)}"))));
    fired(insert(1, "100"));
    assertThat(rules.evaluate(update(1, "110"), memory))
        .singleElement()
        .isInstanceOf(Outcome.Dead.class);

    assertThat(fired(update(1, "108"))).hasSize(1);
  }

  @Test
  void aChangeThatIsOnlyLookedAtAndHasNoKeyIsNoKeyOfItsOwn() {
    restart(rules(rule(MOVED + "key: string(100 / int(price))\n")));
    fired(insert(1, "0"));

    assertThat(memory.size()).isZero();
  }

  @Test
  void rulesWithMemorySeeMoreThanTheyListenTo() {
    assertThat(operations(rules))
        .containsExactlyInAnyOrder(
            Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.TRUNCATE);
    RuleSet cooling = rules(rule("event: A\non: insert stocks\ncooldown: 1m\ndata: {id}"));
    assertThat(operations(cooling)).containsExactly(Operation.INSERT);
  }

  @Test
  void anAddedColumnKeepsTheMemory() {
    fired(insert(1, "100"));
    RuleCompiler compiler =
        new RuleCompiler(List.of(new RuleFile("r", rule(MOVED))), DATABASE, null);
    var wider =
        Shop.table(
            "public.stocks",
            "DEFAULT",
            "more text",
            "id! int8",
            "symbol text",
            "price numeric",
            "note text");
    RuleSet altered = compiler.compile(CATALOG.with(wider)).orThrow();
    Row after = row(wider, null, 1L, "ACME", new BigDecimal("105"), null);

    assertThat(altered.evaluate(new Change.Updated(origin(null), after, after), memory)).hasSize(1);
  }

  private static Set<Operation> operations(RuleSet of) {
    return Objects.requireNonNull(of.requirements().tables().get(STOCKS.id())).operations();
  }

  private List<String> fired(Change change) {
    return rules.evaluate(change, memory).stream()
        .map(outcome -> new String(((Outcome.Event) outcome).event().data().bytes(), UTF_8))
        .toList();
  }

  private void append() {
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
  }

  private void restart(RuleSet with) {
    append();
    rules = with;
    memory = rules.recall(journal);
  }

  private Change insert(long id, String price) {
    return new Change.Inserted(origin(null), stock(id, price));
  }

  private Change snapshot(long id, String price) {
    return new Change.Inserted(origin("b1"), stock(id, price));
  }

  private Change update(long id, String price) {
    Row before = row(STOCKS, id, Row.NOT_LOGGED, Row.NOT_LOGGED, Row.NOT_LOGGED);
    return new Change.Updated(origin(null), before, stock(id, price));
  }

  private Change noted(String price, Object note) {
    Row before = row(STOCKS, 1L, Row.NOT_LOGGED, Row.NOT_LOGGED, Row.NOT_LOGGED);
    Row after = row(STOCKS, 1L, "ACME", new BigDecimal(price), note);
    return new Change.Updated(origin(null), before, after);
  }

  private static Row stock(long id, String price) {
    return row(STOCKS, id, "ACME", new BigDecimal(price), Row.NOT_LOGGED);
  }

  private Origin origin(@Nullable String backfill) {
    return new Origin(
        backfill == null ? 771 : 0, now, Position.parse("0/16B3748"), index++, backfill);
  }
}
