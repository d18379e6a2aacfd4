package io.rowbell.testkit.protocol;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Every order of actions from a world on: breadth first, so that the way to a violation is as short
 * as one can be.
 *
 * @param states how many were seen
 * @param finished how many of them had nothing left to do
 * @param violation the first in which something does not hold
 */
record Exploration(int states, int finished, Optional<Violation> violation) {
  private record Came(@Nullable World from, @Nullable Action by) {}

  static Exploration of(CommitProtocol protocol, World start) {
    List<Action> actions = Action.all(start.processes().size());
    Invariants invariants = new Invariants(protocol.log());
    Map<World, Came> seen = new HashMap<>();
    Deque<World> open = new ArrayDeque<>();
    seen.put(start, new Came(null, null));
    open.add(start);
    int finished = 0;
    while (!open.isEmpty()) {
      World world = open.remove();
      Optional<String> violated = invariants.violated(world);
      boolean atWork = false;
      for (Action action : actions) {
        World next = protocol.after(world, action);
        if (next != null) {
          atWork |= action.kind().isWork();
          if (seen.putIfAbsent(next, new Came(world, action)) == null) {
            open.add(next);
          }
        }
      }
      if (!atWork) {
        finished++;
        violated = violated.or(() -> invariants.unfinished(world));
      }
      if (violated.isPresent()) {
        Schedule way =
            Schedule.of(protocol.log().toString(), start.database().written(), way(world, seen));
        return new Exploration(
            seen.size(), finished, Optional.of(new Violation(violated.get(), way)));
      }
    }
    return new Exploration(seen.size(), finished, Optional.empty());
  }

  private static List<Action> way(World to, Map<World, Came> seen) {
    List<Action> way = new ArrayList<>();
    Came came = seen.get(to);
    while (came != null && came.by() != null) {
      way.add(came.by());
      came = seen.get(came.from());
    }
    Collections.reverse(way);
    return way;
  }
}
