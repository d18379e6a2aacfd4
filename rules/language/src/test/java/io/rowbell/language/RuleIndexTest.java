package io.rowbell.language;

import static io.rowbell.language.Shop.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import io.rowbell.model.UnreadableValueException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules that cannot match are not asked, and that makes no other difference. */
class RuleIndexTest {
  private static final TableSchema PAYMENTS =
      Shop.table(
          "public.payments",
          "FULL",
          "id! int8",
          "order_id int8",
          "status text",
          "method text",
          "amount numeric",
          "weight float8",
          "at ts");

  private static final List<String> ATOMS =
      List.of(
          "status == 'A'",
          "'B' == status",
          "after.status == 'C'",
          "status in ['A', 'C']",
          "method == 'card'",
          "order_id == 1",
          "2 == order_id",
          "becomes(status == 'A' && order_id == 2)",
          "becomes(method == 'cash')",
          "before.status == 'B'",
          "paid",
          "status != 'A'",
          "amount > 10",
          "100 / (order_id - 1) > 10",
          "amount == 10.0",
          "status == null",
          "changed(status)",
          "amount >= 2 && amount < 10",
          "10.0 <= amount",
          "amount < vars.limit",
          "sum > 2.5",
          "after.amount < 2",
          "before.amount >= 10",
          "becomes(amount > 1)",
          "becomes(before.amount > 1)",
          "amount > 1 && amount < 1",
          "amount > decimal('Infinity')",
          "order_id < 2",
          "order_id >= 2 && order_id <= 2",
          "order_id > 1.5",
          "order_id in [1, 3]",
          "status >= 'B'",
          "weight > 1",
          "weight <= 1.5",
          "weight == 0.0",
          "weight >= double('NaN')",
          "at > '2026-01-01T00:00:00Z'",
          "at < timestamp('2026-01-01T00:00:00Z')",
          "at <= ts");

