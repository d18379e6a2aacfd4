package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.TableId;
import io.rowbell.model.UnreadableValueException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which rows a source need not send. */
class NeededRowsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          symbol == 'A'                                ; symbol = A
          'A' == symbol                                ; symbol = A
          symbol != 'A'                                ; symbol <> A
          !(symbol == 'A')                             ; symbol <> A
          symbol == null                               ; symbol null
          !(symbol == null)                            ; symbol known
          symbol in ['A', 'B']                         ; (symbol = A or symbol = B)
          !(symbol in ['A', 'B'])                      ; (symbol <> A and symbol <> B)
          symbol in vars.hot                           ; (symbol = A or symbol = B)
          id in [1, 2]                                 ; (id = 1 or id = 2)
          id > 5                                       ; (id > 5 or id null)
          5 > id                                       ; (id < 5 or id null)
          !(id >= 5)                                   ; (id < 5 or id null)
          price <= 1.50                                ; (price <= 1.5 or price null)
          price > vars.limit                           ; (price > 100 or price null)
          symbol == 'A' && price / id > 3              ; symbol = A
          price / id > 3 && symbol == 'A'              ; symbol = A
          symbol == 'A' && id == 1 && note == 'x'      ; (symbol = A and id = 1 and note = x)
          symbol == 'A' || id == 1                 ; (symbol = A or id = 1)
          !(symbol == 'A' || price / id > 3)       ; symbol <> A
          !(symbol == 'A' && id == 1)                  ; (symbol <> A or id <> 1)
          hot                                          ; (symbol = A or symbol = B)
          """)
  void aConjunctThatIsFalseDecides(String when, String rows) {
    assertThat(told(when)).isEqualTo(rows);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          price / id > 3
          symbol == 'A' || price / id > 3
          !(symbol == 'A' && price / id > 3)
          becomes(symbol == 'A')
          op == 'insert'
          symbol == note
          symbol > 'A'
          symbol.startsWith('A')
          symbol == 'back\\\\\\\\slash'
          !(id in [1 / id, 5])
          double(price) > 1.5
          symbol == 'A' ? id == 1 : id == 2
          """)
  void whatIsNotCertainIsNotTaken(String when) {
    assertThat(told(when)).isEqualTo("every row");
  }

  @Test
  void theRulesOfATableAreTakenTogether() {
    assertThat(
            rows(
                """
                - {event: A, on: insert stocks, when: symbol == 'A', data: {id}}
                - {event: B, on: insert or update or delete stocks, when: symbol == 'B', data: {id}}
                """))
        .isEqualTo("(symbol = A or symbol = B)");
    assertThat(
            rows(
                """
                - {event: A, on: insert stocks, when: symbol == 'A', data: {id}}
                - {event: B, on: insert stocks, data: {id}}
                """))
        .isEqualTo("every row");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          on: insert stocks, when: symbol == 'A', cooldown: 1m
          on: insert stocks, when: symbol == 'A' && last.price > 1
          on: stocks, while: symbol == 'A'
          on: insert stocks, when: "symbol == 'A' && count_over(price > 1, '5m') > 2"
          on: insert stocks, when: "symbol == 'A' && count_over(true, '1m') > 1"
          on: insert stocks, when: symbol == 'A', let: {n: "count_over(true, '1m')"}
          on: insert or snapshot stocks, when: symbol == 'A'
          on: insert or truncate stocks, when: symbol == 'A'
          on: update stocks(id), when: symbol == 'A'
          """)
  void whatRemembersOrReadsMoreThanTheChangeNeedsEveryRow(String rule) {
    assertThat(rows("- {event: A, " + rule + ", data: {id}}")).isEqualTo("every row");
  }

  @Test
  void whatIsCountedIsNeeded() {
    String counted =
        """
        - {event: A, on: insert stocks, when: symbol == 'A', data: {id}}
        - {event: B, on: insert users, when: tx.changes > 2, data: {id}}
        """;
    assertThat(rows(counted)).isEqualTo("every row");
    assertThat(rows(counted.replace("tx.changes", "id"))).isEqualTo("symbol = A");
  }

  /** As with every failure: it does not matter where another part decides. */
  @Test
  void aValueThatCannotBeReadDoesNotMatterWhereAnotherPartIsFalse() {
    RuleSet rules =
        Shop.rules(
            """
            rules: v1
            triggers:
              - event: A
                on: insert stocks
                when: price > 1 && symbol == 'A'
                data: {id}
            """);
    Change other = Shop.inserted(Shop.STOCKS, 1L, "B", unreadable(), null);
    assertThat(rules.evaluate(other, new Memory())).isEmpty();
    Change same = Shop.inserted(Shop.STOCKS, 1L, "A", unreadable(), null);
    assertThat(rules.evaluate(same, new Memory())).hasSize(1);
  }

  private static UnreadableValueException unreadable() {
    return new UnreadableValueException("not to be read", new IllegalArgumentException());
  }

  private static String told(String when) {
    return rows(
        """
        - event: A
          on: insert stocks
          let: {hot: "symbol in vars.hot"}
          when: "%s"
          data: {id}
        """
            .formatted(when));
  }

  private static String rows(String triggers) {
    RuleSet rules =
        Shop.rules(
            """
            rules: v1
            vars: {limit: 100, hot: [A, B]}
            triggers:
            """
                + triggers.indent(2));
    TableId table = Shop.STOCKS.id();
    return PredicateText.of(
        Objects.requireNonNull(rules.requirements().tables().get(table)).rows());
  }
}
