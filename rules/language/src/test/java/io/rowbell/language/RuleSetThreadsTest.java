package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A rule set in use by several threads, and what it costs when nothing matches. */
class RuleSetThreadsTest {
  private static final String FILE =
      """
      rules: v1
      triggers:
        - event: Moved
          on: update payments(status)
          let: {twice: amount * 2}
          when: twice > 10 && status == 'PAID'
          data: {id, twice}
        - event: Other
          on: update payments
          when: amount > 1000
          data: row
      """;

  @Test
  void severalThreadsGetTheSameAnswers() throws Exception {
    RuleSet rules = Shop.rules(FILE);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        answers.add(threads.submit(() -> fired(rules)));
      }
      for (Future<Integer> answer : answers) {
        assertThat(answer.get()).isEqualTo(995);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(rules.counters()).extracting(RuleCounter::fired).containsExactly(4 * 995L, 0L);
    assertThat(rules.counters()).extracting(RuleCounter::evaluated).containsExactly(4_000L, 4_000L);
  }

  private static int fired(RuleSet rules) {
    int fired = 0;
    for (int i = 1; i <= 1_000; i++) {
      for (Outcome outcome : rules.evaluate(payment("NEW", "PAID", i), new Memory())) {
        String data = ((Outcome.Event) outcome).event().data().toString();
        assertThat(data).isEqualTo("{\"id\":1,\"twice\":" + 2 * i + "}");
        fired++;
      }
    }
    return fired;
  }

  @Test
  void nothingIsAllocatedWhenNothingMatches() {
    RuleSet rules = Shop.rules(FILE);
    Change sameStatus = payment("PAID", "PAID", 5);
    Change otherTable = Shop.inserted(Shop.USERS, 1L, null, null, null);
    evaluate(rules, sameStatus, otherTable);

    long before = Allocation.bytes();
    evaluate(rules, sameStatus, otherTable);
    long bytes = Allocation.bytes() - before;

    // 40,000 evaluations: not one byte for each, but some for the test's own calls.
    assertThat(bytes).isLessThan(20_000);
  }

  private static void evaluate(RuleSet rules, Change first, Change second) {
    Memory memory = new Memory();
    for (int i = 0; i < 20_000; i++) {
      assertNothing(rules.evaluate(first, memory));
      assertNothing(rules.evaluate(second, memory));
    }
  }

  private static void assertNothing(List<Outcome> outcomes) {
    if (!outcomes.isEmpty()) {
      throw new AssertionError(outcomes);
    }
  }

  private static Change payment(String before, String after, int amount) {
    BigDecimal number = BigDecimal.valueOf(amount);
    return Shop.updated(
        Shop.row(Shop.PAYMENTS, 1L, 2L, before, "card", number),
        Shop.row(Shop.PAYMENTS, 1L, 2L, after, "card", number));
  }
}
