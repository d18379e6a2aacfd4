package io.rowbell.language.expression;

import static io.rowbell.language.expression.Truth.FALSE;
import static io.rowbell.language.expression.Truth.TRUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rowbell.model.Change;
import io.rowbell.model.Row;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers: exact where numeric, checked where int, and compared as PostgreSQL compares. */
class NumbersTest {
  private static final long SEED = 20_261_120L;

  private static Change with(Object price, Object size) {
    Map<String, @Nullable Object> after = Sample.after();
    after.put("price", price);
    after.put("Größe", size);
    return Sample.update(Sample.before(), after);
  }

  private static BigDecimal random(Random random) {
    return new BigDecimal(new BigInteger(1 + random.nextInt(90), random), random.nextInt(12))
        .multiply(BigDecimal.valueOf(random.nextBoolean() ? 1 : -1));
  }

  @Test
  void numericsAgreeWithBigDecimal() {
    Random random = new Random(SEED);
    Expression sum = Sample.compile(Sample.scope(), "price + after['Größe']");
    Expression difference = Sample.compile(Sample.scope(), "price - after['Größe']");
    Expression product = Sample.compile(Sample.scope(), "price * after['Größe']");
    Expression quotient = Sample.compile(Sample.scope(), "price / after['Größe']");
    Expression less = Sample.compile(Sample.scope(), "price < after['Größe']");
    Evaluation evaluation = new Evaluation();
    for (int i = 0; i < 2000; i++) {
      BigDecimal x = random(random);
      BigDecimal y = random(random);
      evaluation.begin(with(x, y));
      assertThat(sum.evaluate(evaluation)).as("seed %s", SEED).isEqualTo(x.add(y));
      assertThat(difference.evaluate(evaluation)).isEqualTo(x.subtract(y));
      assertThat(product.evaluate(evaluation)).isEqualTo(x.multiply(y));
      assertThat(less.test(evaluation)).isEqualTo(Truth.of(x.compareTo(y) < 0));
      if (y.signum() != 0) {
        assertThat((BigDecimal) quotient.evaluate(evaluation))
            .isEqualByComparingTo(x.divide(y, MathContext.DECIMAL128));
      }
    }
  }

  @Test
  void quotientsAreComparedExactly() {
    Random random = new Random(SEED);
    Expression exact = Sample.compile(Sample.scope(), "price / after['Größe'] > id / 3.0");
    Expression scaled =
        Sample.compile(Sample.scope(), "-(price / after['Größe']) * 100 <= abs(id / 7.0)");
    Evaluation evaluation = new Evaluation();
    for (int i = 0; i < 2000; i++) {
      BigDecimal y = random(random);
      if (y.signum() == 0) {
        continue;
      }
      // About half lie exactly on the bound, which no rounded quotient can tell.
      BigDecimal x = random.nextBoolean() ? random(random) : y;
      long id = random.nextInt(7);
      Map<String, @Nullable Object> after = Sample.after();
      after.put("price", x);
      after.put("Größe", y);
      after.put("id", id);
      evaluation.begin(Sample.update(Sample.before(), after));
      BigDecimal left = x.multiply(BigDecimal.valueOf(3));
      int order = left.compareTo(y.multiply(BigDecimal.valueOf(id))) * y.signum();
      assertThat(exact.test(evaluation))
          .as("%s / %s, seed %s", x, y, SEED)
          .isEqualTo(Truth.of(order > 0));
      int second =
          x.multiply(BigDecimal.valueOf(-700)).compareTo(y.multiply(BigDecimal.valueOf(id)))
              * y.signum();
      assertThat(scaled.test(evaluation)).isEqualTo(Truth.of(second <= 0));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.1 + 0.2 == 0.3 | TRUE",
        "1.0 == 1.00 | TRUE",
        "1 == 1.0 | TRUE",
        "after['Größe'] == 1 | TRUE",
        "9007199254740993.0 == 9007199254740992.0 | FALSE",
        "0.1000000000000000055511151231257827 == 0.1 | FALSE",
        "1.0 / 3 * 3 == 1 | TRUE",
        "price / 3 > 36.66666666666666666666666666666666666666 | TRUE",
        "price / 3 < 36.66666666666666666666666666666666666667 | TRUE",
        "weight == 0.5 | TRUE",
        "weight > 0.4 && 0.6 > weight | TRUE",
        "weight * 2 == 1 | TRUE",
        "weight < id | TRUE",
        "id > weight | TRUE",
        "weight + id == 1.5 | TRUE",
        "9007199254740993 > double(9007199254740992) | TRUE",
        "7 / 2 == 3 && -7 / 2 == -3 | TRUE",
        "-7 % 3 == -1 | TRUE",
        "7.5 % 2 == 1.5 | TRUE",
        "1e3 == 1000 && -1.5e-3 == -0.0015 | TRUE",
        "pct_change(100.00, 105.00) >= 5 | TRUE",
        "abs(pct_change(3, 2)) * 3 == 100 | TRUE",
        "-9223372036854775808 < 0 | TRUE",
        "decimal(weight) == 0.5 | TRUE",
        "price * vars.rate == 11 | TRUE",
        "weight * vars.rate > 0.04 | TRUE"
      })
  void comparesByValue(String source, Truth expected) {
    assertThat(Sample.test(source)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "id + 9223372036854775807 > 0 | X401",
        "0 - id - 9223372036854775807 - 1 > 0 | X401",
        "(id + 1) * 9223372036854775807 > 0 | X401",
        "(0 - id - 9223372036854775807) / -1 > 0 | X401",
        "abs(-9223372036854775807 - id) > 0 | X401",
        "-(-9223372036854775807 - id) > 0 | X401",
        "(-9223372036854775807 - id) / (0 - id) > 0 | X401",
        "id / (id - 1) > 0 | X404",
        "id % (id - 1) > 0 | X404",
        "price / (price - 110) > 0 | X404",
        "price / (price - 110) == 0 | X404",
        "weight / (weight - 0.5) > 0 | X404",
        "sum([id, 9223372036854775807]) > 0 | X401",
        "decimal(symbol) > 0 | X405",
        "int(symbol) > 0 | X405",
        "int(price * 1e18) > 0 | X407",
        "decimal(payload.who) > 0 | X405",
        "price * 1e131000 * 1e131000 > 0 | X407"
      })
  void failsRatherThanBeWrong(String source, String code) {
    EvaluationException thrown =
        catchThrowableOfType(EvaluationException.class, () -> Sample.test(source));
    assertThat(thrown == null ? "" : thrown.code()).isEqualTo(code);
  }

