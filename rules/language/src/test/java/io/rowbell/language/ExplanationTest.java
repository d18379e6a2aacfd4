package io.rowbell.language;

import static io.rowbell.language.Shop.PAYMENTS;
import static io.rowbell.language.Shop.STOCKS;
import static io.rowbell.language.Shop.TIME;
import static io.rowbell.language.Shop.USERS;
import static io.rowbell.language.Shop.row;
import static io.rowbell.language.Shop.rule;
import static io.rowbell.language.Shop.rules;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.Explanation.Reason;
import io.rowbell.language.Explanation.Verdict;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.DomainEvent;
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
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Why a rule fired, or did not. */
class ExplanationTest {
  private static final String MOVED =
      """
      event: StockPriceMoved
      on: update stocks
      let: {move: "pct_change(last.price, price)"}
      when: abs(move) >= vars.pct
      cooldown: 10m
      data: {symbol, price, previous: last.price}
      """;
  private static final String CAPTURED =
      """
      event: Captured
      on: insert or update payments(status)
      when: before.status == 'AUTHORIZED' && (status == 'CAPTURED' || amount > 100) && method != 'x'
      key: order_id
      to: payments.{method}
      data: {id, amount}
      """;
  private static final String OVERDUE =
      """
      event: Overdue
      on: payments
      while: status == 'PENDING'
      until: status == 'PAID'
      for: 30m
      resolved: Paid
      data: {id}
      """;

  private RuleSet rules = rules(moved());
  private Memory memory = rules.recall(Map.of());
  private final Map<String, byte[]> journal = new HashMap<>();
  private Instant now = TIME;

  private static String moved() {
    return rule(MOVED).replace("rules: v1\n", "rules: v1\nvars: {pct: 5}\n");
  }

  @Test
  void aConditionIsShownWithWhatItComparedAndWhatItRead() {
    feed(stock("100.00"));
    now = now.plusSeconds(60);

    assertThat(explain("StockPriceMoved", stock("104.99")).text())
        .isEqualTo(
            """
            StockPriceMoved: not fired for stocks id=1 at 0/16B3748
              abs(move) >= vars.pct   false   4.99 >= 5
                move = 4.99   last.price = 100.00 (first seen 2026-11-20T10:15:30.123456Z)   price = 104.99   vars.pct = 5
            """);
  }

  @Test
  void whatFiredIsShownWithItsEvent() {
    feed(stock("100.00"));

    Explanation explanation = explain("StockPriceMoved", stock("105.00"));

    assertThat(explanation.verdict()).isEqualTo(Verdict.FIRED);
    DomainEvent made = explanation.made().get(0);
    assertThat(explanation.text())
        .isEqualTo(
            """
            StockPriceMoved: fired for stocks id=1 at 0/16B3748
              abs(move) >= vars.pct   true    5 >= 5
                move = 5   last.price = 100.00 (first seen 2026-11-20T10:15:30.123456Z)   price = 105.00   vars.pct = 5
              event StockPriceMoved   topic rowbell.stocks   key 1   id %s
                {"symbol":"ACME","price":105.00,"previous":100.00}
            """
                .formatted(made.id()));
    assertThat(feed(stock("105.00"))).containsExactly(made);
  }

  @Test
  void theFirstChangeOfAKeyAndTheCooldownAreReasons() {
    Explanation first = explain("StockPriceMoved", stock("100.00"));
    assertThat(first.reason()).isEqualTo(Reason.FIRST_SEEN);
    assertThat(first.text())
        .isEqualTo(
            """
            StockPriceMoved: not fired for stocks id=1 at 0/16B3748
              the first change of this key is remembered, and does not fire
            """);

    feed(stock("100.00"));
    feed(stock("110.00"));
    now = now.plus(Duration.ofMinutes(9));
    Explanation silent = explain("StockPriceMoved", stock("130.00"));
    assertThat(silent.reason()).isEqualTo(Reason.COOLDOWN);
    assertThat(silent.because()).isEqualTo("cooldown until 2026-11-20T10:25:30.123456Z");
  }

  @Test
  void whatTheRuleDoesNotListenToIsSaid() {
    use(rule(CAPTURED));

    assertThat(explain("Captured", stock("1")).because())
        .isEqualTo("it listens to public.payments");
    assertThat(explain("Captured", Shop.deleted(PAYMENTS, 7L, 3L, "A", "card", null)).because())
        .isEqualTo("it listens to insert or update, and this is delete");
    assertThat(explain("Captured", paid("PENDING", "PENDING", "200")).because())
        .isEqualTo("none of the listed columns differs: status");
  }

