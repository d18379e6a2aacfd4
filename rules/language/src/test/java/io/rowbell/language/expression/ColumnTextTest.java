package io.rowbell.language.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.ColumnType;
import io.rowbell.model.ColumnType.Kind;
import io.rowbell.model.Interval;
import io.rowbell.model.TimeOfDay;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnTextTest {
  private static Object read(String text, Kind kind, String sqlName) {
    return ColumnText.read(text, ColumnType.of(kind, sqlName));
  }

  @Test
  void numbersHaveTheRangeAndTheScaleOfTheirColumn() {
    assertThat(read("7", Kind.INTEGER, "integer")).isEqualTo(7L);
    assertThat(read("2.5", Kind.NUMERIC, "numeric(10,2)")).isEqualTo(new BigDecimal("2.50"));
    assertThat(read("2.345", Kind.NUMERIC, "numeric(10,2)")).isEqualTo(new BigDecimal("2.35"));
    assertThat(read("-2.345", Kind.NUMERIC, "numeric(10,2)")).isEqualTo(new BigDecimal("-2.35"));
    assertThat(read("2.5", Kind.NUMERIC, "numeric(10)")).isEqualTo(new BigDecimal("3"));
    assertThat(read("1250", Kind.NUMERIC, "numeric(2,-2)")).isEqualTo(new BigDecimal("1300"));
    assertThat(read("2.345", Kind.NUMERIC, "numeric")).isEqualTo(new BigDecimal("2.345"));
    assertThat(read("NaN", Kind.NUMERIC, "numeric(10,2)")).isEqualTo(Double.NaN);
    assertThat(read("0.1", Kind.FLOAT, "real")).isEqualTo(0.1);
    assertThat(read("0.123456789", Kind.FLOAT, "real")).isEqualTo(0.12345679);
    assertThat(read("-inf", Kind.FLOAT, "double precision")).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void textIsAsLongAsItsColumn() {
    assertThat(read("a", Kind.TEXT, "character(3)")).isEqualTo("a  ");
    assertThat(read("abc", Kind.TEXT, "character varying(3)")).isEqualTo("abc");
    assertThat(read(" a ", Kind.TEXT, "text")).isEqualTo(" a ");
  }

  @Test
  void timesAreOfUtcWhereTheyNameNoZone() {
    Instant noon = Instant.parse("2026-01-02T12:00:00Z");
    assertThat(read("2026-01-02T12:00:00Z", Kind.TIMESTAMP_TZ, "timestamptz")).isEqualTo(noon);
    assertThat(read("2026-01-02 13:00:00+01", Kind.TIMESTAMP_TZ, "timestamptz")).isEqualTo(noon);
    assertThat(read("2026-01-02 12:00:00", Kind.TIMESTAMP_TZ, "timestamptz")).isEqualTo(noon);
    assertThat(read("2026-01-02", Kind.TIMESTAMP_TZ, "timestamptz"))
        .isEqualTo(Instant.parse("2026-01-02T00:00:00Z"));
    assertThat(read("2026-01-02", Kind.TIMESTAMP, "timestamp"))
        .isEqualTo(LocalDateTime.parse("2026-01-02T00:00:00"));
    assertThat(read("2026-01-02", Kind.DATE, "date")).isEqualTo(LocalDate.of(2026, 1, 2));
    assertThat(read("infinity", Kind.DATE, "date")).isEqualTo(LocalDate.MAX);
    assertThat(read("24:00:00", Kind.TIME, "time")).isEqualTo(TimeOfDay.parse("24:00:00"));
    assertThat(read("1h30m", Kind.INTERVAL, "interval"))
        .isEqualTo(new Interval(0, 0, 5_400_000_000L));
  }

  @Test
  void bytesAreHexOrText() {
    assertThat((byte[]) read("\\x00ff", Kind.BYTES, "bytea")).containsExactly(0, 0xff);
    assertThat((byte[]) read("ab", Kind.BYTES, "bytea")).containsExactly('a', 'b');
  }

  @ParameterizedTest
  @CsvSource({
    "70000, INTEGER, smallint",
    "3000000000, INTEGER, integer",
    "9999999999999999999, INTEGER, bigint",
    "-1, INTEGER, oid",
    "1.5, INTEGER, bigint",
    "0x1p3, FLOAT, double precision",
    "100, NUMERIC, 'numeric(4,2)'",
    "99.999, NUMERIC, 'numeric(4,2)'",
    "abcd, TEXT, character varying(3)",
    "maybe, BOOLEAN, boolean",
    "zz, UUID, uuid",
    "2026-02-30, DATE, date",
    "noon, TIMESTAMP_TZ, timestamptz",
    "\\xzz, BYTES, bytea",
    "'{', JSON, jsonb"
  })
  void whatIsNoValueIsRefusedAndNotRepeated(String text, Kind kind, String sqlName) {
    assertThatThrownBy(() -> read(text, kind, sqlName))
        .isInstanceOf(EvaluationException.class)
        .hasMessageNotContaining("'" + text + "'");
  }
}
