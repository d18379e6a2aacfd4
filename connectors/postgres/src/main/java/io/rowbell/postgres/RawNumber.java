package io.rowbell.postgres;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/**
 * A constant that numbers are compared with as PostgreSQL prints them, digit by digit: nothing is
 * allocated for numbers of up to {@value #DIGITS} digits before and behind the point.
 */
final class RawNumber {
  private static final int DIGITS = 18;

  /** What cannot be compared: no number, or one that BigDecimal has not. */
  static final int NOT_KNOWN = 2;

  private final BigDecimal exact;
  private final boolean isShort;
  private final long whole;
  private final long fraction;

  RawNumber(BigDecimal exact) {
    this.exact = exact;
    BigDecimal wholePart = new BigDecimal(exact.toBigInteger());
    BigDecimal fractionPart = exact.subtract(wholePart).movePointRight(DIGITS);
    this.isShort =
        wholePart.precision() <= DIGITS && fractionPart.stripTrailingZeros().scale() <= 0;
    this.whole = isShort ? wholePart.longValueExact() : 0;
    this.fraction = isShort ? fractionPart.longValueExact() : 0;
  }

  /**
   * Compares a text with the constant.
   *
   * @return less than, equal to or greater than 0; or {@link #NOT_KNOWN}
   */
  int compare(byte[] bytes, int start, int end) {
    int at = start;
    boolean negative = at < end && bytes[at] == '-';
    if (negative) {
      at++;
    }
    int point = digits(bytes, at, end);
    int last = point < end && bytes[point] == '.' ? digits(bytes, point + 1, end) : point;
    if (point == at || last != end || point == end - 1) {
      return NOT_KNOWN;
    }
    int decimals = Math.max(0, end - point - 1);
    if (!isShort || point - at > DIGITS || decimals > DIGITS) {
      String text = new String(bytes, start, end - start, StandardCharsets.US_ASCII);
      return Integer.signum(new BigDecimal(text).compareTo(exact));
    }
    long own = number(bytes, at, point);
    long ownFraction = number(bytes, Math.min(point + 1, end), end);
    for (int i = decimals; i < DIGITS; i++) {
      ownFraction *= 10;
    }
    int order = Long.compare(negative ? -own : own, whole);
    return order != 0 ? order : Long.compare(negative ? -ownFraction : ownFraction, fraction);
  }

  /** Where a run of digits ends. */
  private static int digits(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    return at;
  }

  private static long number(byte[] bytes, int from, int to) {
    long number = 0;
    for (int i = from; i < to; i++) {
      number = number * 10 + (bytes[i] - '0');
    }
    return number;
  }
}
