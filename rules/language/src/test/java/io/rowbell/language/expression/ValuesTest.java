package io.rowbell.language.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rowbell.model.Interval;
import io.rowbell.model.Json;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Text, times, JSON and lists. */
class ValuesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        // text
        "'a' < 'b' && 'Z' < 'a'",
        "'😀' > 'ﬀ' && 'ab' > 'a'",
        "symbol + '!' == 'ACME!'",
        "ref == 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
        "ref in ['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11']",
        "addr == '10.0.0.1/8'",
        "status == 'OPEN' && status in ['OPEN', 'HALTED']",
        "raw == b'hi' && size(raw) == 2 && string(raw) == 'hi'",
        "'😀a'.substring(1) == 'a'",
        // times
        "created_at < '2026-11-20T10:15:30Z'",
        "created_at < '2026-11-20 10:15:30+00'",
        "created_at >= timestamp('2026-11-20T08:15:30.5Z')",
        "due > '2026-11-30' && due - due == 0",
        "due + 1 == '2026-12-02'",
        "opens < '10:00' && opens >= '09:30:00'",
        "local == '2026-11-20T10:15:00'",
        "lasted == '1d1h' && lasted > duration('24h') && lasted < 'PT25H1M'",
        "age(created_at) > duration('1h') && ts - created_at == '2h'",
        "ts - duration('2h') == created_at",
        "ts + duration('P1M') == '2026-12-20T10:15:30.5Z'",
        "timestamp(local) < ts && timestamp(due) > ts",
        "int(timestamp('1970-01-02T00:00:00Z')) == 86400",
        "timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z') > duration('9998d')",
        "duration('1.5s') + duration('500ms') == duration('2s')",
        // json
        "payload.total == 9.9 && payload.total == 9.90",
        "payload.who.name == 'Ada' && payload['who']['name'] == 'Ada'",
        "payload.express == true && bool(payload.express)",
        "payload.gone == null && payload.nowhere.at.all == null",
        "has(payload.gone) && !has(payload.nowhere)",
        "payload.items[1].sku == 'B' && payload.items[2] == null && payload.items[-1] == null",
        "payload.who == json('{\"name\":\"Ada\"}')",
        "payload.items[0] == {'qty': 2, 'sku': 'A'}",
        "string(payload.who.name) == 'Ada' && string(json('\"x\"')) == 'x'",
        "'total' in payload && !('x' in payload)",
        "int(payload.items[0].qty) + 1 == 3",
        "json('[1, 2]') == [1, 2]",
        "1 in json('[1, 2]')",
        "string(payload.items[0]) == '{\"sku\": \"A\", \"qty\": 2}'",
        // lists
        "'tech' in tags && !('x' in tags)",
        "tags == ['tech', 'us'] && tags[0] == 'tech' && tags[7] == null",
        "tags + ['x'] == ['tech', 'us', 'x']",
        "1.0 in [1, 2] && 1 in [1.0]",
        "vars.labels == ['a', 'b'] && 'b' in vars.labels",
        "tags.filter(t, t.startsWith('t')).map(t, upper(t)) == ['TECH']",
        "[1, 2, 3].filter(x, x > 1).sum() == 5",
        "payload.items.all(i, int(i.qty) >= 2)",
        "[1, 2].exists(x, 1 / (x - 1) == 1)",
        "![0, 1].all(x, 1 / x > 1)",
        "{'a': {'b': 2}}.a.b == 2",
        "size({'a': 1}) == 1 && 'a' in {'a': 1}",
        "op == 'update' && table == 'stocks' && tx.id == 731"
      })
  void isTrue(String source) {
    assertThat(Sample.test(source)).isEqualTo(Truth.TRUE);
  }

  @Test
  void valuesAreOfTheirCanonicalClass() {
    assertThat(Sample.eval("payload.total")).isEqualTo(new Json("9.90"));
    assertThat(Sample.eval("payload.items[0]")).isEqualTo(new Json("{\"sku\": \"A\", \"qty\": 2}"));
    assertThat(Sample.eval("payload.who.name")).isEqualTo("Ada");
    assertThat(Sample.eval("due + 1")).isEqualTo(LocalDate.of(2026, 12, 2));
    assertThat(Sample.eval("age(created_at)")).isEqualTo(new Interval(0, 0, 7_200_000_000L));
    assertThat(Sample.eval("duration('7d')")).isEqualTo(new Interval(0, 7, 0));
    assertThat(Sample.eval("timestamp(due)")).isEqualTo(Instant.parse("2026-12-01T00:00:00Z"));
    assertThat(Sample.eval("string(duration('90m'))")).isEqualTo("PT1H30M");
    assertThat(Sample.eval("string(weight)")).isEqualTo("0.5");
    assertThat(Sample.eval("hash('x')")).asString().hasSize(64);
  }

  @Test
  void infiniteTimesStayInfinite() {
    assertThat(Sample.test("created_at > ts", Sample.updateWith("created_at", Instant.MAX)))
        .isEqualTo(Truth.TRUE);
    assertThat(Sample.eval("age(created_at)", Sample.updateWith("created_at", Instant.MIN)))
        .isEqualTo(Interval.INFINITY);
    assertThat(
            Sample.eval(
                "created_at + duration('1d')", Sample.updateWith("created_at", Instant.MAX)))
        .isEqualTo(Instant.MAX);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "json(symbol) == 1 | X405",
        "payload.who.map(x, x) == [] | X408",
        "size(payload.total) == 1 | X408",
        "timestamp(symbol) == ts | X405",
        "duration(symbol) == duration('1s') | X405",
        "ts + duration('P300000Y') > ts | ''",
        "bool(symbol) | X405"
      })
  void failsWithACode(String source, String code) {
    EvaluationException thrown =
        catchThrowableOfType(EvaluationException.class, () -> Sample.test(source));
    assertThat(thrown == null ? "" : thrown.code()).isEqualTo(code);
  }

  @Test
  void comprehensionsAreBounded() {
    var thousand = Collections.nCopies(1000, "t");
    assertThat(Sample.test("tags.all(t, t == 't')", Sample.updateWith("tags", thousand)))
        .isEqualTo(Truth.TRUE);
    EvaluationException thrown =
        catchThrowableOfType(
            EvaluationException.class,
            () ->
                Sample.test(
                    "tags.all(t, t == 't')",
                    Sample.updateWith("tags", Collections.nCopies(1001, "t"))));
    assertThat(thrown.code()).isEqualTo("X406");
  }

  @Test
  void nullsInListsAreValues() {
    var tags = java.util.Arrays.asList("a", null);
    assertThat(Sample.test("null in tags", Sample.updateWith("tags", tags))).isEqualTo(Truth.TRUE);
    assertThat(Sample.test("'b' in tags", Sample.updateWith("tags", tags))).isEqualTo(Truth.FALSE);
    assertThat(Sample.test("tags.exists(t, t == null)", Sample.updateWith("tags", tags)))
        .isEqualTo(Truth.TRUE);
    assertThat(Sample.test("tags.all(t, size(t) > 0)", Sample.updateWith("tags", tags)))
        .isEqualTo(Truth.UNKNOWN);
  }

  @Test
  void hugeJsonNumbersDoNoHarm() {
    var change =
        Sample.updateWith("payload", new Json("{\"a\": 1e999999999, \"b\": 1e-999999999}"));
    assertThat(Sample.eval("payload.a", change)).isEqualTo(new Json("1e999999999"));
    EvaluationException thrown =
        catchThrowableOfType(
            EvaluationException.class, () -> Sample.eval("decimal(payload.a)", change));
    assertThat(thrown.code()).isEqualTo("X407");
    assertThat(Sample.eval("decimal(payload.b) < 1", change)).isEqualTo(true);
  }

  @Test
  void textThatGrowsWithoutBoundIsAnError() {
    String text = "a".repeat(1 << 20);
    var change = Sample.updateWith("note", text);
    assertThat(Sample.eval("size(note + note)", change)).isEqualTo(2L << 20);
    for (String source :
        new String[] {
          "size(note.replace('a', '" + "b".repeat(100) + "'))",
          "size(note.replace('', '" + "b".repeat(100) + "'))"
        }) {
      EvaluationException thrown =
          catchThrowableOfType(EvaluationException.class, () -> Sample.eval(source, change));
      assertThat(thrown.code()).isEqualTo("X407");
    }
  }

  @Test
  void aDeepDocumentIsAnErrorNotAnOverflow() {
    String deep = "[".repeat(5000) + "]".repeat(5000);
    var change = Sample.updateWith("payload", new Json("{\"a\": " + deep + ", \"b\": 1}"));
    EvaluationException thrown =
        catchThrowableOfType(
            EvaluationException.class, () -> Sample.eval("payload.b == 1", change));
    assertThat(thrown.code()).isEqualTo("X405");
  }
}
