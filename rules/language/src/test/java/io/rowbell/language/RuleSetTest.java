package io.rowbell.language;

import static io.rowbell.language.Shop.CATALOG;
import static io.rowbell.language.Shop.CODES;
import static io.rowbell.language.Shop.DATABASE;
import static io.rowbell.language.Shop.LINES;
import static io.rowbell.language.Shop.LOG;
import static io.rowbell.language.Shop.ODD;
import static io.rowbell.language.Shop.OUTBOX;
import static io.rowbell.language.Shop.PAYMENTS;
import static io.rowbell.language.Shop.STOCKS;
import static io.rowbell.language.Shop.TIME;
import static io.rowbell.language.Shop.USERS;
import static io.rowbell.language.Shop.deleted;
import static io.rowbell.language.Shop.inserted;
import static io.rowbell.language.Shop.message;
import static io.rowbell.language.Shop.origin;
import static io.rowbell.language.Shop.read;
import static io.rowbell.language.Shop.row;
import static io.rowbell.language.Shop.rule;
import static io.rowbell.language.Shop.rules;
import static io.rowbell.language.Shop.updated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import io.rowbell.model.Json;
import io.rowbell.model.Row;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What rules make of changes. */
class RuleSetTest {
  private static final Object NOT_LOGGED = Row.NOT_LOGGED;

  @Test
  void anInsertedRowBecomesACompleteEvent() {
    RuleSet rules =
        rules(rule("event: UserRegistered\non: insert users\ndata: {id, email, p: plan}"));

    assertThat(rules.evaluate(inserted(USERS, 7L, "ann@example.com", "pro", null), new Memory()))
        .containsExactly(
            new Outcome.Event(
                new DomainEvent(
                    EventId.of(DATABASE, origin(), "UserRegistered", 0),
                    "/rowbell/shop/public.users",
                    "UserRegistered",
                    1,
                    "7",
                    TIME,
                    "rowbell.users",
                    Map.of(
                        "table",
                        "public.users",
                        "op",
                        "insert",
                        "position",
                        "0/16B3748",
                        "xid",
                        "771",
                        "rule",
                        "UserRegistered"),
                    EventData.ofJson("{\"id\":7,\"email\":\"ann@example.com\",\"p\":\"pro\"}"))));
  }

  @Test
  void otherTablesAndOperationsCostNothing() {
    RuleSet rules = rules(rule("event: A\non: insert or delete users\ndata: {id}"));

    assertThat(rules.evaluate(inserted(STOCKS, 1L, "ACME", null, null), new Memory()))
        .isSameAs(List.of());
    assertThat(
            rules.evaluate(
                updated(row(USERS, 1L, null, null, null), row(USERS, 1L, "x", null, null)),
                new Memory()))
        .isSameAs(List.of());
    assertThat(rules.evaluate(message("users", ""), new Memory())).isSameAs(List.of());
    assertThat(rules.counters().get(0).evaluated()).isZero();
  }

  @Test
  void allRulesOfATableAreAskedInTheOrderOfTheFiles() {
    RuleSet rules =
        rules(
            rule("event: B\non: insert users\ndata: {id}"),
            rule("event: A\non: insert users\ndata: {id}"));

    assertThat(types(rules, inserted(USERS, 1L, null, null, null))).containsExactly("B", "A");
  }

