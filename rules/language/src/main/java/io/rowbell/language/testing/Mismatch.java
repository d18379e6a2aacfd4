package io.rowbell.language.testing;

import io.rowbell.language.EventShape;
import io.rowbell.language.Explanation;
import io.rowbell.language.Outcome;
import io.rowbell.language.expression.JsonValues;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How what came differs from what was expected.
 *
 * @param expected what was expected
 * @param came what the rules made since the expectation before
 * @param explanations why they fired since then, or did not
 * @param shapes which events are of which rule
 */
record Mismatch(
    Expectation expected,
    List<Outcome> came,
    List<Explanation> explanations,
    List<EventShape> shapes) {
  private static final int MOST_EXPLAINED = 5;

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
   * What was expected and what came, and why no event of an expected type did, in several lines.
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
    missing().forEach(explanation -> text.append('\n').append(explanation.text().stripTrailing()));
    return text.toString();
  }

  /**
   * Why each rule whose events were expected, and of which none came, did not fire: for each row
   * the last time, and of those the last ones.
   */
  private List<Explanation> missing() {
    Set<String> types =
        expected.events().stream().map(Expectation.Event::type).collect(Collectors.toSet());
    events().forEach(event -> types.remove(event.event().type()));
    Map<String, Explanation> last = new LinkedHashMap<>();
    for (Explanation explanation : explanations) {
      boolean wanted =
          shapes.stream()
              .filter(shape -> shape.rule().equals(explanation.rule()))
              .anyMatch(shape -> shape.type().map(types::contains).orElse(!types.isEmpty()));
      if (wanted && explanation.verdict() == Explanation.Verdict.NOT_FIRED) {
        String row = explanation.rule() + " " + explanation.change().row();
        last.remove(row);
        last.put(row, explanation);
      }
    }
    return last.values().stream().skip(Math.max(0, last.size() - MOST_EXPLAINED)).toList();
  }

  private static void lines(StringBuilder text, List<String> lines) {
    text.append(lines.isEmpty() ? "none" : String.join("\n         ", lines));
  }
}
