package io.rowbell.spi;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import java.util.List;
import java.util.Objects;

/**
 * What becomes durable in one step, or not at all.
 *
 * @param events in commit order
 * @param deadLetters changes that rules could not evaluate
 * @param state what rules and source remember from here on
 * @param database whose log the checkpoint is a position of; never differs within one journal
 * @param checkpoint the position that all of this brings the journal to
 */
public record Batch(
    List<DomainEvent> events,
    List<DeadLetter> deadLetters,
    List<StateChange> state,
    DatabaseId database,
    Checkpoint checkpoint) {
  public Batch {
    events = List.copyOf(events);
    deadLetters = List.copyOf(deadLetters);
    state = List.copyOf(state);
    Objects.requireNonNull(database, "database");
    Objects.requireNonNull(checkpoint, "checkpoint");
  }
}
