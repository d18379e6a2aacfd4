package io.rowbell.language.expression;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** The text of canonical values, as {@code string(x)}, keys and templates show it. */
public final class CanonicalText {
  /**
   * Below this, numbers have so few bits that one digit can be enough; Java prints two at least.
   */
  private static final double FEW_BITS = 1e-321;

  private CanonicalText() {}

  /**
   * The text of a value that is neither null nor Row.NOT_LOGGED.
   *
   * @return what JSON shows, without quotes: numbers as SQL prints them, timestamps in RFC 3339,
   *     bytes in base64, lists and maps as JSON
   */
  public static String of(Object value) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof BigDecimal decimal) {
      return decimal.toPlainString();
    }
    if (value instanceof Double number) {
      return of(number.doubleValue());
    }
    if (value instanceof byte[] bytes) {
      return Base64.getEncoder().encodeToString(bytes);
    }
    if (value instanceof List || value instanceof Map) {
      return new String(new JsonWriter().value(value).toByteArray(), StandardCharsets.UTF_8);
    }
    byte[] text = new byte[Iso.MAX_LENGTH];
    if (value instanceof Instant instant) {
      return ascii(text, Iso.write(text, 0, instant));
    }
    if (value instanceof LocalDateTime timestamp) {
      return ascii(text, Iso.write(text, 0, timestamp));
    }
    if (value instanceof LocalDate date) {
      return ascii(text, Iso.write(text, 0, date));
    }
    // Boolean, Long, TimeOfDay, Interval and Json print themselves.
    return value.toString();
  }

  private static String ascii(byte[] text, int length) {
    return new String(text, 0, length, StandardCharsets.ISO_8859_1);
  }

  /**
   * A double as PostgreSQL prints a float8: the fewest digits that read back as the same number,
   * with an exponent below 1e-4 and from 1e+15.
   */
  static String of(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.toString(value);
    }
    // JDK 17's own Double.toString is not always the shortest (JDK-4511638); this one is.
    String shortest = NumberOutput.toString(value, true);
    if (Math.abs(value) < FEW_BITS && value != 0) {
      shortest = oneDigitIfEnough(value, shortest);
    }
    boolean negative = shortest.startsWith("-");
    int mark = shortest.indexOf('E');
    int end = mark < 0 ? shortest.length() : mark;
    int point = shortest.indexOf('.');
    String digits =
        shortest.substring(negative ? 1 : 0, point) + shortest.substring(point + 1, end);
    int exponent =
        point
            - (negative ? 1 : 0)
            - 1
            + (mark < 0 ? 0 : Integer.parseInt(shortest, mark + 1, shortest.length(), 10));
    int lead = 0;
    while (lead < digits.length() - 1 && digits.charAt(lead) == '0') {
      lead++;
    }
    int trail = digits.length();
    while (trail > lead + 1 && digits.charAt(trail - 1) == '0') {
      trail--;
    }
    digits = digits.substring(lead, trail);
    exponent -= lead;
    String sign = negative ? "-" : "";
    if (digits.equals("0")) {
      return sign + "0";
    }
    if (exponent < -4 || exponent >= 15) {
      String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
      String power = String.valueOf(Math.abs(exponent));
      return sign
          + digits.charAt(0)
          + fraction
          + (exponent < 0 ? "e-" : "e+")
          + (power.length() < 2 ? "0" + power : power);
    }
    if (exponent < 0) {
      return sign + "0." + "0".repeat(-exponent - 1) + digits;
    }
    if (digits.length() <= exponent + 1) {
      return sign + digits + "0".repeat(exponent + 1 - digits.length());
    }
    return sign + digits.substring(0, exponent + 1) + "." + digits.substring(exponent + 1);
  }

  private static String oneDigitIfEnough(double value, String shortest) {
    BigDecimal digit = new BigDecimal(shortest).round(new MathContext(1));
    // "5E-324" as "5.0E-324", the form that is read on.
    return digit.doubleValue() == value ? digit.unscaledValue() + ".0E" + -digit.scale() : shortest;
  }
}
