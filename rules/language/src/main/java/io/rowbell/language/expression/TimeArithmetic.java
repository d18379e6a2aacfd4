package io.rowbell.language.expression;

import io.rowbell.language.expression.Type.Kind;
import io.rowbell.model.Interval;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code + -} on times: differences are intervals without months; months and days are added in UTC;
 * an infinite time stays what it is.
 */
final class TimeArithmetic {
  private TimeArithmetic() {}

  /** The node of {@code a op b}; null if the types do not go together. */
  static @Nullable Node of(String op, Node a, Node b) {
    Kind left = a.type().kind();
    Kind right = b.type().kind();
    boolean minus = op.equals("-");
    if (!minus && !op.equals("+")) {
      return null;
    }
    if (!minus && left == Kind.INTERVAL && right != Kind.INTERVAL) {
      return of(op, b, a);
    }
    if (minus && left == right) {
      return difference(left, a, b);
    }
    if (right == Kind.INT && left == Kind.DATE) {
      return Strict.of(Type.DATE, a, b, (x, y) -> addDays((LocalDate) x, signed((Long) y, minus)));
    }
    if (right != Kind.INTERVAL) {
      return null;
    }
    return switch (left) {
      case TIMESTAMP ->
          Strict.of(Type.TIMESTAMP, a, b, (x, y) -> add((Instant) x, signed((Interval) y, minus)));
      case LOCAL_TIMESTAMP ->
          Strict.of(
              Type.LOCAL_TIMESTAMP,
              a,
              b,
              (x, y) -> add((LocalDateTime) x, signed((Interval) y, minus)));
      case INTERVAL ->
          Strict.of(Type.INTERVAL, a, b, (x, y) -> add((Interval) x, signed((Interval) y, minus)));
      default -> null;
    };
  }

  /** The time from {@code earlier} to {@code later}. */
  static Interval between(Instant earlier, Instant later) {
    if (infinite(earlier) || infinite(later)) {
      if (earlier.equals(later)) {
        throw outOfRange();
      }
      return later.equals(Instant.MAX) || earlier.equals(Instant.MIN)
          ? Interval.INFINITY
          : Interval.MINUS_INFINITY;
    }
    try {
      long seconds = Math.subtractExact(later.getEpochSecond(), earlier.getEpochSecond());
      long micros = later.getNano() / 1000L - earlier.getNano() / 1000L;
      return new Interval(0, 0, Math.addExact(Math.multiplyExact(seconds, 1_000_000L), micros));
    } catch (ArithmeticException e) {
      throw outOfRange();
    }
  }

  private static @Nullable Node difference(Kind kind, Node a, Node b) {
    return switch (kind) {
      case TIMESTAMP -> Strict.of(Type.INTERVAL, a, b, (x, y) -> between((Instant) y, (Instant) x));
      case LOCAL_TIMESTAMP ->
          Strict.of(
              Type.INTERVAL,
              a,
              b,
              (x, y) -> between(Times.inUtc((LocalDateTime) y), Times.inUtc((LocalDateTime) x)));
      case DATE ->
          Strict.of(
              Type.INT, a, b, (x, y) -> ChronoUnit.DAYS.between((LocalDate) y, (LocalDate) x));
      case INTERVAL ->
          Strict.of(Type.INTERVAL, a, b, (x, y) -> add((Interval) x, signed((Interval) y, true)));
      default -> null;
    };
  }

  private static Instant add(Instant time, Interval interval) {
    if (infinite(time)) {
      return time;
    }
    return add(LocalDateTime.ofInstant(time, ZoneOffset.UTC), interval).toInstant(ZoneOffset.UTC);
  }

  private static LocalDateTime add(LocalDateTime time, Interval interval) {
    if (time.equals(LocalDateTime.MAX) || time.equals(LocalDateTime.MIN)) {
      return time;
    }
    if (interval.equals(Interval.INFINITY) || interval.equals(Interval.MINUS_INFINITY)) {
      throw outOfRange();
    }
    try {
      return time.plusMonths(interval.months())
          .plusDays(interval.days())
          .plus(interval.micros(), ChronoUnit.MICROS);
    } catch (DateTimeException | ArithmeticException e) {
      throw outOfRange();
    }
  }

  private static LocalDate addDays(LocalDate date, long days) {
    if (date.equals(LocalDate.MAX) || date.equals(LocalDate.MIN)) {
      return date;
    }
    try {
      return date.plusDays(days);
    } catch (DateTimeException | ArithmeticException e) {
      throw outOfRange();
    }
  }

  private static Interval add(Interval a, Interval b) {
    try {
      return new Interval(
          Math.addExact(a.months(), b.months()),
          Math.addExact(a.days(), b.days()),
          Math.addExact(a.micros(), b.micros()));
    } catch (ArithmeticException e) {
      throw outOfRange();
    }
  }

  private static long signed(long value, boolean negative) {
    return negative ? Arithmetic.Integers.negate(value) : value;
  }

  private static Interval signed(Interval interval, boolean negative) {
    if (!negative) {
      return interval;
    }
    if (interval.equals(Interval.INFINITY) || interval.equals(Interval.MINUS_INFINITY)) {
      return interval.equals(Interval.INFINITY) ? Interval.MINUS_INFINITY : Interval.INFINITY;
    }
    try {
      return new Interval(
          Math.negateExact(interval.months()),
          Math.negateExact(interval.days()),
          Math.negateExact(interval.micros()));
    } catch (ArithmeticException e) {
      throw outOfRange();
    }
  }

  private static boolean infinite(Instant time) {
    return time.equals(Instant.MAX) || time.equals(Instant.MIN);
  }

  private static EvaluationException outOfRange() {
    return new EvaluationException("X407", "the time is out of range");
  }
}