  @Test
  void numericNanAndInfinityCompareAsInPostgres() {
    Object nan = Double.NaN;
    Object infinity = Double.POSITIVE_INFINITY;
    Object minus = Double.NEGATIVE_INFINITY;
    Object number = new BigDecimal("5");
    assertThat(Sample.test("price == after['Größe']", with(nan, nan))).isEqualTo(TRUE);
    assertThat(Sample.test("price > after['Größe']", with(nan, infinity))).isEqualTo(TRUE);
    assertThat(Sample.test("price > after['Größe']", with(infinity, number))).isEqualTo(TRUE);
    assertThat(Sample.test("price < after['Größe']", with(minus, number))).isEqualTo(TRUE);
    assertThat(Sample.test("price == after['Größe']", with(infinity, infinity))).isEqualTo(TRUE);
    assertThat(Sample.test("price == after['Größe']", with(nan, number))).isEqualTo(FALSE);
    assertThat(Sample.test("price > 1e300", with(nan, number))).isEqualTo(TRUE);
    assertThat(Sample.test("price / after['Größe'] > 1", with(infinity, number))).isEqualTo(TRUE);
    assertThat(Sample.test("price / after['Größe'] == 0", with(number, infinity))).isEqualTo(TRUE);
    assertThat(Sample.eval("price - after['Größe']", with(infinity, infinity))).isEqualTo(nan);
    assertThat(Sample.eval("price * after['Größe']", with(infinity, BigDecimal.ZERO)))
        .isEqualTo(nan);
    assertThat(Sample.eval("price * -2", with(infinity, number))).isEqualTo(minus);
    assertThat(Sample.eval("price + after['Größe']", with(number, minus))).isEqualTo(minus);
    assertThat(Sample.eval("abs(price)", with(minus, number))).isEqualTo(infinity);
    assertThat(Sample.test("price == after['Größe']", with(Row.NOT_LOGGED, nan)))
        .isEqualTo(Truth.NOT_LOGGED);
  }

  @Test
  void doublesCompareAsInPostgres() {
    assertThat(Sample.test("weight == weight", Sample.updateWith("weight", Double.NaN)))
        .isEqualTo(TRUE);
    assertThat(Sample.test("weight > 1e308", Sample.updateWith("weight", Double.NaN)))
        .isEqualTo(TRUE);
    assertThat(Sample.test("weight > id", Sample.updateWith("weight", Double.NaN))).isEqualTo(TRUE);
    assertThat(Sample.test("weight == 0.0", Sample.updateWith("weight", -0.0))).isEqualTo(TRUE);
  }

  @Test
  void integersAndDoublesAreComparedWithoutRounding() {
    Random random = new Random(SEED);
    for (int i = 0; i < 20_000; i++) {
      long a = random.nextLong() >> random.nextInt(64);
      double b =
          random.nextBoolean() ? (double) a : Math.scalb(random.nextGaussian(), random.nextInt(70));
      assertThat(Integer.signum(Numbers.compareIntWithDouble(a, b)))
          .as("%s against %s, seed %s", a, b, SEED)
          .isEqualTo(new BigDecimal(a).compareTo(new BigDecimal(b)));
    }
    assertThat(Numbers.compareIntWithDouble(Long.MAX_VALUE, 0x1p63)).isNegative();
    assertThat(Numbers.compareIntWithDouble(Long.MIN_VALUE, -0x1p63)).isZero();
    assertThat(Numbers.compareIntWithDouble(1, Double.POSITIVE_INFINITY)).isNegative();
  }
}
