package io.rowbell.testkit.protocol;

import io.rowbell.testkit.Shrinking;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A log and what happens while it is worked off. What cannot happen when its turn comes is left
 * out, so a schedule stays one if parts of it are; in the end all work that is left is done.
 *
 * @param log the text of a {@link WriteAheadLog}
 */
record Schedule(String log, List<Action> actions) {
  /** Two processes: one is active, another one stands by. */
  static final int PROCESSES = 2;

  /** More than any log takes: a schedule that is longer does not come to an end. */
  private static final int MOST_WORK = 10_000;

  /** The actions that are work, in the order in which they do so best. */
  private static final List<Action> WORK =
      Action.all(PROCESSES).stream().filter(action -> action.kind().isWork()).toList();

  /** The schedule of a walk that began with so much of the log written. */
  static Schedule of(String log, int written, List<Action> actions) {
    List<Action> all =
        new ArrayList<>(Collections.nCopies(written, new Action(Action.Kind.WRITE, 0)));
    all.addAll(actions);
    return new Schedule(log, List.copyOf(all));
  }

  /** Reads {@link #toString}. */
  static Schedule parse(String text) {
    String[] parts = text.split("\\|", -1);
    String actions = parts[1].trim();
    return new Schedule(
        parts[0].trim(),
        actions.isEmpty()
            ? List.of()
            : List.of(actions.split("\\s+", -1)).stream().map(Action::parse).toList());
  }

  /** One line: the log, and the actions behind a bar. */
  @Override
  public String toString() {
    return log + " | " + actions.stream().map(Action::toString).collect(Collectors.joining(" "));
  }

  /** What does not hold, if something does not. */
  Optional<String> violation(Set<Flaw> flaws) {
    WriteAheadLog parsed = WriteAheadLog.of(log, flaws);
    CommitProtocol protocol = new CommitProtocol(parsed, flaws);
    Invariants invariants = new Invariants(parsed);
    World world = World.of(0, PROCESSES, actions.size());
    for (Action action : actions) {
      World next = protocol.after(world, action);
      if (next != null) {
        world = next;
        Optional<String> violated = invariants.violated(world);
        if (violated.isPresent()) {
          return violated;
        }
      }
    }
    return new Settling(protocol, invariants).settle(world);
  }

  /** The same violation, or another one, in fewer actions on a shorter log. */
  Schedule shrink(Set<Flaw> flaws) {
    Schedule left = this;
    for (int before = Integer.MAX_VALUE; left.size() < before; ) {
      before = left.size();
      Schedule now = left;
      List<Action> fewer =
          Shrinking.shrink(
              now.actions, some -> new Schedule(now.log, some).violation(flaws).isPresent());
      List<String> shorter =
          Shrinking.shrink(
              List.of(now.log.split(" ", -1)),
              some -> new Schedule(String.join(" ", some), fewer).violation(flaws).isPresent());
      left = new Schedule(String.join(" ", shorter), fewer);
    }
    return left;
  }

  private int size() {
    return actions.size() + log.length();
  }

  /** Does all work that is left, always in the same order. */
  record Settling(CommitProtocol protocol, Invariants invariants) {
    /** What does not hold on the way or at its end. */
    Optional<String> settle(World from) {
      World world = from;
      for (int i = 0; i < MOST_WORK; i++) {
        World next = next(world);
        if (next == null) {
          return invariants.unfinished(world);
        }
        Optional<String> violated = invariants.violated(next);
        if (violated.isPresent()) {
          return violated;
        }
        world = next;
      }
      return Optional.of("the work does not come to an end");
    }

    private @Nullable World next(World world) {
      for (Action action : WORK) {
        World next = protocol.after(world, action);
        if (next != null) {
          return next;
        }
      }
      return null;
    }
  }
}
