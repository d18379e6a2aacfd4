package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.rowbell.language.contract.AsyncApi;
import io.rowbell.language.contract.Contract;
import io.rowbell.language.contract.ContractDiff;
import io.rowbell.language.contract.JsonTree;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.Json;
import io.rowbell.model.Row;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The contracts of rules: what they say, that events keep to them, and what breaks them. */
class RuleContractTest {
  private static final String SHOP =
      """
      rules: v1
      defaults: {to: "shop.{table}"}
      triggers:
        - event: StockPriceMoved
          description: A large move.
          on: insert or update stocks
          key: symbol
          data: {symbol, price, note, twice: price * 2}
          version: 2
        - event: PaymentCaptured
          on: update payments(status)
          when: before.status == 'AUTHORIZED' && status == 'CAPTURED'
          data: {id, order_id, amount, previous: before.status}
          to: payments.{method}
        - event: PaymentOverdue
          on: payments
          while: status == 'PENDING'
          for: 30m
          resolved: PaymentSettled
          data: row
        - rule: outbox
          event: "{type}"
          on: insert outbox
          key: aggregateid
          to: outbox.{aggregatetype}
          data: payload
        - {event: ReportRequested, on: message reports, data: content}
      """;

  private static Contract contract(String rules) {
    Problems problems = new Problems();
    Contract contract = Contract.of(Shop.rules(rules).outputs(), problems);
    assertThat(problems.issues()).isEmpty();
    return contract;
  }

  private static Contract.Event event(Contract contract, String id) {
    return contract.events().stream().filter(e -> e.id().equals(id)).findFirst().orElseThrow();
  }

  @Test
  void aContractSaysTypesTopicsKeysAndData() {
    Contract contract = contract(SHOP);

    assertThat(contract.events())
        .extracting(Contract.Event::id)
        .containsExactlyInAnyOrder(
            "PaymentCaptured.v1",
            "PaymentOverdue.v1",
            "PaymentSettled.v1",
            "ReportRequested.v1",
            "StockPriceMoved.v2",
            "outbox.v1");
    Contract.Event moved = event(contract, "StockPriceMoved.v2");
    assertThat(moved.description()).isEqualTo("A large move.");
    assertThat(moved.key()).isEqualTo("symbol");
    assertThat(moved.topics()).extracting(topic -> topic.text()).containsExactly("shop.stocks");
    assertThat(moved.data().get("required")).isEqualTo(List.of("price", "twice"));
    assertThat(JsonTree.write(moved.data()))
        .contains("Left out where PostgreSQL did not log what it needs, and named in");
    assertThat(event(contract, "PaymentCaptured.v1").topics().get(0).text())
        .isEqualTo("payments.{method}");
    assertThat(event(contract, "outbox.v1").type().text()).isEqualTo("{type}");
    assertThat(event(contract, "outbox.v1").data()).isEmpty();
  }

  @Test
  void theDocumentIsReadBackAsItWasWritten() {
    Contract contract = contract(SHOP);
    String document = JsonTree.write(AsyncApi.document("shop", contract));

    Contract read = AsyncApi.read(JsonTree.read(document));

    assertThat(JsonTree.write(AsyncApi.document("shop", read))).isEqualTo(document);
    assertThat(ContractDiff.between(contract, read)).isEmpty();
  }

  /** What AsyncAPI 3.0 asks of a document, as far as this one has it. */
  @Test
  void everyReferenceOfTheDocumentLeadsSomewhere() {
    Object tree = JsonTree.read(JsonTree.write(AsyncApi.document("shop", contract(SHOP))));
    assertThat(map(tree).get("asyncapi")).isEqualTo("3.0.0");
    assertThat(map(tree, "info").keySet().stream().map(String::valueOf))
        .contains("title", "version");
    references(tree)
        .forEach(reference -> assertThat(map(tree, path(reference))).as(reference).isNotNull());
    assertThat(map(tree, "operations").values())
        .hasSize(5)
        .allSatisfy(
            operation ->
                assertThat(map(operation).keySet().stream().map(String::valueOf))
                    .contains("action", "channel", "messages"));
    assertThat(map(tree, "channels").values())
        .allSatisfy(
            channel ->
                assertThat(String.valueOf(map(channel).get("address")).contains("{"))
                    .isEqualTo(map(channel).containsKey("parameters")));
  }

  private static String[] path(String reference) {
    return reference.substring(2).split("/", -1);
  }

