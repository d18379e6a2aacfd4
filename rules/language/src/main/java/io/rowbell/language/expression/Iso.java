package io.rowbell.language.expression;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;

/**
 * ISO 8601 as events show it: RFC 3339 in UTC for an instant, no more decimals than there are, an
 * extended year (with its sign) before year 0 and after 9999, and PostgreSQL's infinities.
 */
final class Iso {
  /** No text is longer. */
  static final int MAX_LENGTH = 48;

  private static final byte[] INFINITY = "infinity".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MINUS_INFINITY = "-infinity".getBytes(StandardCharsets.US_ASCII);

  private Iso() {}

  /** Writes an instant and returns the offset behind it. */
  static int write(byte[] to, int at, Instant instant) {
    if (instant.equals(Instant.MAX) || instant.equals(Instant.MIN)) {
      return copy(to, at, instant.equals(Instant.MAX) ? INFINITY : MINUS_INFINITY);
    }
    long seconds = instant.getEpochSecond();
    LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(seconds, 86_400L));
    int next = date(to, at, day);
    to[next++] = 'T';
    next = time(to, next, Math.floorMod(seconds, 86_400), instant.getNano());
    to[next++] = 'Z';
    return next;
  }

  /** Writes a timestamp without time zone and returns the offset behind it. */
  static int write(byte[] to, int at, LocalDateTime timestamp) {
    if (timestamp.equals(LocalDateTime.MAX) || timestamp.equals(LocalDateTime.MIN)) {
      return copy(to, at, timestamp.equals(LocalDateTime.MAX) ? INFINITY : MINUS_INFINITY);
    }
    int next = date(to, at, timestamp.toLocalDate());
    to[next++] = 'T';
    long nanos = timestamp.toLocalTime().toNanoOfDay();
    return time(to, next, (int) (nanos / 1_000_000_000L), (int) (nanos % 1_000_000_000L));
  }

  /** Writes a date and returns the offset behind it. */
  static int write(byte[] to, int at, LocalDate date) {
    if (date.equals(LocalDate.MAX) || date.equals(LocalDate.MIN)) {
      return copy(to, at, date.equals(LocalDate.MAX) ? INFINITY : MINUS_INFINITY);
    }
    return date(to, at, date);
  }

  private static int copy(byte[] to, int at, byte[] text) {
    System.arraycopy(text, 0, to, at, text.length);
    return at + text.length;
  }

  private static int date(byte[] to, int at, LocalDate date) {
    int next = at;
    int year = date.getYear();
    if (year < 0) {
      to[next++] = '-';
    } else if (year > 9999) {
      to[next++] = '+';
    }
    int magnitude = Math.abs(year);
    int digits = 4;
    for (int bound = 10_000; magnitude >= bound && digits < 9; bound *= 10) {
      digits++;
    }
    next = number(to, next, magnitude, digits);
    to[next++] = '-';
    next = number(to, next, date.getMonthValue(), 2);
    to[next++] = '-';
    return number(to, next, date.getDayOfMonth(), 2);
  }

  private static int time(byte[] to, int at, int secondOfDay, int nanos) {
    int next = number(to, at, secondOfDay / 3600, 2);
    to[next++] = ':';
    next = number(to, next, secondOfDay / 60 % 60, 2);
    to[next++] = ':';
    next = number(to, next, secondOfDay % 60, 2);
    if (nanos != 0) {
      to[next++] = '.';
      next = number(to, next, nanos, 9);
      while (to[next - 1] == '0') {
        next--;
      }
    }
    return next;
  }

  private static int number(byte[] to, int at, int value, int digits) {
    int rest = value;
    for (int i = at + digits - 1; i >= at; i--) {
      to[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return at + digits;
  }
}
