package io.rowbell.testkit.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * A log and a schedule that a seed makes: larger than what can be enumerated.
 *
 * @param steps how many actions were taken
 * @param events how many events were durable when the last of them had been
 * @param violation what does not hold, with all that led to it
 */
record RandomWalk(int steps, int events, Optional<Violation> violation) {
  private static final int RECORDS = 30;
  private static final int STEPS = 400;

  private static final List<Action> ACTIONS = Action.all(Schedule.PROCESSES);
  private static final List<Action> WORK =
      ACTIONS.stream().filter(action -> action.kind().isWork()).toList();
  private static final List<Action> FAULTS =
      ACTIONS.stream().filter(action -> action.kind().isFault()).toList();
  private static final List<Action> CHANCES =
      ACTIONS.stream()
          .filter(action -> !action.kind().isWork() && !action.kind().isFault())
          .toList();

  /** Walks until something does not hold, or for some hundred steps. */
  static RandomWalk of(long seed, Set<Flaw> flaws) {
    Random random = new Random(seed);
    WriteAheadLog log = WriteAheadLog.of(WriteAheadLog.random(random, RECORDS), flaws);
    CommitProtocol protocol = new CommitProtocol(log, flaws);
    Invariants invariants = new Invariants(log);
    // A fault in some steps: so few in some walks that much is done between them.
    int oneIn = 12 << random.nextInt(4);
    boolean slotIsSafe = random.nextInt(4) != 0;
    World world = World.of(0, Schedule.PROCESSES, STEPS);
    List<Action> taken = new ArrayList<>();
    while (taken.size() < STEPS) {
      List<Action> others = random.nextInt(40) == 0 ? CHANCES : WORK;
      List<Action> among = random.nextInt(oneIn) == 0 ? FAULTS : others;
      Action action = among.get(random.nextInt(among.size()));
      World next =
          slotIsSafe && action.kind() == Action.Kind.MAKE_SLOT_ANEW
              ? null
              : protocol.after(world, action);
      if (next == null) {
        continue;
      }
      world = next;
      taken.add(action);
      Optional<String> violated = invariants.violated(world);
      if (violated.isPresent()) {
        return found(violated.get(), log, world, taken);
      }
      if (action.kind() == Action.Kind.MAKE_SLOT_ANEW) {
        break; // from here on it can only be refused
      }
    }
    Optional<String> unfinished = new Schedule.Settling(protocol, invariants).settle(world);
    return unfinished.isPresent()
        ? found(unfinished.get(), log, world, taken)
        : new RandomWalk(taken.size(), world.journal().events(), Optional.empty());
  }

  private static RandomWalk found(String what, WriteAheadLog log, World world, List<Action> taken) {
    Schedule schedule = new Schedule(log.toString(), List.copyOf(taken));
    return new RandomWalk(
        taken.size(), world.journal().events(), Optional.of(new Violation(what, schedule)));
  }
}