  /** The object at a path of a JSON tree. */
  private static Map<?, ?> map(@Nullable Object tree, String... path) {
    Object at = tree;
    for (String step : path) {
      at = map(at).get(step);
    }
    assertThat(at).as(String.join("/", path)).isInstanceOf(Map.class);
    return (Map<?, ?>) Objects.requireNonNull(at);
  }

  private static Stream<String> references(@Nullable Object tree) {
    if (tree instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .flatMap(
              entry ->
                  entry.getKey().equals("$ref")
                      ? Stream.of((String) entry.getValue())
                      : references(entry.getValue()));
    }
    return tree instanceof List<?> list
        ? list.stream().flatMap(RuleContractTest::references)
        : Stream.of();
  }

  @Test
  void examplesAndEventsKeepToTheirSchemas() {
    Contract contract = contract(SHOP);
    Row pending = Shop.row(Shop.PAYMENTS, 1L, 7L, "PENDING", "card", new BigDecimal("9.90"));
    Row authorized = Shop.row(Shop.PAYMENTS, 2L, null, "AUTHORIZED", "card", null);
    Row captured = Shop.row(Shop.PAYMENTS, 2L, null, "CAPTURED", "card", null);
    Row stock = Shop.row(Shop.STOCKS, 1L, "ACME", new BigDecimal("9.90"), Row.NOT_LOGGED);
    Row old = Shop.row(Shop.STOCKS, 1L, Row.NOT_LOGGED, Row.NOT_LOGGED, Row.NOT_LOGGED);
    RuleSet rules = Shop.rules(SHOP);
    Memory memory = rules.recall(Map.of());
    List<Change> changes =
        List.of(
            Shop.inserted(Shop.STOCKS, 1L, "ACME", Double.NaN, null),
            Shop.updated(old, stock),
            Shop.updated(authorized, captured),
            Shop.updated(captured, pending),
            Shop.inserted(
                Shop.OUTBOX,
                "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                "T",
                "t",
                "1",
                new Json("[1]")),
            Shop.message("reports", "text"));

    List<Outcome> outcomes = new ArrayList<>();
    changes.forEach(change -> outcomes.addAll(rules.evaluate(change, memory)));
    outcomes.addAll(rules.elapse(Shop.TIME.plusSeconds(9999), memory));
    List<DomainEvent> events =
        outcomes.stream().map(outcome -> ((Outcome.Event) outcome).event()).toList();

    assertThat(events).hasSize(6);
    for (DomainEvent event : events) {
      String name = event.type().equals("T") ? "outbox" : event.type();
      assertValid(event(contract, name + ".v" + event.version()).data(), event.data().toString());
    }
    Object document = JsonTree.read(JsonTree.write(AsyncApi.document("s", contract)));
    Map<?, ?> messages = map(document, "components", "messages");
    messages.forEach(
        (id, message) -> {
          if (map(message).get("examples") instanceof List<?> examples) {
            Object payload = map(examples.get(0)).get("payload");
            assertValid(event(contract, (String) id).data(), JsonTree.write(payload));
          }
        });
  }

  private static void assertValid(Map<String, @Nullable Object> schema, String json) {
    assertThat(
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(JsonTree.write(schema))
                .validate(json, InputFormat.JSON))
        .as("%s by %s", json, schema)
        .isEmpty();
  }

  private static List<String> between(String older, String newer) {
    return ContractDiff.between(contract(Shop.rule(older)), contract(Shop.rule(newer))).stream()
        .map(
            difference ->
                (difference.breaking() ? "E302 " : "note ")
                    + difference.sentence()
                    + (difference.help() == null ? "" : " | " + difference.help()))
        .toList();
  }

