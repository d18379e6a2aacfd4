package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.Interval;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextDecoderTest {
  private static final List<TextDecoder> ALL =
      List.of(
          ScalarText::bool,
          ScalarText::integer,
          ScalarText::floating,
          ScalarText::numeric,
          ScalarText::time,
          DateTimeText::date,
          DateTimeText::timestamp,
          DateTimeText::timestampTz,
          IntervalText::parse,
          ArrayText.of(text -> text, ','));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "secret",
        "2026-13-01",
        "2026-11-20T00:00:00Z",
        "2026-11-20 00:00:00+00x",
        "1 fortnight",
        "04:05",
        "PX",
        "P1",
        "{1",
        "{1}}",
        "{\"a}",
        "[1:2]",
        "1..2",
        "25:00",
        "2026-11-20 BC BC",
        "-",
        "P1Y2",
        "1 day 2",
        "{a,b}c",
        "{a\\"
      })
  void whatIsNoValueIsRefusedWithoutBeingRepeated(String text) {
    for (TextDecoder decoder : ALL) {
      assertThatThrownBy(() -> decoder.decode(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("the text is no ")
          .hasNoCause();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\x0", "\\xzz", "\\9", "a\\"})
  void whatIsNoByteaIsRefused(String text) {
    assertThatThrownBy(() -> ScalarText.bytea(text))
        .hasMessage("the text is no bytea")
        .hasNoCause();
  }

  @Test
  void escapedByteaIsRead() {
    assertThat(ScalarText.bytea("a\\\\b\\000\\377"))
        .isEqualTo(new byte[] {'a', '\\', 'b', 0, (byte) 255});
  }

  @Test
  void bothIntervalStylesMeanTheSame() {
    Interval expected = new Interval(-14, 3, -14_706_500_000L);
    assertThat(IntervalText.parse("P-1Y-2M3DT-4H-5M-6.5S")).isEqualTo(expected);
    assertThat(IntervalText.parse("-1 years -2 mons +3 days -04:05:06.5")).isEqualTo(expected);
    assertThat(IntervalText.parse("00:00:00")).isEqualTo(IntervalText.parse("PT0S"));
    assertThat(IntervalText.parse("-2562047788:00:54.775808").micros()).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void offsetsToTheSecondAreHeeded() {
    assertThat(DateTimeText.timestampTz("1900-01-01 00:19:32+00:19:32"))
        .isEqualTo(Instant.parse("1900-01-01T00:00:00Z"));
    assertThat(DateTimeText.timestampTz("0001-12-31 19:00:00-05 BC"))
        .isEqualTo(Instant.parse("0001-01-01T00:00:00Z"));
  }
}
