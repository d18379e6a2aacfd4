package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with {@code with}, and where. */
class ChildIssuesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          insert orders | lines                     | 5:15 R011 'lines' does not say which rows belong to a row
          insert orders | lines by                  | 5:15 R011 'lines by' does not say which rows belong to a row
          insert orders | lines by order_id =       | 5:15 R011 'lines by order_id =' does not say which rows belong to a row
          insert orders | lines by order_id, id     | 5:36 R007 'id' is an expression, and there is nothing here
          insert orders | line by order_id          | 5:15 E203 there is no table 'line' on the search path public
          insert orders | lines by order            | 5:24 E101 table public.lines has no column 'order'
          insert orders | lines by order_id = nr    | 5:35 E101 table public.orders has no column 'nr'
          insert orders | lines by sku              | 5:24 E102 'sku' is text, and 'id' of public.orders is bigint
          insert orders | log by line = id          | 5:15 E202 table public.log has no primary key, and only that tells its rows apart
          insert orders | codes by id               | 5:15 E110 'with' needs 'id' of deleted rows, but public.codes has REPLICA IDENTITY INDEX: PostgreSQL does not log it
          insert order_lines | lines by order_id    | 5:15 E202 the primary key of public.order_lines has more columns than one
          insert or snapshot orders | lines by order_id | 5:12 R012 'with' does not go with 'snapshot', which has no row that a transaction wrote
          truncate orders | lines by order_id       | 5:12 R012 'with' does not go with 'truncate', which has no row that a transaction wrote
          message reports | lines by order_id       | 5:12 R012 'with' does not go with 'on: message', which has no row for others to belong to
          delete orders | lines by order_id = customer | 5:15 E110 'with' needs 'customer' of deleted rows, but public.orders has REPLICA IDENTITY DEFAULT: PostgreSQL does not log it
          """)
  void everyProblemHasItsPlace(String on, String with, String problem) {
    String file =
        """
        rules: v1
        triggers:
          - event: A
            on: %s
            with: {x: %s}
            key: "1"
            data: {n: 1}
        """
            .formatted(on, with);
    assertThat(problems(file)).anySatisfy(told -> assertThat(told).startsWith(problem));
  }

  @Test
  void whatDoesNotGoTogether() {
    assertThat(
            problems(
                """
                rules: v1
                triggers:
                  - event: A
                    on: orders
                    while: total != null
                    with: {x: lines by order_id}
                    data: {id}
                  - event: B
                    on: orders
                    while: tx.changes > 1
                    data: {id}
                  - event: C
                    on: insert orders
                    with: {tx: lines by order_id, y: lines by order_id}
                    let: {y: "1"}
                    data: {id}
                """))
        .containsExactly(
            "6:5 R012 'with' does not go with 'while'",
            "10:15 R012 tx.changes does not go with 'while': it is known only when the transaction"
                + " has ended",
            "14:12 R011 'tx' is a word of the language",
            "14:35 R011 'y' is a name under 'let' too");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          lines.map(l, l.skuu)       | E101 table public.lines has no column 'skuu'
          linse.map(l, l.sku)        | E101 table public.orders has no column 'linse'
          lines == lines             | E102 operator '==' cannot compare list of row of lines values
          lines[0] in lines          | E102 operator 'in' cannot look for row of lines in list of row of lines
          lines + [1]                | E102 operator '+' cannot take list of row of lines and list of int
          sum(lines)                 | E106 sum() takes a list of numbers, and this is list of row of lines
          string(lines)              | E106 string() takes values, and this is list of row of lines
          mask(lines)                | E106 mask() takes values, and this is list of row of lines
          lines.map(l, l.sku + l)    | E102 operator '+' cannot take text and row of lines
          lines.map(l, l.qty).map(q, q + 'x') | E102 operator '+' cannot take int and text
          """)
  void rowsAreTyped(String expression, String problem) {
    String file =
        """
        rules: v1
        triggers:
          - event: A
            on: insert orders
            with: {lines: lines by order_id}
            data: {id, n: "%s"}
        """
            .formatted(expression);
    assertThat(problems(file)).singleElement().asString().contains(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          lines                                | 1
          lines[0]                             | 1
          {'all': lines}                       | 1
          [lines[0]]                           | 1
          lines.map(l, l.note)                 | 1
          lines.filter(l, l.note == 'x').map(l, l.sku) | 1
          lines.filter(l, true)                | 1
          big                                  | 1
          size(big)                            | 0
          lines.map(l, mask(l.note))           | 0
          lines.map(l, {'sku': l.sku})         | 0
          size(lines)                          | 0
          """)
  void privateColumnsOfChildRowsLeaveOnlyHidden(String expression, int problems) {
    String file =
        """
        rules: v1
        private: [lines.note]
        triggers:
          - event: A
            on: insert orders
            with: {lines: lines by order_id}
            let: {big: "lines.filter(l, l.qty > 1)"}
            when: lines.exists(l, l.note == 'x')
            data: {id, n: "%s"}
        """
            .formatted(expression);
    assertThat(problems(file)).hasSize(problems);
    assertThat(problems(file))
        .allSatisfy(
            told ->
                assertThat(told)
                    .contains("E301 'lines.note' is private, and would leave in 'data'"));
  }

  private static List<String> problems(String file) {
    return OrderTables.compile(file).issues().stream()
        .map(
            issue ->
                issue.location().line()
                    + ":"
                    + issue.location().column()
                    + " "
                    + issue.code()
                    + " "
                    + issue.message())
        .toList();
  }
}