  @Test
  void eachConjunctIsALineAndTheDecidingOnesAreNamed() {
    use(rule(CAPTURED));

    Explanation explanation = explain("Captured", paid("AUTHORIZED", "VOID", "20.00"));

    assertThat(explanation.because()).isEqualTo("status == 'CAPTURED' || amount > 100 is false");
    assertThat(explanation.text())
        .isEqualTo(
            """
            Captured: not fired for payments id=7 at 0/16B3748
              before.status == 'AUTHORIZED'          true    'AUTHORIZED' == 'AUTHORIZED'
                before.status = 'AUTHORIZED'
              status == 'CAPTURED' || amount > 100   false
                status == 'CAPTURED'                 false   'VOID' == 'CAPTURED'
                  status = 'VOID'
                amount > 100                         false   20.00 > 100
                  amount = 20.00
              method != 'x'                          true    'card' != 'x'
                method = 'card'
            """);
  }

  @Test
  void aFailureIsSaidWithWhatBecomesOfTheChange() {
    use(
        rule(
            """
            event: Ratio
            on: update stocks
            when: 100 / price > 1
            on_error: skip
            data: {id}
            """));

    Explanation explanation = explain("Ratio", stock("0"));

    assertThat(explanation.verdict()).isEqualTo(Verdict.FAILED);
    assertThat(explanation.because())
        .isEqualTo("X404 division by zero; on_error: skip, it is skipped");
    assertThat(explanation.text()).contains("100 / price > 1   failed  X404 division by zero");
  }

  @Test
  void theStateThatARuleWaitsForIsShown() {
    use(rule(OVERDUE));
    Explanation none = explain("Overdue", paid("A", "B", "1"));
    assertThat(none.reason()).isEqualTo(Reason.CONDITION);
    assertThat(none.text())
        .isEqualTo(
            """
            Overdue: not fired for payments id=7 at 0/16B3748
              while
                status == 'PENDING'   false   'B' == 'PENDING'
                  status = 'B'
            """);

    assertThat(explain("Overdue", paid("A", "PENDING", "1")).because())
        .isEqualTo("pending from now on: due at 2026-11-20T10:45:30.123456Z if it lasts");
    feed(paid("A", "PENDING", "1"));
    now = now.plus(Duration.ofMinutes(29));
    assertThat(explain("Overdue", paid("PENDING", "PENDING", "2")).because())
        .isEqualTo(
            "pending since 2026-11-20T10:15:30.123456Z: due at 2026-11-20T10:45:30.123456Z if it"
                + " lasts");
    assertThat(explain("Overdue", paid("PENDING", "PAID", "2")).because())
        .isEqualTo("pending since 2026-11-20T10:15:30.123456Z, and over before it had lasted 30m");
    now = now.plus(Duration.ofMinutes(2));
    Explanation late = explain("Overdue", paid("PENDING", "PENDING", "3"));
    Explanation lasted = explained("Overdue", paid("PENDING", "PENDING", "3")).get(0);
    assertThat(lasted.made()).extracting(DomainEvent::type).containsExactly("Overdue");
    assertThat(lasted.text())
        .startsWith(
            """
            Overdue: fired for payments key=7 at 2026-11-20T10:45:30.123456Z
              pending since 2026-11-20T10:15:30.123456Z, and has lasted 30m
              event Overdue   topic rowbell.payments   key 7   id\s""");
    assertThat(late.because())
        .isEqualTo(
            "active since 2026-11-20T10:15:30.123456Z: the next event comes after it has ended");
    Explanation over = explain("Overdue", paid("PENDING", "PAID", "3"));
    assertThat(over.made()).extracting(DomainEvent::type).containsExactly("Paid");
    assertThat(over.conditions().get(0).word()).isEqualTo("until");
  }

  @Test
  void aPrivateKeyIsNotShown() {
    use(
        "private: [stocks.id]\n"
            + rule("{event: Any, on: update stocks, key: symbol, when: id == 1, data: {symbol}}"));

    String text = explain("Any", stock("77.00")).text();

    assertThat(text).contains("stocks id=(private)").contains("(private) == 1");
  }

  @Test
  void aProgramReadsItAsJson() {
    use(rule("{event: Gone, on: update users, when: plan == 'free', data: {id}}"));
    Change change =
        Shop.updated(row(USERS, 1L, null, null, null), row(USERS, 1L, null, Row.NOT_LOGGED, null));

    assertThat(explain("Gone", change).json())
        .isEqualTo(
            "{\"rule\":\"Gone\",\"verdict\":\"not_fired\",\"reason\":\"condition\",\"because\":"
                + "\"plan == 'free' is (not logged)\",\"change\":{\"row\":\"users id=1\",\"op\":"
                + "\"update\",\"position\":\"0/16B3748\",\"time\":\"2026-11-20T10:15:30.123456Z\","
                + "\"key\":\"1\"},\"conditions\":[{\"label\":\"when\",\"text\":\"plan == 'free'\","
                + "\"state\":\"not_logged\",\"detail\":\"(not logged) == 'free'\",\"values\":["
                + "{\"name\":\"plan\",\"state\":\"not_logged\",\"source\":\"column\"}]}],"
                + "\"made\":[]}");
  }

