package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.rowbell.language.issue.Issue;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule files with random faults: an issue or rules, never an exception and never a hang. */
class RuleFileMutationTest {
  private static final String FILE =
      """
      rules: v1
      defaults: {to: "shop.{table}", on_error: dlq}
      vars: {pct: 5, hot: [a, b]}
      triggers:
        - event: Moved
          on: insert or update payments(status, amount)
          let: {half: "amount / 2"}
          when: half > vars.pct && status != 'NEW' || becomes(method == "card")
          key: order_id
          data: {id, half, before: before.amount, text: "coalesce(status, 'x')"}
          to: payments.{method}
        - rule: outbox
          event: "{type}"
          on: insert outbox
          id: string(id)
          data: payload
        - event: Block
          on: snapshot or delete stocks
          when: |
            symbol.startsWith('A')
              && price >= 1.5
          data: row
        - {event: Said, on: message reports, data: content}
      """;
  private static final String[] PIECES = {
    " ",
    "\n",
    "  ",
    "\t",
    "'",
    "\"",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    ": ",
    " #",
    "!",
    "&",
    "*",
    "|",
    ">",
    "?",
    "-",
    "- ",
    "%",
    "@",
    "`",
    "\\",
    ".",
    "null",
    "before.",
    "in",
    "or",
    "1e9",
    "9223372036854775808",
    "\u00e9",
    "\uD83D\uDE00",
    "\u0000",
    "row",
    "vars",
    "=="
  };
  private static final List<Change> CHANGES =
      List.of(
          Shop.inserted(Shop.PAYMENTS, 1L, 2L, "PAID", "card", new BigDecimal("20")),
          Shop.inserted(Shop.OUTBOX, null, null, null, null, null),
          Shop.deleted(Shop.STOCKS, 1L, "A", new BigDecimal("2"), null),
          Shop.updated(
              Shop.row(Shop.PAYMENTS, 1L, 2L, null, "card", null),
              Shop.row(Shop.PAYMENTS, 1L, null, "PAID", null, new BigDecimal("20"))),
          Shop.message("reports", "x"));

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16})
  void neverThrowOrHang(long seed) {
    Random random = new Random(seed);
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (int round = 0; round < 400; round++) {
            String file = mutated(random);
            assertThatCode(() -> use(file))
                .as("seed %d, round %d:%n%s", seed, round, file)
                .doesNotThrowAnyException();
          }
        });
  }

  private static String mutated(Random random) {
    StringBuilder file = new StringBuilder(FILE);
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(file.length());
      int end = Math.min(file.length(), at + 1 + random.nextInt(6));
      String piece = PIECES[random.nextInt(PIECES.length)];
      switch (random.nextInt(4)) {
        case 0 -> file.insert(at, piece);
        case 1 -> file.delete(at, end);
        case 2 -> file.replace(at, at + 1, piece);
        default -> file.insert(random.nextInt(file.length()), file.substring(at, end));
      }
    }
    return file.toString();
  }

  private static void use(String file) {
    Compilation compilation = Shop.compile(file);
    compilation.issues().forEach(Issue::render);
    if (compilation.rules().isEmpty()) {
      assertThat(compilation.issues()).isNotEmpty();
    }
    compilation
        .rules()
        .ifPresent(rules -> CHANGES.forEach(change -> rules.evaluate(change, new Memory())));
  }
}