  @Test
  void snapshotRowsFireOnlyRulesThatNameSnapshot() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - {event: Registered, on: insert users, data: row}
              - {event: Known, on: snapshot or insert users, data: row}
            """);

    assertThat(types(rules, inserted(USERS, 1L, null, null, null)))
        .containsExactly("Registered", "Known");
    Change seen = read("initial", USERS, 1L, null, null, null);
    assertThat(types(rules, seen)).containsExactly("Known");
    DomainEvent event = events(rules, seen).get(0);
    assertThat(event.id())
        .isEqualTo(EventId.ofSnapshotRow(DATABASE, "initial", USERS.id(), "1", "Known", 0));
    assertThat(event.extensions())
        .containsEntry("op", "snapshot")
        .containsEntry("backfill", "initial")
        .doesNotContainKey("xid");
  }

  @Test
  void anUpdateCountsOnlyIfAListedColumnDiffers() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - {event: Moved, on: "insert or update payments(status, amount)", data: {id}}
              - {event: Any, on: update payments, data: {id}}
              - {event: Method, on: update payments(method), data: {id}}
            """);

    assertThat(types(rules, payment("NEW", "card", "1.0", "PAID", "card", "1.0")))
        .containsExactly("Moved", "Any");
    assertThat(types(rules, payment("NEW", "card", "1.0", "NEW", "card", "1.00")))
        .containsExactly("Any");
    assertThat(types(rules, payment("NEW", "card", "1.0", "NEW", "cash", "2")))
        .containsExactly("Moved", "Any", "Method");
    assertThat(types(rules, inserted(PAYMENTS, 1L, 2L, "NEW", "card", new BigDecimal("1"))))
        .containsExactly("Moved");
    assertThat(rules.counters())
        .extracting(counter -> counter.rule() + " " + counter.evaluated() + " " + counter.fired())
        .containsExactly("Moved 3 3", "Any 3 3", "Method 1 1");
  }

  @Test
  void listedColumnsBeyondTheSixtyFourthAreComparedToo() {
    String[] columns = new String[80];
    StringBuilder file = new StringBuilder("rules: v1\ntriggers:\n");
    for (int i = 0; i < columns.length; i++) {
      columns[i] = "c" + i + (i == 0 ? "!" : "") + " int8";
      file.append("  - {event: E").append(i).append(", on: update wide(c").append(i);
      file.append("), data: {c0}}\n");
    }
    var wide = Shop.table("public.wide", "FULL", columns);
    RuleSet rules =
        new RuleCompiler(List.of(new RuleFile("f", file.toString())), DATABASE, null)
            .compile(Shop.catalog(wide))
            .orThrow();
    for (int changed = 1; changed < columns.length; changed++) {
      Object[] before = new Object[80];
      java.util.Arrays.fill(before, 1L);
      Object[] after = before.clone();
      after[changed] = 2L;
      assertThat(types(rules, updated(row(wide, before), row(wide, after))))
          .containsExactly("E" + changed);
    }
  }

  @Test
  void unknownConditionsDoNotFireAndAreCounted() {
    RuleSet rules = rules(rule("event: A\non: insert stocks\nwhen: price > 10\ndata: {id}"));

    assertThat(rules.evaluate(stock("11"), new Memory())).hasSize(1);
    assertThat(rules.evaluate(stock("9"), new Memory())).isSameAs(List.of());
    assertThat(rules.evaluate(inserted(STOCKS, 1L, "ACME", null, null), new Memory()))
        .isSameAs(List.of());
    assertThat(rules.counters())
        .extracting(c -> c.evaluated() + " " + c.fired() + " " + c.unknown() + " " + c.failed())
        .containsExactly("3 1 1 0");
  }

  @Test
  void letVarsAndDefaultsAreTheFilesOwn() {
    RuleSet rules =
        rules(
            """
            rules: v1
            defaults: {to: "shop.{table}"}
            vars: {limit: 10.5}
            triggers:
              - event: Dear
                on: insert stocks
                let: {twice: price * 2, more: twice + 1}
                when: more > vars.limit
                data: {symbol, more}
              - event: Other
                on: insert stocks
                to: "{symbol}.{table}"
                version: 3
                data: {limit: vars.limit}
            """,
            rule("event: Plain\non: insert stocks\ndata: {id}"));

    assertThat(events(rules, stock("5.00")))
        .extracting(e -> e.type() + " " + e.topic() + " " + e.version() + " " + e.data())
        .containsExactly(
            "Dear shop.stocks 1 {\"symbol\":\"ACME\",\"more\":11.00}",
            "Other ACME.stocks 3 {\"limit\":10.5}",
            "Plain rowbell.stocks 1 {\"id\":1}");
  }

  @Test
  void aTransitionComparesBothImages() {
    RuleSet rules =
        rules(
            rule(
                """
                event: PaymentCaptured
                on: update payments(status)
                when: before.status == 'AUTHORIZED' && status == 'CAPTURED'
                key: order_id
                data: {payment_id: id, order_id, amount}
                to: payments.{method}
                """));

    List<DomainEvent> events =
        events(rules, payment("AUTHORIZED", "card", "9.90", "CAPTURED", "card", "9.90"));
    assertThat(events)
        .extracting(e -> e.key() + " " + e.topic() + " " + e.data())
        .containsExactly("2 payments.card {\"payment_id\":1,\"order_id\":2,\"amount\":9.90}");
    assertThat(types(rules, payment("CAPTURED", "card", "1", "VOID", "card", "1"))).isEmpty();
  }

  @Test
  void severalKeyColumnsAreAJsonArray() {
    RuleSet rules = rules(rule("event: Removed\non: delete order_lines\ndata: {sku, qty}"));

    assertThat(events(rules, deleted(LINES, 7L, "A\"1", 2L)))
        .extracting(e -> e.key() + " " + e.data())
        .containsExactly("[7,\"A\\\"1\"] {\"sku\":\"A\\\"1\",\"qty\":2}");
  }

  @Test
  void quotedNamesWork() {
    RuleSet rules =
        rules(
            rule(
                "event: Booked\non: insert \"Sales\".\"Order Book\"\n"
                    + "data: {Order Id, größe, total}"));

    DomainEvent event = events(rules, inserted(ODD, 1L, 2L, new BigDecimal("3.10"))).get(0);
    assertThat(event.data()).hasToString("{\"Order Id\":1,\"größe\":2,\"total\":3.10}");
    assertThat(event.source()).isEqualTo("/rowbell/shop/Sales.Order%20Book");
    assertThat(event.topic()).isEqualTo("rowbell.Order Book");
  }

  @Test
  void aRowLeavesOutAndNamesWhatWasNotLogged() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - {event: Row, on: update or delete stocks, data: row}
              - {event: Map, on: update stocks, data: {id, text: note, upper: upper(note)}}
            """);
    Row before = row(STOCKS, 1L, NOT_LOGGED, NOT_LOGGED, NOT_LOGGED);
    Row after = row(STOCKS, 1L, "ACME", null, NOT_LOGGED);

    assertThat(events(rules, updated(before, after)))
        .extracting(e -> e.data() + " " + e.extensions().get("missing"))
        .containsExactly(
            "{\"id\":1,\"symbol\":\"ACME\",\"price\":null} note", "{\"id\":1} text,upper");
    assertThat(events(rules, deleted(STOCKS, 1L, NOT_LOGGED, NOT_LOGGED, NOT_LOGGED)))
        .extracting(e -> e.data() + " " + e.extensions().get("missing"))
        .containsExactly("{\"id\":1} symbol,price,note");
  }

  @Test
  void theOutboxPatternIsNoSpecialCase() {
    RuleSet rules =
        rules(
            rule(
                """
                rule: outbox
                event: "{type}"
                on: insert outbox
                id: string(id)
                key: aggregateid
                to: outbox.{aggregatetype}
                data: payload
                """));
    Change change =
        inserted(
            OUTBOX,
            "b5c0b187-fe4d-4e5e-9d3b-b3a1f1a3a3a3",
            "OrderPlaced",
            "order",
            "42",
            new Json("{\"total\": 9.90}"));

    DomainEvent event = events(rules, change).get(0);
    assertThat(event.id())
        .isEqualTo(EventId.ofText(DATABASE, "outbox", "b5c0b187-fe4d-4e5e-9d3b-b3a1f1a3a3a3"));
    assertThat(event.type() + " " + event.key() + " " + event.topic() + " " + event.data())
        .isEqualTo("OrderPlaced 42 outbox.order {\"total\": 9.90}");
    assertThat(event.extensions()).containsEntry("rule", "outbox");
  }

  @Test
  void messagesAndTruncatedTablesHaveNoKey() {
    RuleSet rules =
        rules(
            """
            rules: v1
            triggers:
              - {event: Requested, on: message reports, data: content}
              - {event: Emptied, on: truncate log, data: {at: ts}}
            """);

    DomainEvent requested = events(rules, message("reports", "a \"b\"")).get(0);
    assertThat(requested.key()).isNull();
    assertThat(requested.data()).hasToString("\"a \\\"b\\\"\"");
    assertThat(requested.topic()).isEqualTo("rowbell.messages");
    assertThat(requested.source()).isEqualTo("/rowbell/shop/messages/reports");
    assertThat(requested.extensions())
        .containsEntry("prefix", "reports")
        .containsEntry("op", "message");
    assertThat(rules.evaluate(message("other", "x"), new Memory())).isSameAs(List.of());

    DomainEvent emptied = events(rules, new Change.Truncated(origin(), LOG)).get(0);
    assertThat(emptied.key()).isNull();
    assertThat(emptied.topic()).isEqualTo("rowbell.log");
  }

  @Test
  void aDisabledRuleIsCheckedAndDoesNotRun() {
    RuleSet rules = rules(rule("event: A\non: insert users\ndata: {id}\nenabled: false"));

    assertThat(rules.evaluate(inserted(USERS, 1L, null, null, null), new Memory()))
        .isSameAs(List.of());
    assertThat(rules.counters()).isEmpty();
    assertThat(rules.requirements().tables()).isEmpty();
    assertThat(
            Shop.compile(rule("event: A\non: insert nowhere\ndata: {id}\nenabled: false")).rules())
        .isEmpty();
  }

  @Test
  void knowsOnlyTheVersionsItWasCompiledAgainst() {
    RuleCompiler compiler =
        new RuleCompiler(
            List.of(new RuleFile("f", rule("event: A\non: insert codes\nkey: id\ndata: row"))),
            DATABASE,
            null);
    RuleSet rules = compiler.compile(CATALOG).orThrow();
    var again = Shop.table("public.codes", "INDEX", "id! int8", "code text");
    var altered = Shop.table("public.codes", "INDEX", "id! int8", "code text", "more int8");

    assertThat(rules.knows(CODES)).isTrue();
    assertThat(rules.knows(again)).isTrue();
    assertThat(rules.evaluate(inserted(again, 1L, "x"), new Memory())).hasSize(1);
    assertThat(rules.knows(altered)).isFalse();
    assertThat(rules.knows(Shop.table("public.unnamed", "DEFAULT", "id! int8"))).isTrue();
    assertThatThrownBy(() -> rules.evaluate(inserted(altered, 1L, "x", 2L), new Memory()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the rules were compiled against another version of public.codes");

    RuleSet newer = compiler.compile(CATALOG.with(altered)).orThrow();
    assertThat(events(newer, inserted(altered, 1L, "x", 2L)))
        .extracting(e -> e.data().toString())
        .containsExactly("{\"id\":1,\"code\":\"x\",\"more\":2}");
    assertThat(newer.counters().get(0).fired()).isEqualTo(2);
    assertThat(newer.fingerprint()).isEqualTo(rules.fingerprint());
  }

  private static Change stock(String price) {
    return inserted(STOCKS, 1L, "ACME", new BigDecimal(price), null);
  }

  private static Change payment(
      String status, String method, String amount, String status2, String method2, String amount2) {
    return updated(
        row(PAYMENTS, 1L, 2L, status, method, new BigDecimal(amount)),
        row(PAYMENTS, 1L, 2L, status2, method2, new BigDecimal(amount2)));
  }

  private static List<DomainEvent> events(RuleSet rules, Change change) {
    return rules.evaluate(change, new Memory()).stream()
        .map(outcome -> ((Outcome.Event) outcome).event())
        .toList();
  }

  private static List<String> types(RuleSet rules, Change change) {
    return events(rules, change).stream().map(DomainEvent::type).toList();
  }
}
