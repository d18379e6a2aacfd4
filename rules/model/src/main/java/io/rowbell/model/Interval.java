package io.rowbell.model;

/**
 * SQL's {@code interval}, its three parts kept apart as PostgreSQL keeps them.
 *
 * <p>Ordered as PostgreSQL orders: a month counts 30 days and a day 24 hours, so {@code 1 month}
 * and {@code 30 days} compare as equal though they are not the same value. {@code infinity}
 * (PostgreSQL 17) has all three parts at their maximum, {@code -infinity} at their minimum.
 *
 * @param months years and months
 * @param days days
 * @param micros hours to microseconds
 */
public record Interval(int months, int days, long micros) implements Comparable<Interval> {
  /** {@code infinity}. */
  public static final Interval INFINITY =
      new Interval(Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE);

  /** {@code -infinity}. */
  public static final Interval MINUS_INFINITY =
      new Interval(Integer.MIN_VALUE, Integer.MIN_VALUE, Long.MIN_VALUE);

  private static final long DAY = 86_400_000_000L;

  @Override
  public int compareTo(Interval other) {
    int order = Long.compare(wholeDays(), other.wholeDays());
    return order != 0
        ? order
        : Long.compare(Math.floorMod(micros, DAY), Math.floorMod(other.micros, DAY));
  }

  private long wholeDays() {
    return months * 30L + days + Math.floorDiv(micros, DAY);
  }

  /**
   * ISO 8601 as PostgreSQL's {@code intervalstyle = iso_8601} prints it, for example {@code
   * P1Y2M3DT4H5M6.5S}.
   */
  @Override
  public String toString() {
    if (equals(INFINITY)) {
      return "infinity";
    }
    if (equals(MINUS_INFINITY)) {
      return "-infinity";
    }
    if (months == 0 && days == 0 && micros == 0) {
      return "PT0S";
    }
    StringBuilder text = new StringBuilder("P");
    part(text, months / 12, 'Y');
    part(text, months % 12, 'M');
    part(text, days, 'D');
    if (micros != 0) {
      text.append('T');
      part(text, micros / 3_600_000_000L, 'H');
      part(text, micros / 60_000_000L % 60, 'M');
      long rest = micros % 60_000_000L;
      if (rest != 0) {
        text.append(java.math.BigDecimal.valueOf(rest, 6).stripTrailingZeros().toPlainString())
            .append('S');
      }
    }
    return text.toString();
  }

  private static void part(StringBuilder text, long value, char unit) {
    if (value != 0) {
      text.append(value).append(unit);
    }
  }
}
