package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FingerprintTest {
  private static final String A =
      """
      event: A
      on: update payments(status)
      let: {half: amount / 2}
      when: half > vars.limit
      key: order_id
      id: string(id)
      data: {half, amount}
      to: x
      """;
  private static final String B = "event: B\non: insert users\ndata: row";

  @Test
  void isTheSameForTheSameRulesHoweverTheyAreWritten() {
    String other =
        """
        # another layout
        vars: {limit: 5}
        rules: v1
        triggers:
          - data:
              half:
              amount: amount
            event: "A"
            description: words
            to: x
            on: UPDATE public.payments (status)
            let: {half: 'amount / 2'}
            when: |-
              half > vars.limit
            key: order_id
            id: string(id)
        """;

    assertThat(Shop.rules(other).fingerprint()).isEqualTo(of(A)).hasSize(64);
    assertThat(Shop.rules(file(A), file(B)).fingerprint())
        .isEqualTo(Shop.rules(file(B), file(A)).fingerprint());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "event: A | event: C",
        "(status) | (method)",
        "update payments | update or insert payments",
        "amount / 2 | amount / 3",
        "half > | half <",
        "key: order_id | key: id",
        "id: string(id) | id: string(order_id)",
        "{half, amount} | {amount, half}",
        "to: x | to: y"
      })
  void differsWhereTheRulesDiffer(String part, String other) {
    assertThat(A).contains(part);
    assertThat(of(A.replace(part, other))).isNotEqualTo(of(A));
  }

  @Test
  void constantsAndWhatBecomesOfErrorsCountToo() {
    assertThat(of(A + "on_error: halt")).isNotEqualTo(of(A));
    assertThat(Shop.rules(file(A).replace("limit: 5", "limit: 6")).fingerprint())
        .isNotEqualTo(of(A));
  }

  private static String of(String rule) {
    return Shop.rules(file(rule)).fingerprint();
  }

  private static String file(String rule) {
    return Shop.rule(rule) + "vars: {limit: 5}\n";
  }
}