  private static final String HEAD = "rules: v1\nvars: {limit: 2}\ntriggers:\n";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "amount > 1 && status == 'S%d'",
        "order_id == %d",
        "order_id in [%d, -1]",
        "order_id >= %d && order_id < %<d + 1",
        "777.00 >= amount && amount >= %d && %<d.5 > amount && amount > 776",
        "method == 'card' && weight >= %d.0 && weight <= %<d.0",
        "paid >= %d && paid <= %<d",
        "status == 'S777' && method in ['card', 'cash'] && amount == %d"
      })
  void ofAThousandRulesOneIsAsked(String condition) {
    StringBuilder file = new StringBuilder("rules: v1\ntriggers:\n");
    for (int i = 0; i < 1000; i++) {
      file.append("  - {event: E").append(i).append(", on: insert or update or delete payments");
      file.append(", let: {paid: amount}, data: {id}, when: \"");
      file.append(condition.formatted(i)).append("\"}\n");
    }
    RuleSet rules = rules(file.toString());
    Row row =
        row(PAYMENTS, 1L, 777L, "S777", "card", new BigDecimal("777.00"), 777.0, Instant.EPOCH);

    assertThat(rules.evaluate(Shop.inserted(PAYMENTS, values(row)), new Memory())).hasSize(1);
    assertThat(rules.evaluate(Shop.updated(row, row), new Memory())).hasSize(1);
    assertThat(rules.evaluate(Shop.deleted(PAYMENTS, values(row)), new Memory())).hasSize(1);
    assertThat(rules.counters())
        .filteredOn(counter -> counter.evaluated() > 0)
        .singleElement()
        .satisfies(
            counter -> {
              assertThat(counter.rule()).isEqualTo("E777");
              assertThat(counter.evaluated()).isEqualTo(3);
            });
  }

  /** Against every rule compiled by itself, for which nothing is looked up. */
  @Test
  void theOutcomesAreThoseOfEveryRuleByItself() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<String> declarations = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      declarations.add(declaration(i, random));
    }
    RuleSet together = rules(HEAD + String.join("", declarations));
    List<RuleSet> alone = declarations.stream().map(rule -> rules(HEAD + rule)).toList();

    for (int i = 0; i < 2000; i++) {
      Change change = change(random);
      List<Outcome> expected = new ArrayList<>();
      alone.forEach(rules -> expected.addAll(rules.evaluate(change, new Memory())));
      assertThat(together.evaluate(change, new Memory()))
          .as("seed %d, change %d: %s", seed, i, change)
          .isEqualTo(expected);
    }
    for (int i = 0; i < declarations.size(); i++) {
      RuleCounter indexed = together.counters().get(i);
      RuleCounter other = alone.get(i).counters().get(0);
      assertThat(List.of(indexed.fired(), indexed.unknown(), indexed.failed()))
          .as("seed %d, %s", seed, declarations.get(i))
          .isEqualTo(List.of(other.fired(), other.unknown(), other.failed()));
      assertThat(indexed.evaluated()).isLessThanOrEqualTo(other.evaluated());
    }
  }

  private static RuleSet rules(String file) {
    return new RuleCompiler(List.of(new RuleFile("rules.yaml", file)), Shop.DATABASE, null)
        .compile(Shop.catalog(PAYMENTS))
        .orThrow();
  }

  private static String declaration(int number, Random random) {
    List<String> operations = List.of("insert", "update", "insert or update or delete", "delete");
    List<String> lists = List.of("", "", "(status)", "(method, amount)");
    String on = operations.get(random.nextInt(operations.size()));
    String condition = atom(random);
    for (int i = random.nextInt(3); i > 0; i--) {
      String operator = random.nextInt(4) == 0 ? " || " : " && ";
      condition =
          random.nextBoolean()
              ? "(" + condition + ")" + operator + atom(random)
              : atom(random) + operator + "(" + condition + ")";
    }
    return "  - event: E%d\n    on: %s payments%s\n    let: {paid: status == 'B', sum: amount}\n    when: \"%s\"\n    data: {id}\n"
        .formatted(
            number,
            on,
            on.contains("update") ? lists.get(random.nextInt(lists.size())) : "",
            condition);
  }

  private static String atom(Random random) {
    return ATOMS.get(random.nextInt(ATOMS.size()));
  }

  private static Change change(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> Shop.inserted(PAYMENTS, values(random));
      case 1 -> Shop.deleted(PAYMENTS, values(random));
      default -> Shop.updated(row(PAYMENTS, values(random)), row(PAYMENTS, values(random)));
    };
  }

  private static @Nullable Object[] values(Random random) {
    return new @Nullable Object[] {
      1L,
      some(random, 1L, 2L, 3L),
      some(random, "A", "B", "C", "D"),
      some(random, "card", "cash"),
      some(
          random,
          BigDecimal.TEN,
          new BigDecimal("10.0"),
          BigDecimal.ONE,
          new BigDecimal("2.50"),
          new BigDecimal("2"),
          Double.NaN,
          Double.NEGATIVE_INFINITY),
      some(random, 0.0, -0.0, 1.0, 1.5, 2.0, Double.NaN, Double.POSITIVE_INFINITY),
      some(
          random,
          Instant.parse("2026-01-01T00:00:00Z"),
          Instant.parse("2026-01-01T00:00:01Z"),
          Shop.TIME,
          Instant.MAX,
          Instant.MIN)
    };
  }

  private static @Nullable Object some(Random random, Object... values) {
    int chance = random.nextInt(30);
    if (chance == 0) {
      return Row.NOT_LOGGED;
    }
    if (chance == 1) {
      return new UnreadableValueException("it cannot be read");
    }
    return chance < 4 ? null : values[random.nextInt(values.length)];
  }

  private static @Nullable Object[] values(Row row) {
    @Nullable Object[] values = new @Nullable Object[PAYMENTS.columns().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.get(i);
    }
    return values;
  }
}
