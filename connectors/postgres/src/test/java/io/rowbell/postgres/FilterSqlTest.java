package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.RowPredicate;
import io.rowbell.model.RowPredicate.Compare;
import io.rowbell.model.RowPredicate.Null;
import io.rowbell.model.RowPredicate.Operator;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilterSqlTest {
  private static final RowPredicate PAID = new Compare("status", Operator.EQUAL, "it's \"PAID\"");
  private static final RowPredicate LARGE =
      RowPredicate.any(
          List.of(
              new Compare("Total", Operator.GREATER, new BigDecimal("-1.50")),
              new Null("Total", true)));

  @Test
  void isWrittenAndReadBack() {
    RowPredicate all = RowPredicate.all(List.of(PAID, LARGE, new Null("note", false)));
    assertThat(FilterSql.write(all))
        .isEqualTo(
            "\"status\" = 'it''s \"PAID\"' AND (\"Total\" > -1.5 OR \"Total\" IS NULL)"
                + " AND \"note\" IS NOT NULL");
    assertThat(FilterSql.read(FilterSql.write(all))).contains(all);
  }

  /** As PostgreSQL 18 gives back what we write for columns of several types. */
  @Test
  void isReadAsTheCatalogTellsIt() {
    assertRead("(status = 'A'::text)", "status", Operator.EQUAL, "A");
    assertRead("((status)::text = 'A'::text)", "status", Operator.EQUAL, "A");
    assertRead("(qty > '-5'::integer)", "qty", Operator.GREATER, -5);
    assertRead("(qty <= '3000000000'::bigint)", "qty", Operator.LESS_OR_EQUAL, 3_000_000_000L);
    assertRead("((qty)::numeric < 1.5)", "qty", Operator.LESS, new BigDecimal("1.5"));
    assertRead("(price >= (100)::numeric)", "price", Operator.GREATER_OR_EQUAL, 100);
    assertRead("(\"is\" IS DISTINCT FROM true)", "is", Operator.NOT_EQUAL, true);
    assertThat(FilterSql.read("((a = 1) OR ((b = 2) AND (c IS NULL)))"))
        .contains(
            RowPredicate.any(
                List.of(
                    new Compare("a", Operator.EQUAL, 1),
                    RowPredicate.all(
                        List.of(new Compare("b", Operator.EQUAL, 2), new Null("c", true))))));
    assertThat(FilterSql.read("(a <> 5)").orElseThrow())
        .as("SQL's own, of which null is no example")
        .isNotEqualTo(new Compare("a", Operator.NOT_EQUAL, 5));
  }

  private static void assertRead(String sql, String column, Operator operator, Object constant) {
    assertThat(FilterSql.read(sql)).contains(new Compare(column, operator, constant));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(lower(status) = 'a'::text)",
        "((price)::integer = 5)",
        "((status)::character varying(3) = 'A'::text)",
        "(status = 'A'::bpchar)",
        "(status = ('A'::text COLLATE \"C\"))",
        "(price = (1.5)::integer)",
        "(a = 1) OR b",
        "(a = b)",
        "(a % 2 = 0)",
        "(NOT (a = 1))",
        "(status ~ 'A'::text)",
        "(status = E'A\\\\n')",
        "",
      })
  void whatMayMeanSomethingElseIsNotRead(String sql) {
    assertThat(FilterSql.read(sql)).isEmpty();
  }

  @Test
  void namesEverythingThatMayBeAColumn() {
    assertThat(FilterSql.names("((\"Total\" > 5) AND lower(status) = 'id'::text)"))
        .contains("Total", "status")
        .doesNotContain("id");
  }
}
