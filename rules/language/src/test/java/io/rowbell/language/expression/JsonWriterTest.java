package io.rowbell.language.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.rowbell.model.Interval;
import io.rowbell.model.Json;
import io.rowbell.model.Row;
import io.rowbell.model.TimeOfDay;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every canonical value looks like in an event. */
class JsonWriterTest {
  private static final long SEED = 20_261_120L;

  private static String json(@Nullable Object value) {
    return new String(new JsonWriter().value(value).toByteArray(), StandardCharsets.UTF_8);
  }

  static Stream<Arguments> values() {
    return Stream.of(
        Arguments.of(null, "null"),
        Arguments.of(true, "true"),
        Arguments.of(0L, "0"),
        Arguments.of(-17L, "-17"),
        Arguments.of(Long.MIN_VALUE, "-9223372036854775808"),
        Arguments.of(Long.MAX_VALUE, "9223372036854775807"),
        Arguments.of(1_000_000_000_000_000_000L, "1000000000000000000"),
        Arguments.of(new BigDecimal("100.00"), "100.00"),
        Arguments.of(new BigDecimal("1E+3"), "1000"),
        Arguments.of(new BigDecimal("0.00000001"), "0.00000001"),
        Arguments.of(new BigDecimal("-12345678901234567890.5"), "-12345678901234567890.5"),
        Arguments.of(Double.NaN, "\"NaN\""),
        Arguments.of(Double.NEGATIVE_INFINITY, "\"-Infinity\""),
        Arguments.of(0.1, "0.1"),
        Arguments.of(5.0, "5"),
        Arguments.of(-0.0, "-0"),
        Arguments.of(123456.789, "123456.789"),
        Arguments.of(1e14, "100000000000000"),
        Arguments.of(1e15, "1e+15"),
        Arguments.of(1.5e300, "1.5e+300"),
        Arguments.of(0.0001, "0.0001"),
        Arguments.of(0.00001, "1e-05"),
        Arguments.of(Double.MIN_VALUE, "5e-324"),
        Arguments.of(Double.valueOf("8.41e21"), "8.41e+21"),
        Arguments.of("plain", "\"plain\""),
        Arguments.of(
            "q\" b\\ n\n t\t r\r \b\f \u0001 /", "\"q\\\" b\\\\ n\\n t\\t r\\r \\b\\f \\u0001 /\""),
        Arguments.of("Größe € 😀", "\"Größe € 😀\""),
        Arguments.of("half \ud83d!", "\"half \\ud83d!\""),
        Arguments.of(Instant.parse("2026-11-20T10:15:30.500Z"), "\"2026-11-20T10:15:30.5Z\""),
        Arguments.of(Instant.parse("2026-11-20T10:15:30Z"), "\"2026-11-20T10:15:30Z\""),
        Arguments.of(
            Instant.parse("1969-12-31T23:59:59.000001Z"), "\"1969-12-31T23:59:59.000001Z\""),
        Arguments.of(Instant.parse("-0043-03-15T00:00:00Z"), "\"-0043-03-15T00:00:00Z\""),
        Arguments.of(Instant.parse("0000-01-01T00:00:00Z"), "\"0000-01-01T00:00:00Z\""),
        Arguments.of(Instant.parse("+294276-12-31T23:59:59Z"), "\"+294276-12-31T23:59:59Z\""),
        Arguments.of(Instant.MAX, "\"infinity\""),
        Arguments.of(Instant.MIN, "\"-infinity\""),
        Arguments.of(LocalDateTime.of(2026, 11, 20, 10, 15), "\"2026-11-20T10:15:00\""),
        Arguments.of(
            LocalDateTime.of(2026, 11, 20, 10, 15, 1, 250_000), "\"2026-11-20T10:15:01.00025\""),
        Arguments.of(LocalDateTime.MAX, "\"infinity\""),
        Arguments.of(LocalDate.of(2026, 1, 2), "\"2026-01-02\""),
        Arguments.of(LocalDate.of(-4712, 1, 1), "\"-4712-01-01\""),
        Arguments.of(LocalDate.MIN, "\"-infinity\""),
        Arguments.of(TimeOfDay.parse("24:00:00"), "\"24:00:00\""),
        Arguments.of(new Interval(14, 3, 14_706_500_000L), "\"P1Y2M3DT4H5M6.5S\""),
        Arguments.of(new byte[] {(byte) 0xDE, (byte) 0xAD}, "\"3q0=\""),
        Arguments.of(new Json("{\"a\": [1, \"ü\"]}"), "{\"a\": [1, \"ü\"]}"),
        Arguments.of(
            Arrays.asList(1L, null, List.of("a", "b"), List.of()), "[1,null,[\"a\",\"b\"],[]]"));
  }

  @ParameterizedTest
  @MethodSource("values")
  void writesEveryKindOfValue(@Nullable Object value, String expected) {
    assertThat(json(value)).isEqualTo(expected);
  }

  @Test
  void writesObjectsWithTheirCommas() {
    JsonWriter writer = new JsonWriter();
    writer
        .beginObject()
        .name("id")
        .value(1L)
        .name("none")
        .beginArray()
        .endArray()
        .name("in")
        .beginObject()
        .name("a")
        .value("x")
        .endObject()
        .name("list")
        .beginArray()
        .value(1L)
        .beginObject()
        .endObject()
        .value(null)
        .endArray()
        .endObject();
    String expected = "{\"id\":1,\"none\":[],\"in\":{\"a\":\"x\"},\"list\":[1,{},null]}";
    assertThat(new String(writer.toByteArray(), StandardCharsets.UTF_8)).isEqualTo(expected);
    assertThat(writer.size()).isEqualTo(expected.length());
    assertThat(writer.reset().value("again").toByteArray())
        .isEqualTo("\"again\"".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void whatItWritesReadsBackTheSame() throws IOException {
    Random random = new Random(SEED);
    for (int i = 0; i < 5000; i++) {
      String text =
          random
              .ints(random.nextInt(40), 0, random.nextBoolean() ? 0x80 : 0x11000)
              .filter(c -> !(c >= 0xD800 && c < 0xE000))
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString();
      double number = Double.longBitsToDouble(random.nextLong());
      JsonWriter writer = new JsonWriter().beginArray().value(text).value(number).endArray();
      try (JsonParser parser = new JsonFactory().createParser(writer.toByteArray())) {
        parser.nextToken();
        assertThat(parser.nextTextValue()).as("seed %s", SEED).isEqualTo(text);
        parser.nextToken();
        if (Double.isFinite(number)) {
          assertThat(parser.getDoubleValue()).isEqualTo(number);
        } else {
          assertThat(Double.valueOf(parser.getText())).isEqualTo(Double.valueOf(number));
        }
      }
    }
  }

  @Test
  void refusesWhatIsNoValue() {
    assertThatThrownBy(() -> json(Row.NOT_LOGGED)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> json(1)).isInstanceOf(IllegalArgumentException.class);
  }
}
