package io.rowbell.language.expression;

import io.rowbell.model.Interval;
import io.rowbell.model.TimeOfDay;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reading of times, dates, intervals and uuids from text. Every method throws EvaluationException
 * with X405 if the text is something else.
 */
final class Times {
  private static final DateTimeFormatter WITH_ZONE =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .appendPattern("[XXX][X]")
          .toFormatter(java.util.Locale.ROOT);
  private static final Pattern DURATION_PART =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(d|h|ms|us|m|s)");
  private static final Pattern DURATION =
      Pattern.compile("[+-]?(?:" + DURATION_PART.pattern() + ")++");

  /** No time is longer; what is may be a row's, and is not read. */
  private static final int LONGEST = 200;

  private Times() {}

  /** RFC 3339, or as SQL prints it; it names its time zone. */
  static Instant instant(String text) {
    return switch (text) {
      case "infinity" -> Instant.MAX;
      case "-infinity" -> Instant.MIN;
      default ->
          read(
              text,
              "timestamp with a time zone, like 2026-11-20T10:15:30Z",
              word ->
                  OffsetDateTime.parse(withT(word), WITH_ZONE)
                      .toInstant()
                      .truncatedTo(ChronoUnit.MICROS));
    };
  }

  static LocalDateTime localTimestamp(String text) {
    return switch (text) {
      case "infinity" -> LocalDateTime.MAX;
      case "-infinity" -> LocalDateTime.MIN;
      default ->
          read(
              text,
              "timestamp without a time zone, like 2026-11-20T10:15:30",
              word -> LocalDateTime.parse(withT(word)).truncatedTo(ChronoUnit.MICROS));
    };
  }

  static LocalDate date(String text) {
    return switch (text) {
      case "infinity" -> LocalDate.MAX;
      case "-infinity" -> LocalDate.MIN;
      default -> read(text, "date, like 2026-11-20", LocalDate::parse);
    };
  }

  static TimeOfDay timeOfDay(String text) {
    return read(
        text,
        "time of day, like 13:45:00",
        word -> TimeOfDay.parse(word.length() == 5 ? word + ":00" : word));
  }

  /** {@code 1h30m}, {@code 7d}, {@code 1.5s}, or ISO 8601's {@code P1Y2M3DT4H5M6.5S}. */
  static Interval interval(String text) {
    return switch (text) {
      case "infinity" -> Interval.INFINITY;
      case "-infinity" -> Interval.MINUS_INFINITY;
      case "0" -> new Interval(0, 0, 0);
      default ->
          read(
              text,
              "duration, like 90s, 1h30m, 7d or P1Y2M",
              word -> word.contains("P") ? iso(word) : units(word));
    };
  }

  /** The form SQL prints. */
  static String uuid(String text) {
    return read(
        text,
        "uuid",
        word -> {
          if (word.length() != 36) {
            throw new IllegalArgumentException(word);
          }
          return UUID.fromString(word).toString();
        });
  }

  /** The beginning of a day in UTC; the infinities stay. */
  static Instant startOfDay(LocalDate date) {
    if (date.equals(LocalDate.MAX) || date.equals(LocalDate.MIN)) {
      return date.equals(LocalDate.MAX) ? Instant.MAX : Instant.MIN;
    }
    return date.atStartOfDay().toInstant(ZoneOffset.UTC);
  }

  /** A timestamp without time zone as one of UTC; the infinities stay. */
  static Instant inUtc(LocalDateTime timestamp) {
    if (timestamp.equals(LocalDateTime.MAX) || timestamp.equals(LocalDateTime.MIN)) {
      return timestamp.equals(LocalDateTime.MAX) ? Instant.MAX : Instant.MIN;
    }
    return timestamp.toInstant(ZoneOffset.UTC);
  }

  private static String withT(String text) {
    return text.length() > 10 && text.charAt(10) == ' '
        ? text.substring(0, 10) + "T" + text.substring(11)
        : text;
  }

  private static Interval iso(String text) {
    int time = text.indexOf('T');
    String dates = time < 0 ? text : text.substring(0, time);
    boolean sign = text.startsWith("-") || text.startsWith("+");
    String head = sign ? text.substring(0, 1) : "";
    Period period = dates.length() > head.length() + 1 ? Period.parse(dates) : Period.ZERO;
    Duration duration =
        time < 0 ? Duration.ZERO : Duration.parse(head + "P" + text.substring(time));
    return new Interval(
        Math.toIntExact(period.toTotalMonths()),
        Math.toIntExact(period.get(ChronoUnit.DAYS)),
        micros(duration));
  }

  private static long micros(Duration duration) {
    return Math.addExact(
        Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1000);
  }

  private static Interval units(String text) {
    if (!DURATION.matcher(text).matches()) {
      throw new IllegalArgumentException(text);
    }
    BigDecimal days = BigDecimal.ZERO;
    BigDecimal micros = BigDecimal.ZERO;
    Matcher part = DURATION_PART.matcher(text);
    while (part.find()) {
      BigDecimal amount = new BigDecimal(part.group(1));
      String unit = part.group(2);
      if (unit.equals("d") && amount.stripTrailingZeros().scale() <= 0) {
        days = days.add(amount);
      } else {
        micros = micros.add(amount.multiply(BigDecimal.valueOf(micros(unit))));
      }
    }
    boolean negative = text.startsWith("-");
    int wholeDays = days.intValueExact();
    long rest = micros.setScale(0, RoundingMode.HALF_UP).longValueExact();
    return new Interval(0, negative ? -wholeDays : wholeDays, negative ? -rest : rest);
  }

  private static long micros(String unit) {
    return switch (unit) {
      case "d" -> 86_400_000_000L;
      case "h" -> 3_600_000_000L;
      case "m" -> 60_000_000L;
      case "s" -> 1_000_000L;
      case "ms" -> 1000L;
      default -> 1L;
    };
  }

  private static <T> T read(String text, String what, Function<String, T> reader) {
    try {
      String word = text.strip();
      if (word.length() > LONGEST) {
        throw new IllegalArgumentException("it is too long");
      }
      return reader.apply(word);
    } catch (DateTimeException | IllegalArgumentException | ArithmeticException e) {
      // The text may be a row's value: it stays out of the message.
      throw new EvaluationException("X405", "the text is no " + what);
    }
  }
}
