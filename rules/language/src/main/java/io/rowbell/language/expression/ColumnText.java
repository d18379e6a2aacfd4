package io.rowbell.language.expression;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.model.ColumnType;
import io.rowbell.model.Json;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads text as a value of a column, as PostgreSQL reads a constant that is assigned to it: {@code
 * numeric(10,2)} rounds, {@code char(3)} is padded, an {@code int} has a range. Times without a
 * zone are of UTC where the column's type has one.
 */
public final class ColumnText {
  private static final Pattern MODIFIER = Pattern.compile("\\(([0-9]+)(?:,\\s*(-?[0-9]+))?\\)");
  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,19}");
  private static final Pattern FLOAT =
      Pattern.compile("[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?");

  private ColumnText() {}

  /**
   * The value that a text is of.
   *
   * @param type any but an array
   * @return a value of the class that {@link ColumnType.Kind} names
   * @throws EvaluationException if the text is no value of the type; the message says what one
   *     looks like, and does not hold the text
   */
  public static Object read(String text, ColumnType type) {
    return switch (type.kind()) {
      case BOOLEAN -> truth(text);
      case INTEGER -> integer(text.strip(), type.sqlName());
      case FLOAT -> floating(text.strip(), type.sqlName());
      case NUMERIC -> numeric(text, type.sqlName());
      case TEXT -> characters(text, type.sqlName());
      case UUID -> Times.uuid(text);
      case ENUM -> label(text, type);
      case TIMESTAMP_TZ -> instant(text);
      case TIMESTAMP ->
          isDate(text) ? Times.date(text).atStartOfDay() : (Object) Times.localTimestamp(text);
      case DATE -> Times.date(text);
      case TIME -> Times.timeOfDay(text);
      case INTERVAL -> Times.interval(text);
      case BYTES -> bytes(text);
      case JSON -> json(text);
      case OPAQUE -> text;
      case ARRAY -> throw new IllegalArgumentException("an array is read element by element");
    };
  }

  private static boolean truth(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true", "t", "yes", "y", "on", "1" -> true;
      case "false", "f", "no", "n", "off", "0" -> false;
      default -> throw none("boolean: true or false");
    };
  }

  private static Long integer(String text, String type) {
    if (!INTEGER.matcher(text).matches()) {
      throw none("integer");
    }
    try {
      long value = Long.parseLong(text);
      boolean fits =
          switch (type) {
            case "smallint" -> value == (short) value;
            case "integer" -> value == (int) value;
            case "oid" -> value >= 0 && value <= 0xFFFF_FFFFL;
            default -> true;
          };
      if (fits) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below: it does not fit into eight bytes.
    }
    throw Numbers.outOfRange(type);
  }

  private static Double floating(String text, String type) {
    Double special =
        switch (text.toLowerCase(Locale.ROOT)) {
          case "nan" -> Double.NaN;
          case "infinity", "inf" -> Double.POSITIVE_INFINITY;
          case "-infinity", "-inf" -> Double.NEGATIVE_INFINITY;
          default -> null;
        };
    if (special != null) {
      return special;
    }
    if (!FLOAT.matcher(text).matches()) {
      throw none("floating-point number");
    }
    // What SQL prints of a real is the shortest text of the float that it holds.
    return type.equals("real")
        ? Double.valueOf(Float.toString(Float.parseFloat(text)))
        : Double.valueOf(text);
  }

  private static Object numeric(String text, String type) {
    Object value = Numbers.parse(text);
    Matcher modifier = MODIFIER.matcher(type);
    if (!(value instanceof BigDecimal number) || !modifier.find()) {
      return value;
    }
    int precision = Integer.parseInt(modifier.group(1));
    int scale = modifier.group(2) == null ? 0 : Integer.parseInt(modifier.group(2));
    BigDecimal rounded = number.setScale(scale, RoundingMode.HALF_UP);
    if (rounded.signum() != 0 && rounded.precision() > precision) {
      throw Numbers.outOfRange(type);
    }
    return scale < 0 ? rounded.setScale(0) : rounded;
  }

  private static String characters(String text, String type) {
    Matcher modifier = MODIFIER.matcher(type);
    if (!modifier.find() || !type.startsWith("character")) {
      return text;
    }
    int length = Integer.parseInt(modifier.group(1));
    int missing = length - text.codePointCount(0, text.length());
    if (missing < 0) {
      throw new EvaluationException(Codes.CONVERSION, "the text is too long for " + type);
    }
    return type.startsWith("character(") ? text + " ".repeat(missing) : text;
  }

  private static String label(String text, ColumnType type) {
    if (type.labels().contains(text)) {
      return text;
    }
    throw new EvaluationException(
        Codes.CONVERSION,
        "the text is no label of "
            + type
            + ": "
            + Suggestions.didYouMean(text, type.labels())
                .orElse("its labels are " + String.join(", ", type.labels())));
  }

  private static Instant instant(String text) {
    if (isDate(text)) {
      return Times.startOfDay(Times.date(text));
    }
    try {
      return Times.instant(text);
    } catch (EvaluationException e) {
      try {
        LocalDateTime local = Times.localTimestamp(text);
        return Times.inUtc(local);
      } catch (EvaluationException unzoned) {
        throw e;
      }
    }
  }

  private static boolean isDate(String text) {
    return text.strip().length() == "2026-11-20".length() && !text.contains("infinity");
  }

  private static byte[] bytes(String text) {
    if (!text.startsWith("\\x")) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    try {
      return HexFormat.of().parseHex(text, 2, text.length());
    } catch (IllegalArgumentException e) {
      throw none("bytea, like \\x00ff");
    }
  }

  private static Json json(String text) {
    Object unused = JsonText.tree(text);
    return new Json(text);
  }

  private static EvaluationException none(String what) {
    return new EvaluationException(Codes.CONVERSION, "the text is no " + what);
  }
}
