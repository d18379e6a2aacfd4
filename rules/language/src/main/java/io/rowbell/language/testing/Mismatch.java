package io.rowbell.language.testing;

import io.rowbell.language.Outcome;
import io.rowbell.language.expression.JsonValues;
import io.rowbell.model.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How what came differs from what was expected.
 *
 * @param expected what was expected
 * @param came what the rules made since the expectation before
 * @param changes what they saw since then
 */
record Mismatch(Expectation expected, List<Outcome> came, List<Change> changes) {

  /** Whether there is none. */
  boolean isNone() {
    return eventsFit() && failuresFit();
  }

  private List<Outcome.Event> events() {
    return came.stream()
        .filter(Outcome.Event.class::isInstance)
        .map(Outcome.Event.class::cast)
        .toList();
  }

  private boolean eventsFit() {
    List<Outcome.Event> events = events();
    if (events.size() != expected.events().size()) {
      return false;
    }
    Map<String, Outcome.Event> byType = new HashMap<>();
    events.forEach(event -> byType.put(event.event().type(), event));
    for (int i = 0; i < events.size(); i++) {
      Expectation.Event wanted = expected.events().get(i);
      Outcome.Event event = expected.ordered() ? events.get(i) : byType.get(wanted.type());
      if (event == null || !fits(wanted, event)) {
        return false;
      }
    }
    return true;
  }

  private static boolean fits(Expectation.Event wanted, Outcome.Event event) {
    return wanted.type().equals(event.event().type())
        && (wanted.any() || Plain.matches(wanted.data(), data(event)));
  }

  private static @Nullable Object data(Outcome.Event event) {
    return JsonValues.read(event.event().data().toString());
  }

  private boolean failuresFit() {
    List<Failed> left = new ArrayList<>(failures());
    for (Expectation.Failure wanted : expected.failures()) {
      Failed found =
          left.stream()
              .filter(failed -> failed.rule().equals(wanted.rule()))
              .filter(failed -> wanted.code() == null || failed.code().equals(wanted.code()))
              .findFirst()
              .orElse(null);
      if (found == null) {
        return false;
      }
      left.remove(found);
    }
    return left.isEmpty();
  }

  private record Failed(String rule, String code, String reason, String consequence) {}

  private List<Failed> failures() {
    List<Failed> failures = new ArrayList<>();
    for (Outcome outcome : came) {
      if (outcome instanceof Outcome.Dead dead) {
        failures.add(
            new Failed(
                dead.letter().rule(), dead.letter().code(), dead.letter().reason(), "dead letter"));
      } else if (outcome instanceof Outcome.Halt halt) {
        failures.add(new Failed(halt.rule(), halt.code(), halt.reason(), "halt"));
      }
    }
    return failures;
  }

  /** The name of the rule that made an event. */
  static String rule(Outcome.Event event) {
    return Objects.requireNonNull(event.event().extensions().get("rule"), "rule");
  }

  /**
   * What was expected and what came, in several lines. This is the place to say why a rule did not
   * fire: {@link #changes} are those that it saw.
   */
  String describe() {
    StringBuilder text = new StringBuilder("expected ");
    List<String> wanted = new ArrayList<>();
    for (Expectation.Event event : expected.events()) {
      wanted.add(event.type() + (event.any() ? "" : " " + Plain.json(event.data())));
    }
    for (Expectation.Failure failure : expected.failures()) {
      wanted.add(
          failure.rule() + " to fail" + (failure.code() == null ? "" : " with " + failure.code()));
    }
    lines(text, wanted);
    List<String> got = new ArrayList<>();
    for (Outcome.Event event : events()) {
      got.add(
          event.event().type()
              + " "
              + event.event().data()
              + (rule(event).equals(event.event().type()) ? "" : " of rule " + rule(event)));
    }
    for (Failed failed : failures()) {
      got.add(
          failed.rule()
              + " failed: "
              + failed.code()
              + " "
              + failed.reason()
              + " ("
              + failed.consequence()
              + ")");
    }
    text.append("\ncame     ");
    lines(text, got);
    return text.toString();
  }

  private static void lines(StringBuilder text, List<String> lines) {
    text.append(lines.isEmpty() ? "none" : String.join("\n         ", lines));
  }
}
