package io.rowbell.testkit.protocol;

import io.rowbell.testkit.protocol.World.Database;
import io.rowbell.testkit.protocol.World.Instance;
import io.rowbell.testkit.protocol.World.Journal;
import java.util.Optional;

/** What holds in every state, and what holds when there is nothing left to do. */
final class Invariants {
  private final WriteAheadLog log;

  Invariants(WriteAheadLog log) {
    this.log = log;
  }

  /** What does not hold. */
  Optional<String> violated(World world) {
    Database database = world.database();
    Journal journal = world.journal();
    if (journal.wrong() != null) {
      // Lost, doubled, of rolled-back work, in another order, with another id or another memory.
      return Optional.of("I6, I7, G1 to G3: " + journal.wrong());
    }
    int covered = log.covered(journal.position());
    if (covered < 0) {
      return Optional.of("I3: D is no commit's end nor inside one transaction");
    }
    if (journal.events() != covered) {
      return Optional.of("I2: the events are not those that D covers");
    }
    if (database.slotMadeAnew()) {
      return Optional.empty(); // people have lost something; all that can be done is to say so
    }
    if (database.confirmed() > journal.position().position()) {
      return Optional.of("I1, I4: confirmed_flush is past D");
    }
    return ofProcesses(world);
  }

  private static Optional<String> ofProcesses(World world) {
    for (int id = 0; id < world.processes().size(); id++) {
      Instance process = world.processes().get(id);
      if (process.halted()) {
        return Optional.of("I8: a process refuses to go on for no reason");
      }
      boolean fenced = process.writing() == World.Writing.FENCED;
      if (world.untroubled() && world.database().lock() == id && fenced) {
        return Optional.of("I5: one without the lock has fenced the one that has it");
      }
    }
    return Optional.empty();
  }

  /** What is missing where nothing is left to do. */
  Optional<String> unfinished(World world) {
    if (world.database().slotMadeAnew() && world.processes().stream().anyMatch(Instance::halted)) {
      return Optional.empty(); // refused, as it must be
    }
    if (world.journal().events() != log.events().size()) {
      return Optional.of("G1: events are missing, and nothing more is read");
    }
    int end = log.items().isEmpty() ? 0 : log.items().get(log.items().size() - 1).end();
    return world.database().confirmed() < end
        ? Optional.of("the slot stands still, and the log is kept for it")
        : Optional.empty();
  }
}
