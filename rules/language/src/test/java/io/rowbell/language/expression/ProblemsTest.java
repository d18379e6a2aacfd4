package io.rowbell.language.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import io.rowbell.model.Operation;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every message: its place, its code, what it says and what it advises. */
class ProblemsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "price > 100 && prise < 5 ~ 16 E101 table public.stocks has no column 'prise' | did you mean 'price'?",
        "before.prise < 5 ~ 8 E101 table public.stocks has no column 'prise' | did you mean 'price'?",
        "after['prise'] < 5 ~ 7 E101 table public.stocks has no column 'prise' | did you mean 'price'?",
        "vars.hott < 5 ~ 6 E101 vars has no 'hott' | did you mean 'hot'?",
        "tx.idd == 5 ~ 4 E101 tx has no 'idd' | did you mean 'id'?",
        "price > '100' ~ 7 E102 operator '>' cannot compare numeric with text | write the number without quotes",
        "'100' == price ~ 7 E102 operator '==' cannot compare text with numeric | write the number without quotes",
        "symbol == 100 ~ 8 E102 operator '==' cannot compare text with int | write the value in quotes",
        "price > null ~ 7 E102 operator '>' cannot compare numeric with null | ask for null with == or !=",
        "payload.total > 5 ~ 15 E102 operator '>' cannot compare json with int | say what the JSON value is: decimal(...), int(...), string(...), timestamp(...)",
        "payload.total + 1 == 5 ~ 15 E102 operator '+' cannot take json and int | say what the JSON value is: decimal(...), int(...), string(...)",
        "status > 'A' ~ 10 E107 stock_status has no label 'A' | its labels are OPEN, HALTED",
        "status > 'OPEN' ~ 8 E102 operator '>' cannot compare stock_status with text | list the labels that are meant: x in ['a', 'b']",
        "created_at > local ~ 12 E102 operator '>' cannot compare timestamp with time zone with timestamp without time zone | timestamp(x) reads a time without time zone, or a date, as UTC",
        "symbol + 1 == 'x' ~ 8 E102 operator '+' cannot take text and int | string(x) makes text of anything",
        "price && active ~ 7 E102 operator '&&' joins conditions, and this is numeric | compare it, for example with != null",
        "price ~ 1 E103 a condition is true or false, and this is numeric | compare it, for example price > 0",
        "price * 2 ~ 1 E103 a condition is true or false, and this is numeric | compare it, for example with > 0",
        "symbol ~ 1 E103 a condition is true or false, and this is text | compare it, for example symbol == '...'",
        "due ~ 1 E103 a condition is true or false, and this is date | compare it, for example due != null",
        "symbol == ACME ~ 11 E101 table public.stocks has no column 'ACME' | text stands between quotes: 'ACME'",
        "symbol in [ACME] ~ 12 E101 table public.stocks has no column 'ACME' | text stands between quotes: 'ACME'",
        "SYMBOL == 'ACME' ~ 1 E101 table public.stocks has no column 'SYMBOL' | did you mean 'symbol'?",
        "symbol == NULL ~ 11 E101 table public.stocks has no column 'NULL' | did you mean 'null'?",
        "STOCKS.price > 1 ~ 1 E101 table public.stocks has no column 'STOCKS' | its columns are id, symbol, price, qty, status, weight, active, tags, payload, created_at, due, ref and 7 more",
        "OLD.price > 1 ~ 1 E101 table public.stocks has no column 'OLD' | write before for the row before the change",
        "bar(price) ~ 1 E105 there is no function 'bar' | docs/functions.md lists all functions",
        "price IS NOT NULL ~ 7 E100 unexpected 'IS' | write price != null",
        "price is null ~ 7 E100 unexpected 'is' | write price == null",
        "active && (qty + 1) IS NULL ~ 21 E100 unexpected 'IS' | write x == null",
        "symbol like 'A%' ~ 8 E100 unexpected 'like' | write startsWith(symbol, '...'), endsWith, contains or matches",
        "active && after.symbol LIKE 'A%' ~ 24 E100 unexpected 'LIKE' | write startsWith(after.symbol, '...'), endsWith, contains or matches",
        "symbol NOT LIKE 'A%' ~ 8 E100 unexpected 'NOT' | write !startsWith(symbol, '...'), endsWith, contains or matches",
        "symbol not in ['A'] ~ 8 E100 unexpected 'not' | write !(symbol in ['a', 'b'])",
        "price between 1 and 2 ~ 7 E100 unexpected 'between' | write price >= a && price <= b",
        "price > 1 AND active ~ 11 E100 unexpected 'AND' | write &&",
        "price > 1 OR active ~ 11 E100 unexpected 'OR' | write ||",
        "not active ~ 5 E100 unexpected 'active' | write !",
        "price > 1 && NOT active ~ 18 E100 unexpected 'active' | write !",
        "not(active) ~ 1 E105 there is no function 'not' | write !x",
        "payload.express ~ 1 E103 a condition is true or false, and this is json | compare it, for example with == true",
        "price > weight ~ 7 E104 operator '>' would mix numeric, which is exact, with double, which is not | say which is meant: decimal(x) or double(x)",
        "price * weight > 1 ~ 7 E104 operator '*' would mix numeric, which is exact, with double, which is not | say which is meant: decimal(x) or double(x)",
        "uper(symbol) == 'X' ~ 1 E105 there is no function 'uper' | did you mean 'upper'?",
        "symbol.uper() == 'X' ~ 8 E105 there is no function 'uper' | did you mean 'upper'?",
        "created_at < now() ~ 14 E105 there is no function 'now' | use ts, the commit time: a replay then gives the same events",
        "created_at < today() ~ 14 E105 there is no function 'today' | use ts, the commit time: a replay then gives the same events",
        "upper(symbol, 'x') == 'X' ~ 1 E106 upper() takes 1 argument | it is written upper(text)",
        "upper(price) == 'X' ~ 7 E106 upper() takes text, and this is numeric | string(x) makes text of anything",
        "status == 'OPENN' ~ 11 E107 stock_status has no label 'OPENN' | did you mean 'OPEN'?",
        "status in ['OPEN', 'SHUT'] ~ 20 E107 stock_status has no label 'SHUT' | its labels are OPEN, HALTED",
        "op == 'updated' ~ 7 E107 operation has no label 'updated' | did you mean 'update'?",
        "due < 'tomorrow' ~ 7 E107 the text is no date, like 2026-11-20 | a text beside a value of type date is read as one: write it in that form",
        "price == 5u ~ 10 E108 there are no unsigned integers | leave the 'u' out",
        "price > 1 / 0 ~ 11 E109 this always fails: division by zero | it is made of constants alone: correct them, or read a column",
        "symbol.matches('(') ~ 16 E109 this is no RE2 pattern: missing closing ) | RE2 has no look-around and no back-references, and so never runs away",
        "last > 1 ~ 1 E101 last is the row when this rule fired last, and not a value | name one of its columns, for example last.id",
        "avg_over(price, note) > 1 ~ 17 E114 how far a window reaches back must be a constant | write how long in d, h, m, s or ms: '90s', '1h30m', '7d'",
        "avg_over(price, 'soon') > 1 ~ 17 E114 'soon' is no length of time | write how long in d, h, m, s or ms: '90s', '1h30m', '7d'",
        "avg_over(price, 60) > 1 ~ 17 E114 this is no length of time | write how long in d, h, m, s or ms: '90s', '1h30m', '7d'",
        "avg_over(price, 'P1M') > 1 ~ 17 E114 this is no length of time | write how long in d, h, m, s or ms: '90s', '1h30m', '7d'",
        "avg_over(price, '999ms') > 1 ~ 17 E114 a window reaches back from one second to 90 days | write how long in d, h, m, s or ms: '90s', '1h30m', '7d'",
        "avg_over(price, '91d') > 1 ~ 17 E114 a window reaches back from one second to 90 days | write how long in d, h, m, s or ms: '90s', '1h30m', '7d'",
        "avg_over(price) > 1 ~ 1 E106 avg_over() takes 2 arguments | it is written avg_over(x, '5m')",
        "avg_over(symbol, '1m') > 1 ~ 10 E106 avg_over() takes a number, and this is text | it is written avg_over(x, '5m')",
        "sum_over(payload.x, '1m') > 1 ~ 10 E106 sum_over() takes a number, and this is json | say what the JSON value is: decimal(...), int(...), string(...)",
        "count_over(price, '1m') > 1 ~ 12 E106 count_over() takes a condition, and this is numeric | it is written count_over(condition, '5m')",
        "max_over(symbol, '1m') == 'x' ~ 10 E106 max_over() takes a number or a time, and this is text | it is written max_over(x, '5m')",
        "sum_over(max_over(id, '1h'), '1m') > 1 ~ 10 E114 a window cannot look at another window | read one window of the column itself; two of them may be compared",
        "tags.exists(t, count_over(t == 'x', '1m') > 1) ~ 16 E114 a window is of changes, and not of a list's elements | make it a let name, if it does not need the variable",
        "becomes(avg_over(price, '1m') > 90) ~ 9 E114 becomes() looks at two rows, and a window at changes | count what becomes true: count_over(becomes(...), '5m')",
        "tags.exists(t, tags.exists(u, u == t)) ~ 21 E120 one comprehension inside another is not allowed | make the inner one a let name, if it does not need the outer one's variable",
        "qty > 1 ~ 1 W110 'qty' can be null: the condition is unknown then, and does not fire | if that is not meant, say what null counts as: coalesce(qty, ...)",
        "1 > 2 ~ 1 W120 this condition is always false | ask for a column of the row; 'enabled: false' rests a rule",
        "price > 1 and active ~ 11 E100 unexpected 'and' | write &&",
        "price = 1 ~ 7 E100 unexpected '=' | compare with ==",
        "symbol == 'x ~ 11 E100 the text has no closing quote | end it with the quote that it begins with",
        "Größe > 1 ~ 3 E100 unexpected 'ö' | a name with such letters is written after[\"...\"]",
        "price > ~ 9 E100 the expression ends too early | docs/rule-language.md shows expressions; the mistake may be just before this place",
        "price > 99999999999999999999 ~ 9 E100 this integer does not fit into 64 bits | write it with a decimal point: it is numeric then, and exact",
      })
  void saysWhatIsWrongAndWhere(String source, String expected) {
    assertThat(Sample.problems(source.endsWith(">") ? source + " " : source))
        .containsExactly(expected);
  }

  @Test
  void allProblemsOfAnExpressionAreFound() {
    assertThat(Sample.problems("prise > 1 && upper(id) == 'x' || symbol == 3"))
        .hasSize(3)
        .anyMatch(problem -> problem.startsWith("1 E101"))
        .anyMatch(problem -> problem.startsWith("20 E106"))
        .anyMatch(problem -> problem.startsWith("41 E102"));
  }

  @Test
  void theCaretStandsUnderTheCharacterBehindEmoji() {
    Problems problems = new Problems();
    Expression unused =
        new ExpressionCompiler(Sample.scope())
            .condition(Text.of("rules.yaml", "symbol == '😀' && prise > 1"), problems);
    assertThat(
            problems
                .issues()
                .get(0)
                .location()
                .lineText()
                .substring(problems.issues().get(0).location().column() - 1))
        .startsWith("prise");
  }

  @Test
  void aColumnProvenNotNullIsNoWarning() {
    assertThat(Sample.problems("qty != null && qty > 1")).isEmpty();
    assertThat(Sample.problems("qty == null || qty > 1")).isEmpty();
    assertThat(Sample.problems("!(qty == null) && qty > 1")).isEmpty();
    assertThat(Sample.problems("qty != null ? qty > 1 : false")).isEmpty();
    assertThat(Sample.problems("qty != null || qty > 1")).hasSize(1);
    assertThat(Sample.problems("coalesce(qty, 0) > 1")).isEmpty();
  }

  @Test
  void limitsAreLimits() {
    assertThat(Sample.problems("symbol == '" + "x".repeat(4096) + "'"))
        .singleElement()
        .asString()
        .contains("E120 the expression has 4108 bytes; at most 4096 are allowed");
    assertThat(Sample.problems("(".repeat(60) + "active" + ")".repeat(60)))
        .singleElement()
        .asString()
        .contains("E120 the expression is nested deeper than 50");
    assertThat(Sample.problems("!(".repeat(60) + "active" + ")".repeat(60)))
        .singleElement()
        .asString()
        .contains("E120");
    assertThat(Sample.problems("active" + " && active".repeat(200))).isEmpty();
    assertThat(Sample.problems("id" + " + id".repeat(48) + " > 0")).isEmpty();
  }

  @Test
  void aWindowMayBeGivenNull() {
    assertThat(Sample.problems("count_over(qty > 1, '1m') > 1")).isEmpty();
    assertThat(Sample.problems("count_over(qty > 1, '1m') > 1 && qty > 1")).hasSize(1);
  }

  @Test
  void aRuleHasAtMostTwentyWindows() {
    StringBuilder source = new StringBuilder("id > 0");
    for (int i = 1; i <= 20; i++) {
      source.append(" && sum_over(id, '").append(i).append("m') > 1 && sum_over(id, '1m') > 0");
    }
    assertThat(Sample.problems(source.toString())).isEmpty();
    assertThat(Sample.problems(source + " && sum_over(id, '21m') > 1"))
        .containsExactly(
            (source.length() + 5) + " E120 a rule has at most 20 windows | make two rules of it");
  }

  @Test
  void aLetWithAProblemIsNotAProblemWhereItIsUsed() {
    Problems problems = new Problems();
    ExpressionCompiler compiler = new ExpressionCompiler(Sample.scope());
    assertThat(compiler.let("move", Text.of("t", "prise * 2"), problems)).isNull();
    assertThat(compiler.condition(Text.of("t", "move > 1"), problems)).isNull();
    assertThat(problems.issues()).hasSize(1);
  }

  @Test
  void aTruncateHasNoRowAndNoKeyMeansNoHash() {
    Scope truncate = Scope.table(Sample.STOCKS, Set.of(Operation.TRUNCATE));
    assertThat(Sample.problems(truncate, "id == 1"))
        .containsExactly("1 E111 a truncate has no row | it has op, table, ts and tx");
    assertThat(Sample.problems(truncate, "hash(table) == 'x'"))
        .containsExactly(
            "1 E113 hash() needs a key, and none is configured | configure a secret of at least 16 bytes as the rules' hash key, or use mask(x)");
  }

  @Test
  void whatIsNeverReachedMayFail() {
    assertThat(Sample.problems("active ? id > 1 : id > 1 / 0")).isEmpty();
  }
}