  @Test
  void aWindowIsReadWithTheChange() {
    use(
        rule(
            """
            event: Often
            on: update stocks
            when: count_over(price > 5, '1m') >= 2
            data: {id}
            """));
    feed(stock("6"));

    assertThat(explain("Often", stock("4")).text())
        .contains("count_over(price > 5, '1m') >= 2   false   1 >= 2\n")
        .contains("    count_over(price > 5, '1m') = 1\n");
    assertThat(explain("Often", stock("7")).verdict()).isEqualTo(Verdict.FIRED);
  }

  /** Whatever comes, an explanation says of each rule what the rule does. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anExplanationSaysWhatTheRuleThenDoes(long seed) {
    use(
        rule(MOVED.replace("vars.pct", "5")),
        rule(CAPTURED),
        rule(OVERDUE),
        rule("{event: Up, on: insert or update payments, when: becomes(amount > 5), data: row}"),
        rule(
            "{event: Ratio, on: update payments, when: 9 / amount > 2, on_error: skip, data: {id}}"),
        rule(
            "{event: Often, on: update payments, when: \"count_over(amount > 5, '20m') >= 3\","
                + " data: {id}}"),
        rule(
            "{event: Level, on: payments, while: \"avg_over(amount, '30m') > 5.0\", for: 9m,"
                + " data: {id}}"),
        rule("{event: At, on: payments, while: amount > 5, resolved: Below, data: {amount}}"));
    Random random = new Random(seed);
    int fired = 0;
    for (int i = 0; i < 400; i++) {
      now = now.plusSeconds(random.nextInt(600));
      Change change = random(random);
      List<DomainEvent> said =
          rules.counters().stream()
              .flatMap(counter -> explained(counter.rule(), change).stream())
              .flatMap(each -> each.made().stream())
              .toList();
      List<DomainEvent> made = feed(change);
      assertThat(said).as("change %s", i).containsExactlyInAnyOrderElementsOf(made);
      fired += made.size();
    }
    assertThat(fired).isGreaterThan(50);
  }

  private Change random(Random random) {
    List<String> states = List.of("AUTHORIZED", "CAPTURED", "PENDING", "PAID");
    String amount = String.valueOf(random.nextInt(10));
    return switch (random.nextInt(5)) {
      case 0 -> stock(String.valueOf(95 + random.nextInt(15)));
      case 1 -> new Change.Inserted(origin(), payment("PENDING", amount));
      case 2 -> new Change.Deleted(origin(), payment("PAID", amount));
      default ->
          new Change.Updated(
              origin(),
              payment(states.get(random.nextInt(4)), String.valueOf(random.nextInt(10))),
              payment(states.get(random.nextInt(4)), amount));
    };
  }

  private void use(String... files) {
    rules = rules(files);
    memory = rules.recall(Map.of());
    journal.clear();
  }

  private Explanation explain(String rule, Change change) {
    List<Explanation> all = explained(rule, change);
    return all.get(all.size() - 1);
  }

  /** What was due before it, too. */
  private List<Explanation> explained(String rule, Change change) {
    Explanations why = Explanations.of(rule);
    Memory copy = rules.recall(journal);
    List<Outcome> unused = why.noting(() -> rules.transaction(List.of(change), copy));
    return why.take();
  }

  private List<DomainEvent> feed(Change change) {
    List<DomainEvent> events =
        rules.transaction(List.of(change), memory).stream()
            .filter(Outcome.Event.class::isInstance)
            .map(outcome -> ((Outcome.Event) outcome).event())
            .toList();
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
    return events;
  }

  private Origin origin() {
    return new Origin(771, now, Position.parse("0/16B3748"), 0, null);
  }

  private Change stock(String price) {
    Row before = row(STOCKS, 1L, Row.NOT_LOGGED, Row.NOT_LOGGED, Row.NOT_LOGGED);
    return new Change.Updated(origin(), before, row(STOCKS, 1L, "ACME", decimal(price), null));
  }

  private Change paid(String from, String to, String amount) {
    return new Change.Updated(origin(), payment(from, amount), payment(to, amount));
  }

  private static Row payment(String status, String amount) {
    return row(PAYMENTS, 7L, 3L, status, "card", decimal(amount));
  }

  private static BigDecimal decimal(String text) {
    return new BigDecimal(Objects.requireNonNull(text));
  }
}
