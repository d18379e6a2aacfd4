package io.rowbell.model;

import java.util.Locale;

/**
 * SQL's {@code time}: 00:00:00 to 24:00:00, both included.
 *
 * @param micros microseconds since midnight
 */
public record TimeOfDay(long micros) implements Comparable<TimeOfDay> {
  private static final long DAY = 86_400_000_000L;

  public TimeOfDay {
    if (micros < 0 || micros > DAY) {
      throw new IllegalArgumentException("not within one day: " + micros + " us");
    }
  }

  /**
   * Reads what SQL prints.
   *
   * @param text {@code HH:MM:SS} and up to six decimals
   * @throws IllegalArgumentException if it is anything else
   */
  public static TimeOfDay parse(String text) {
    try {
      if (text.length() < 8 || text.charAt(2) != ':' || text.charAt(5) != ':') {
        throw new NumberFormatException();
      }
      long micros =
          (Integer.parseInt(text, 0, 2, 10) * 60L + Integer.parseInt(text, 3, 5, 10)) * 60L
              + Integer.parseInt(text, 6, 8, 10);
      micros *= 1_000_000;
      if (text.length() > 8) {
        String fraction = text.substring(9);
        if (text.charAt(8) != '.' || fraction.isEmpty() || fraction.length() > 6) {
          throw new NumberFormatException();
        }
        micros += Long.parseLong((fraction + "00000").substring(0, 6));
      }
      return new TimeOfDay(micros);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no time of day: it looks like 13:45:00.5", e);
    }
  }

  @Override
  public int compareTo(TimeOfDay other) {
    return Long.compare(micros, other.micros);
  }

  /** What SQL prints: {@code HH:MM:SS} and only as many decimals as there are. */
  @Override
  public String toString() {
    long seconds = micros / 1_000_000;
    String whole =
        String.format(
            Locale.ROOT, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    long rest = micros % 1_000_000;
    return rest == 0
        ? whole
        : whole + "." + String.format(Locale.ROOT, "%06d", rest).replaceFirst("0+$", "");
  }
}
