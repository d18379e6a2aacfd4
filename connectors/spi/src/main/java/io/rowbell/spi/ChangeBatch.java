package io.rowbell.spi;

import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Changes in commit order, and how far the log is done once they are durable.
 *
 * @param changes may be empty: the position can move without any
 * @param progress entries of the source's own, to be kept in the same durable step and given back
 *     by {@link Resume}: how far a backfill is
 * @param checkpoint the position that may be confirmed once all of this is durable
 * @param clock a time, by the database's clock, before which every commit has been handed over with
 *     this batch or earlier ones; null if none is known
 * @param openTransaction whether more changes of the last change's transaction follow in the next
 *     batch
 */
public record ChangeBatch(
    List<Change> changes,
    List<StateChange> progress,
    Checkpoint checkpoint,
    @Nullable Instant clock,
    boolean openTransaction) {
  public ChangeBatch {
    changes = List.copyOf(changes);
    progress = List.copyOf(progress);
    Objects.requireNonNull(checkpoint, "checkpoint");
  }
}
