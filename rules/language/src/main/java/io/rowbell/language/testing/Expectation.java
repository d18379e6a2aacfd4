package io.rowbell.language.testing;

import io.rowbell.language.issue.Location;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What must have come, and nothing else.
 *
 * @param ordered whether the events come in this order; else each is of a type of its own
 * @param failures the rules that could not be evaluated, in any order
 */
record Expectation(boolean ordered, List<Event> events, List<Failure> failures) {
  static final Expectation NOTHING = new Expectation(true, List.of(), List.of());

  Expectation {
    events = List.copyOf(events);
    failures = List.copyOf(failures);
  }

  /**
   * An event.
   *
   * @param data what its data holds, as {@link Plain} gives it
   * @param any whether its data does not matter
   */
  record Event(Location at, String type, @Nullable Object data, boolean any) {}

  /**
   * A rule that cannot be evaluated.
   *
   * @param code the code of the problem, or null if any will do
   */
  record Failure(Location at, String rule, @Nullable String code) {}
}
