package io.rowbell.postgres;

import io.rowbell.model.Interval;

/**
 * Reads intervals in the two of PostgreSQL's styles that leave no doubt: {@code iso_8601} ({@code
 * P-1Y2M3DT-4H5M-6.5S}) and {@code postgres} ({@code -1 years +2 mons 3 days -04:05:06.5}). Every
 * unit has its own sign; only seconds have decimals. In the second style the sign before the hours
 * is that of minutes and seconds too.
 */
final class IntervalText {
  private static final long SECOND = 1_000_000L;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;

  private long months;
  private long days;
  private long micros;

  private IntervalText() {}

  static Interval parse(String text) {
    if (text.equals("infinity")) {
      return Interval.INFINITY;
    }
    if (text.equals("-infinity")) {
      return Interval.MINUS_INFINITY;
    }
    try {
      IntervalText parts = new IntervalText();
      if (text.charAt(0) == 'P') {
        parts.iso(text);
      } else {
        parts.postgres(text);
      }
      return new Interval(Math.toIntExact(parts.months), Math.toIntExact(parts.days), parts.micros);
    } catch (NumberFormatException | IndexOutOfBoundsException | ArithmeticException e) {
      throw new IllegalArgumentException("the text is no interval in style iso_8601 or postgres");
    }
  }

  private void iso(String text) {
    boolean time = false;
    int at = 1;
    while (at < text.length()) {
      if (text.charAt(at) == 'T') {
        time = true;
        at++;
      }
      int unit = at;
      while (!Character.isUpperCase(text.charAt(unit))) {
        unit++;
      }
      switch (text.charAt(unit)) {
        case 'Y' -> addMonths(number(text, at, unit), 12);
        case 'D' -> days = number(text, at, unit);
        case 'H' -> addMicros(number(text, at, unit), HOUR);
        case 'S' -> addMicros(decimalMicros(text, at, unit), 1);
        case 'M' -> {
          if (time) {
            addMicros(number(text, at, unit), MINUTE);
          } else {
            addMonths(number(text, at, unit), 1);
          }
        }
        default -> throw new NumberFormatException();
      }
      at = unit + 1;
    }
  }

  private void postgres(String text) {
    int at = 0;
    while (at < text.length()) {
      int end = token(text, at);
      if (text.substring(at, end).contains(":")) {
        clock(text.substring(at, end));
      } else {
        long number = number(text, at, end);
        at = end + 1;
        end = token(text, at);
        switch (text.substring(at, end)) {
          case "year", "years" -> addMonths(number, 12);
          case "mon", "mons" -> addMonths(number, 1);
          case "day", "days" -> days = number;
          default -> throw new NumberFormatException();
        }
      }
      at = end + 1;
    }
  }

  private void clock(String text) {
    boolean negative = text.charAt(0) == '-';
    int start = negative || text.charAt(0) == '+' ? 1 : 0;
    int hours = text.indexOf(':');
    int minutes = text.indexOf(':', hours + 1);
    // Subtracted when negative: the least interval has no positive counterpart.
    int sign = negative ? -1 : 1;
    addMicros(number(text, start, hours), sign * HOUR);
    addMicros(number(text, hours + 1, minutes), sign * MINUTE);
    addMicros(decimalMicros(text, minutes + 1, text.length()), sign);
  }

  private void addMonths(long number, long unit) {
    months = Math.addExact(months, Math.multiplyExact(number, unit));
  }

  private void addMicros(long number, long unit) {
    micros = Math.addExact(micros, Math.multiplyExact(number, unit));
  }

  private static int token(String text, int start) {
    int end = text.indexOf(' ', start);
    return end < 0 ? text.length() : end;
  }

  private static long number(String text, int start, int end) {
    return Long.parseLong(text, start, end, 10);
  }

  /** Seconds with up to six decimals, in microseconds. */
  private static long decimalMicros(String text, int start, int end) {
    int point = text.indexOf('.', start);
    if (point < 0 || point > end) {
      return Math.multiplyExact(number(text, start, end), SECOND);
    }
    int digits = end - point - 1;
    if (digits < 1 || digits > 6) {
      throw new NumberFormatException();
    }
    long rest = number(text, point + 1, end);
    for (int i = digits; i < 6; i++) {
      rest *= 10;
    }
    long whole = Math.multiplyExact(number(text, start, point), SECOND);
    return text.charAt(start) == '-' ? whole - rest : whole + rest;
  }
}
