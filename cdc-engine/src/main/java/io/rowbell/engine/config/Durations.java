package io.rowbell.engine.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them. */
public final class Durations {
  private static final Pattern FORM =
      Pattern.compile("(?:(\\d+)d)?(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s)?(?:(\\d+)ms)?");
  private static final Duration[] UNITS = {
    Duration.ofDays(1),
    Duration.ofHours(1),
    Duration.ofMinutes(1),
    Duration.ofSeconds(1),
    Duration.ofMillis(1)
  };
  private static final String[] NAMES = {"d", "h", "m", "s", "ms"};

  private Durations() {}

  /**
   * Reads {@code 30s}, {@code 10m}, {@code 7d}, {@code 1h30m}, {@code 250ms}: units from large to
   * small, each once.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  public static Duration parse(String text) {
    Matcher form = FORM.matcher(text);
    if (text.isEmpty() || !form.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no duration: it looks like 1h30m");
    }
    try {
      Duration sum = Duration.ZERO;
      for (int i = 0; i < UNITS.length; i++) {
        if (form.group(i + 1) != null) {
          sum = sum.plus(UNITS[i].multipliedBy(Long.parseLong(form.group(i + 1))));
        }
      }
      // Timers count in nanoseconds: what does not fit would fail far from here.
      long unused = sum.toNanos();
      return sum;
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is too long a duration", e);
    }
  }

  /** As it would be written, for example {@code 1h30m}; {@code 0s} for nothing. */
  public static String format(Duration duration) {
    StringBuilder text = new StringBuilder();
    Duration rest = duration;
    for (int i = 0; i < UNITS.length; i++) {
      long count = rest.dividedBy(UNITS[i]);
      if (count > 0) {
        text.append(count).append(NAMES[i]);
        rest = rest.minus(UNITS[i].multipliedBy(count));
      }
    }
    return text.isEmpty() ? "0s" : text.toString();
  }
}
