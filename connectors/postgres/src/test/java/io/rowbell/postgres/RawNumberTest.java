package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RawNumberTest {
  @ParameterizedTest
  @CsvSource({
    "5, 5, 0",
    "5.00, 5, 0",
    "-5.00, 5, -1",
    "-0.5, 0, -1",
    "-0.5, -0.25, -1",
    "-1.5, -0.9, -1",
    "0.000000000000000001, 0, 1",
    "999999999999999999.999999999999999999, 1E+18, -1",
    "1000000000000000000, 999999999999999999, 1",
    "0.0000000000000000001, 0, 1",
    "-9223372036854775808, -9223372036854775807, -1",
    "100, 1E+2, 0",
    "12, 1.2E+1, 0"
  })
  void textIsComparedByValue(String text, String constant, int order) {
    assertThat(compare(text, constant)).isEqualTo(order);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"NaN", "Infinity", "-Infinity", "", "-", ".5", "5.", "1e5", " 5", "5 ", "+5"})
  void whatIsNoPlainNumberIsNotKnown(String text) {
    assertThat(compare(text, "5")).isEqualTo(RawNumber.NOT_KNOWN);
  }

  @Test
  void itAgreesWithBigDecimal() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      BigDecimal value = number(random);
      BigDecimal constant = random.nextInt(4) == 0 ? value.setScale(25) : number(random);
      assertThat(compare(value.toPlainString(), constant.toString()))
          .as("%s and %s", value, constant)
          .isEqualTo(value.compareTo(constant));
    }
  }

  private static BigDecimal number(Random random) {
    int bits = 1 + random.nextInt(random.nextInt(5) == 0 ? 90 : 20);
    BigInteger digits = new BigInteger(bits, random);
    return new BigDecimal(random.nextBoolean() ? digits : digits.negate(), random.nextInt(25));
  }

  private static int compare(String text, String constant) {
    byte[] bytes = ("x" + text + "9").getBytes(StandardCharsets.UTF_8);
    int order = new RawNumber(new BigDecimal(constant)).compare(bytes, 1, bytes.length - 1);
    return order == RawNumber.NOT_KNOWN ? order : Integer.signum(order);
  }
}
