package io.rowbell.language.expression;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import io.rowbell.model.Interval;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Lengths of time in rule files: {@code 90s}, {@code 1h30m}, {@code 7d}. */
public final class Durations {
  private static final long LONGEST_DAYS = 3650;

  private Durations() {}

  /**
   * Reads a length of time that is longer than nothing; a day has 24 hours.
   *
   * @return null with an issue if it is none
   */
  public static @Nullable Duration read(String key, Text text, Problems problems) {
    Interval interval = null;
    try {
      interval = Times.interval(text.value());
    } catch (EvaluationException e) {
      // Told below, as everything else that is no length of time.
    }
    Duration duration = interval == null ? null : of(interval);
    if (duration != null
        && duration.compareTo(Duration.ZERO) > 0
        && duration.compareTo(Duration.ofDays(LONGEST_DAYS)) <= 0) {
      return duration;
    }
    problems.error(
        Codes.BAD_VALUE,
        text.at(0),
        "'" + key + "' cannot be '" + text.value() + "'",
        "write how long, up to ten years, in d, h, m, s or ms: 90s, 1h30m, 7d");
    return null;
  }

  /** An interval as a length of time: a day has 24 hours; null if it has months. */
  static @Nullable Duration of(Interval interval) {
    return interval.months() != 0
        ? null
        : Duration.ofDays(interval.days())
            .plusSeconds(interval.micros() / 1_000_000)
            .plusNanos(interval.micros() % 1_000_000 * 1000);
  }
}
