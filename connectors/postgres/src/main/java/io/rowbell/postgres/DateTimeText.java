package io.rowbell.postgres;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Reads dates and timestamps as PostgreSQL prints them with {@code DateStyle = ISO}: {@code
 * 2026-11-20 13:45:00.5+00}, years of four to seven digits, {@code " BC"} at the very end, any
 * offset from UTC to the second, {@code infinity} and {@code -infinity}.
 *
 * <p>PostgreSQL's calendar and java.time's are both the proleptic Gregorian one; the year 1 BC is
 * java.time's year 0.
 */
final class DateTimeText {
  private static final String INFINITY = "infinity";
  private static final String MINUS_INFINITY = "-infinity";

  private final String text;
  private final int end;
  private final boolean bc;
  private int at;

  private DateTimeText(String text) {
    this.text = text;
    this.bc = text.endsWith(" BC");
    this.end = bc ? text.length() - 3 : text.length();
  }

  static LocalDate date(String text) {
    if (text.equals(INFINITY)) {
      return LocalDate.MAX;
    }
    if (text.equals(MINUS_INFINITY)) {
      return LocalDate.MIN;
    }
    DateTimeText reader = new DateTimeText(text);
    try {
      LocalDate date = reader.date();
      reader.expectEnd();
      return date;
    } catch (NumberFormatException | IndexOutOfBoundsException | DateTimeException e) {
      throw new IllegalArgumentException("the text is no date in ISO style");
    }
  }

  static LocalDateTime timestamp(String text) {
    if (text.equals(INFINITY)) {
      return LocalDateTime.MAX;
    }
    if (text.equals(MINUS_INFINITY)) {
      return LocalDateTime.MIN;
    }
    DateTimeText reader = new DateTimeText(text);
    try {
      LocalDateTime time = reader.dateAndTime();
      reader.expectEnd();
      return time;
    } catch (NumberFormatException | IndexOutOfBoundsException | DateTimeException e) {
      throw new IllegalArgumentException("the text is no timestamp in ISO style");
    }
  }

  static Instant timestampTz(String text) {
    if (text.equals(INFINITY)) {
      return Instant.MAX;
    }
    if (text.equals(MINUS_INFINITY)) {
      return Instant.MIN;
    }
    DateTimeText reader = new DateTimeText(text);
    try {
      LocalDateTime local = reader.dateAndTime();
      int offset = reader.offsetSeconds();
      reader.expectEnd();
      return local.toInstant(ZoneOffset.UTC).minusSeconds(offset);
    } catch (NumberFormatException | IndexOutOfBoundsException | DateTimeException e) {
      throw new IllegalArgumentException("the text is no timestamp with time zone in ISO style");
    }
  }

  private LocalDate date() {
    int dash = text.indexOf('-');
    int year = Integer.parseInt(text, 0, dash, 10);
    at = dash;
    int month = part('-');
    int day = part('-');
    return LocalDate.of(bc ? 1 - year : year, month, day);
  }

  private LocalDateTime dateAndTime() {
    LocalDate date = date();
    int hour = part(' ');
    int minute = part(':');
    int second = part(':');
    return date.atTime(hour, minute, second, nanos());
  }

  private int nanos() {
    if (at >= end || text.charAt(at) != '.') {
      return 0;
    }
    int nanos = 0;
    int unit = 100_000_000;
    for (at++; at < end && Character.digit(text.charAt(at), 10) >= 0; at++) {
      nanos += Character.digit(text.charAt(at), 10) * unit;
      unit /= 10;
    }
    return nanos;
  }

  private int offsetSeconds() {
    char sign = text.charAt(at);
    int seconds = part(sign == '-' ? '-' : '+') * 3600;
    if (at < end) {
      seconds += part(':') * 60;
    }
    if (at < end) {
      seconds += part(':');
    }
    return sign == '-' ? -seconds : seconds;
  }

  /** Two digits after a separator. */
  private int part(char separator) {
    if (text.charAt(at) != separator) {
      throw new NumberFormatException();
    }
    int number = Integer.parseInt(text, at + 1, at + 3, 10);
    at += 3;
    return number;
  }

  private void expectEnd() {
    if (at != end) {
      throw new NumberFormatException();
    }
  }
}
