package io.rowbell.language.expression;

import static io.rowbell.language.expression.RuleFunction.Group.TIME;
import static io.rowbell.language.expression.RuleFunction.function;

import io.rowbell.language.expression.Type.Kind;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Times. There is no now(): a rule's time is the commit time. */
final class TimeFunctions {
  static final List<RuleFunction> ALL =
      List.of(
          function(TIME, "timestamp")
              .form("timestamp(x)")
              .says(
                  "A timestamp from a text with a time zone, from seconds since 1970, or from a date"
                      + " or a timestamp without time zone, read as UTC.")
              .example(
                  "timestamp('2026-11-20T10:15:30+01:00')", "timestamp('2026-11-20T09:15:30Z')")
              .example("timestamp(0) < ts", "true")
              .example("timestamp('yesterday')", "X405")
              .built(TimeFunctions::timestamp),
          function(TIME, "duration")
              .form("duration('1h30m')")
              .says(
                  "A span of time: d, h, m, s, ms and us, or ISO 8601. Times can be compared with it"
                      + " once subtracted.")
              .example("duration('90m') == duration('1h30m')", "true")
              .example("ts + duration('1d') > ts", "true")
              .built(TimeFunctions::duration),
          function(TIME, "age")
              .form("age(time)")
              .says("How long before the commit a time was: ts - time.")
              .example("age(created_at) == duration('2h')", "true")
              .built(TimeFunctions::age));

  private TimeFunctions() {}

  private static @Nullable Node duration(Call call) {
    if (call.size() == 1) {
      Node x = call.checker.check(call.arg(0));
      if (x == null || x.type().is(Kind.INTERVAL)) {
        return x;
      }
      return call.isText(0, x)
          ? call.fold(Strict.of(Type.INTERVAL, x, text -> Times.interval((String) text)), x)
          : null;
    }
    return call.ofText(Type.INTERVAL, text -> Times.interval((String) text));
  }

  private static @Nullable Node timestamp(Call call) {
    List<Node> nodes = call.nodes(1, 1);
    if (nodes == null) {
      return null;
    }
    Node x = nodes.get(0);
    Strict.Of1 body = toInstant(x.type());
    if (x.type().is(Kind.TIMESTAMP)) {
      return x;
    }
    return body == null
        ? call.wrongType(0, x.type(), "a text, a date, a timestamp or seconds")
        : call.fold(Strict.of(Type.TIMESTAMP, x, body), x);
  }

  private static Strict.@Nullable Of1 toInstant(Type type) {
    return switch (type.kind()) {
      case TIMESTAMP -> time -> time;
      case LOCAL_TIMESTAMP -> time -> Times.inUtc((LocalDateTime) time);
      case DATE -> date -> Times.startOfDay((LocalDate) date);
      case INT -> seconds -> ofSeconds((Long) seconds);
      case TEXT, JSON, NULL ->
          value -> {
            if (value instanceof String text) {
              return Times.instant(text);
            }
            throw new EvaluationException("X405", "the JSON value is no text");
          };
      default -> null;
    };
  }

  private static Instant ofSeconds(long seconds) {
    try {
      return Instant.ofEpochSecond(seconds);
    } catch (DateTimeException e) {
      throw new EvaluationException("X407", "the time is out of range");
    }
  }

  private static @Nullable Node age(Call call) {
    List<Node> nodes = call.nodes(1, 1);
    if (nodes == null) {
      return null;
    }
    Node x = nodes.get(0);
    Strict.Of1 body =
        x.type().is(Kind.TIMESTAMP) || x.type().is(Kind.LOCAL_TIMESTAMP) || x.type().is(Kind.DATE)
            ? toInstant(x.type())
            : null;
    if (body == null) {
      return call.wrongType(0, x.type(), "a timestamp or a date");
    }
    Node commit = Names.Fact.of(Type.TIMESTAMP, change -> change.origin().commitTime());
    return Strict.of(
        Type.INTERVAL,
        Strict.of(Type.TIMESTAMP, x, body),
        commit,
        (from, to) -> TimeArithmetic.between((Instant) from, (Instant) to));
  }
}
