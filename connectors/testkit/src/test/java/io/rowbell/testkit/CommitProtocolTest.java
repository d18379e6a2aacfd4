package io.rowbell.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.testkit.CommitProtocol.Flaw;
import io.rowbell.testkit.CommitProtocol.Next;
import io.rowbell.testkit.CommitProtocol.Step;
import io.rowbell.testkit.CommitProtocol.World;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every order of steps and of up to four faults between them, with the invariants in each state.
 */
class CommitProtocolTest {
  private static final int FAULTS = 4;

  /** A state and the step that led there first. */
  private record Came(@Nullable World from, String step) {}

  /**
   * @param states how many were seen
   * @param finished how many of them had nothing left to do
   * @param violation the shortest way to a state in which an invariant does not hold
   */
  private record Exploration(int states, int finished, Optional<String> violation) {}

  private static Exploration explore(Set<Flaw> flaws) {
    CommitProtocol protocol = new CommitProtocol(flaws);
    Map<World, Came> seen = new HashMap<>();
    Deque<World> open = new ArrayDeque<>();
    World start = CommitProtocol.start(FAULTS);
    seen.put(start, new Came(null, "start"));
    open.add(start);
    int finished = 0;
    while (!open.isEmpty()) {
      World world = open.remove();
      List<Step> steps = protocol.steps(world);
      boolean done =
          world.zombie() == null
              && world.engine().next() == Next.READ
              && steps.stream().noneMatch(step -> step.name().startsWith("the engine reads"));
      finished += done ? 1 : 0;
      Optional<String> violation = violation(world, done);
      if (violation.isPresent()) {
        return new Exploration(
            seen.size(), finished, Optional.of(violation.get() + way(world, seen)));
      }
      for (Step step : steps) {
        if (seen.putIfAbsent(step.to(), new Came(world, step.name())) == null) {
          open.add(step.to());
        }
      }
    }
    return new Exploration(seen.size(), finished, Optional.empty());
  }

  private static Optional<String> violation(World world, boolean done) {
    var journal = world.journal();
    List<Integer> all = CommitProtocol.allEvents();
    if (world.database().confirmed() > journal.at().transactions()) {
      return Optional.of("I1: confirmed_flush is past D");
    }
    // I2, I3, I6, I7 and the promise: exactly what D covers, once, in commit order.
    if (!journal.events().equals(all.subList(0, CommitProtocol.covered(journal.at())))) {
      return Optional.of("I2: the events are not those that D covers");
    }
    if (done && !journal.events().equals(all)) {
      return Optional.of("the promise: events are missing and nothing more will be read");
    }
    return Optional.empty();
  }

  private static String way(World to, Map<World, Came> seen) {
    List<String> steps = new ArrayList<>();
    for (World world = to; world != null; ) {
      Came came = seen.get(world);
      if (came == null) {
        throw new IllegalStateException("a state that nothing led to: " + world);
      }
      steps.add("\n  " + came.step());
      world = came.from();
    }
    Collections.reverse(steps);
    return String.join("", steps) + "\n  " + to;
  }

  @Test
  void nothingIsLostOrDoubledWhateverHappensBetweenTwoSteps() {
    Exploration exploration = explore(Set.of());
    assertThat(exploration.violation()).isEmpty();
    // Otherwise the model has lost its faults, and the test its meaning.
    assertThat(exploration.states()).isGreaterThan(5_000);
    assertThat(exploration.finished()).isGreaterThan(5);
  }

  @ParameterizedTest
  @EnumSource(Flaw.class)
  void everyWayToGetItWrongIsFound(Flaw flaw) {
    assertThat(explore(Set.of(flaw)).violation()).isPresent();
  }
}
