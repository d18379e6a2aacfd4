package io.rowbell.postgres;

import io.rowbell.model.TimeOfDay;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.util.HexFormat;

/** Reads the types whose text is one plain token. */
final class ScalarText {
  private ScalarText() {}

  /** {@code t} and {@code f}, and the {@code true} and {@code false} of {@code ::text}. */
  static Object bool(String text) {
    return switch (text) {
      case "t", "true" -> true;
      case "f", "false" -> false;
      default -> throw new IllegalArgumentException("the text is no boolean");
    };
  }

  static Object integer(String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("the text is no integer");
    }
  }

  /** Java spells NaN and the infinities as PostgreSQL does. */
  static Object floating(String text) {
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("the text is no floating-point number");
    }
  }

  static Object numeric(String text) {
    try {
      return switch (text) {
        case "NaN" -> Double.NaN;
        case "Infinity" -> Double.POSITIVE_INFINITY;
        case "-Infinity" -> Double.NEGATIVE_INFINITY;
        default -> new BigDecimal(text);
      };
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("the text is no number");
    }
  }

  static Object time(String text) {
    try {
      return TimeOfDay.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the text is no time of day");
    }
  }

  /** Both forms of {@code bytea_output}: {@code \x00ff}, and the escaped one with octal numbers. */
  static Object bytea(String text) {
    try {
      return text.startsWith("\\x")
          ? HexFormat.of().parseHex(text, 2, text.length())
          : escaped(text);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("the text is no bytea");
    }
  }

  private static byte[] escaped(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        bytes.write(c);
      } else if (text.charAt(i + 1) == '\\') {
        bytes.write('\\');
        i++;
      } else {
        bytes.write(Integer.parseInt(text, i + 1, i + 4, 8));
        i += 3;
      }
    }
    return bytes.toByteArray();
  }
}
