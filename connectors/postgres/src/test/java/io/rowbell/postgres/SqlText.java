package io.rowbell.postgres;

import io.rowbell.model.Interval;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes a canonical value as text that PostgreSQL reads: the way back from a decoder. */
final class SqlText {
  private SqlText() {}

  static String of(Object value) {
    if (value instanceof BigDecimal number) {
      return number.toPlainString();
    }
    if (value instanceof byte[] bytes) {
      return "\\x" + HexFormat.of().formatHex(bytes);
    }
    if (value instanceof LocalDate date) {
      return date.equals(LocalDate.MAX)
          ? "infinity"
          : date.equals(LocalDate.MIN) ? "-infinity" : day(date) + era(date);
    }
    if (value instanceof LocalDateTime time) {
      return time.equals(LocalDateTime.MAX)
          ? "infinity"
          : time.equals(LocalDateTime.MIN)
              ? "-infinity"
              : moment(time, "") + era(time.toLocalDate());
    }
    if (value instanceof Instant instant) {
      if (instant.equals(Instant.MAX) || instant.equals(Instant.MIN)) {
        return instant.equals(Instant.MAX) ? "infinity" : "-infinity";
      }
      LocalDateTime time = LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
      return moment(time, "+00") + era(time.toLocalDate());
    }
    if (value instanceof List<?> list) {
      return array(list);
    }
    if (value instanceof Interval interval) {
      return interval.toString();
    }
    return value.toString();
  }

  private static String day(LocalDate date) {
    int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
    return String.format(
        Locale.ROOT, "%04d-%02d-%02d", year, date.getMonthValue(), date.getDayOfMonth());
  }

  private static String era(LocalDate date) {
    return date.getYear() > 0 ? "" : " BC";
  }

  private static String moment(LocalDateTime time, String zone) {
    LocalTime clock = time.toLocalTime();
    String micros = String.format(Locale.ROOT, ".%06d", clock.getNano() / 1000);
    return day(time.toLocalDate())
        + String.format(
            Locale.ROOT, " %02d:%02d:%02d", clock.getHour(), clock.getMinute(), clock.getSecond())
        + micros.replaceFirst("\\.?0+$", "")
        + zone;
  }

  /** Every element quoted, which PostgreSQL reads alike. Never for box, whose delimiter differs. */
  private static String array(List<?> list) {
    StringBuilder text = new StringBuilder("{");
    for (@Nullable Object item : list) {
      text.append(text.length() == 1 ? "" : ",");
      if (item == null) {
        text.append("NULL");
      } else if (item instanceof List<?> nested) {
        text.append(array(nested));
      } else {
        text.append('"').append(of(item).replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
      }
    }
    return text.append('}').toString();
  }
}