  @Test
  void breakingChangesNeedAHigherVersion() {
    String old = "event: Paid\non: insert payments\ndata: {id, amount, status, kind: \"'a'\"}";

    assertThat(between(old, old)).isEmpty();
    assertThat(between(old, old.replace("status, ", "status, method, ")))
        .containsExactly("note Paid version 1: 'method' is added");
    assertThat(between(old, old.replace("amount, ", "")))
        .containsExactly(
            "E302 Paid version 1: 'amount' is removed | raise version to 2, or keep the field");
    assertThat(between(old, old.replace("amount, ", "") + "\nversion: 2"))
        .containsExactly(
            "note Paid version 1: gave way to a higher version", "note Paid version 2: is new");
    assertThat(between(old, old.replace("amount", "amount: id")))
        .isEmpty(); // an integer or null where a number or null was
    assertThat(between(old, old.replace("amount", "amount: status")))
        .containsExactly(
            "E302 Paid version 1: 'amount' was number or string or null and is string or null now"
                + " | raise version to 2, or keep it as it was");
    assertThat(between(old, old.replace("\"'a'\"", "method")))
        .containsExactly(
            "E302 Paid version 1: 'kind' is newly nullable"
                + " | raise version to 2, or keep it as it was");
    assertThat(between(old, old + "\nkey: order_id"))
        .containsExactly(
            "E302 Paid version 1: has the key 'order_id', and had 'id'"
                + " | raise version to 2, or keep the key");
    assertThat(between(old, old + "\nto: other"))
        .containsExactly(
            "E302 Paid version 1: does not go to topic rowbell.payments any more"
                + " | raise version to 2, or keep the topic",
            "note Paid version 1: goes to topic other");
    assertThat(between(old, old.replace("Paid", "Payed")))
        .containsExactly(
            "E302 Paid version 1: is not made any more"
                + " | keep a rule that makes it; if nobody reads it, say --accept Paid",
            "note Payed version 1: is new");
    assertThat(
            between(
                "event: A\non: insert stocks\ndata: {note}",
                "event: A\non: update stocks\ndata: {note}"))
        .containsExactly(
            "E302 A version 1: 'note' may be left out, which it was not before"
                + " | raise version to 2, or keep it as it was");
  }

  @Test
  void rulesOfOneEventWithOtherDataAreWarnedOf() {
    Problems problems = new Problems();
    Contract contract =
        Contract.of(
            Shop.rules(
                    """
                    rules: v1
                    triggers:
                      - {event: Changed, on: insert users, data: {id}}
                      - {rule: other, event: Changed, on: insert stocks, data: {symbol}}
                    """)
                .outputs(),
            problems);

    assertThat(contract.events()).hasSize(1);
    assertThat(contract.events().get(0).data()).containsOnlyKeys("anyOf");
    assertThat(problems.issues())
        .singleElement()
        .satisfies(
            issue ->
                assertThat(issue.render())
                    .startsWith("rules.yaml:4:12: warning W301: 'Changed' version 1 is also made"));
  }

  /** A truncate has no row, and so none of its event's keys. */
  @Test
  void theKeyOfATruncateIsNull() {
    Contract contract =
        contract(
            """
            rules: v1
            triggers:
              - {event: LineGone, on: truncate or insert order_lines, data: "{'t': table}"}
              - {event: UserGone, on: truncate or insert users, data: "{'t': table}"}
            """);

    assertThat(contract.events())
        .extracting(event -> event.keySchema().get("type"))
        .containsExactly(List.of("string", "null"), List.of("string", "null"));
  }

  @Test
  void noTwoEventsHaveOneFileOrComponent() {
    Contract contract =
        contract(
            """
            rules: v1
            triggers:
              - {rule: a, event: Order Paid, on: insert users, data: {id}}
              - {rule: b, event: Order_Paid, on: insert stocks, data: {id, symbol}}
              - {rule: c, event: order_paid, on: insert stocks, data: {symbol}}
              - {rule: Outbox, event: "{type}", on: insert outbox, key: aggregateid, data: payload}
              - {rule: d, event: Outbox, on: insert users, data: {id}}
            """);
    Map<String, Contract.Event> byId = contract.byId();

    assertThat(byId.keySet())
        .containsExactly(
            "Order_Paid.v1", "Order_Paid-2.v1", "Outbox.v1", "order_paid-3.v1", "Outbox-2.v1");
    Contract read =
        AsyncApi.read(JsonTree.read(JsonTree.write(AsyncApi.document("shop", contract))));
    assertThat(ContractDiff.between(contract, read)).isEmpty();
    assertThat(read.byId()).isEqualTo(byId);
  }

  @Test
  void whatARuleInShadowWouldSayIsNoContract() {
    Contract contract =
        contract(
            """
            rules: v1
            triggers:
              - {event: Changed, on: insert users, data: {id}}
              - {rule: next, event: Changed, mode: shadow, on: insert users, data: {id, email}}
              - {rule: new, event: Registered, mode: shadow, on: insert users, data: {id}}
            """);

    assertThat(contract.events())
        .singleElement()
        .satisfies(
            changed -> {
              assertThat(changed.id()).isEqualTo("Changed.v1");
              assertThat(changed.data()).doesNotContainKey("anyOf");
              assertThat(changed.attributes().get("rule")).containsExactly("Changed");
            });
  }
}
