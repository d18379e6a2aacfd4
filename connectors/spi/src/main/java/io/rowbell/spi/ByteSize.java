package io.rowbell.spi;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes.
 *
 * @param bytes 0 or more
 */
public record ByteSize(long bytes) {
  private static final Pattern FORM = Pattern.compile("(\\d+)\\s*(B|[KMGT]i?B)?");

  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size is not negative: " + bytes);
    }
  }

  /**
   * Reads {@code 64MiB} (2^20), {@code 64MB} (10^6), {@code 512KiB}, {@code 1GiB}, or plain bytes.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  public static ByteSize parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no size: it looks like 64MiB");
    }
    String unit = form.group(2);
    try {
      long factor = 1;
      if (unit != null && !unit.equals("B")) {
        int power = "KMGT".indexOf(unit.charAt(0)) + 1;
        long base = unit.length() == 3 ? 1024 : 1000;
        for (int i = 0; i < power; i++) {
          factor *= base;
        }
      }
      return new ByteSize(Math.multiplyExact(Long.parseLong(form.group(1)), factor));
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is too large a size", e);
    }
  }

  /** The largest unit that keeps it whole, for example {@code 64MiB}. */
  @Override
  public String toString() {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    long number = bytes;
    while (number >= 1024 && number % 1024 == 0 && unit < units.length - 1) {
      number /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%d%s", number, units[unit]);
  }
}
