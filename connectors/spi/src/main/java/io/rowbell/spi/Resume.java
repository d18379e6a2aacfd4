package io.rowbell.spi;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DatabaseId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a journal holds of an earlier run.
 *
 * @param database which database it belongs to; null if the journal is new
 * @param checkpoint how far that database's log is in the journal; null if the journal is new
 * @param state every named value, by name
 */
public record Resume(
    @Nullable DatabaseId database, @Nullable Checkpoint checkpoint, Map<String, byte[]> state) {
  /** A new journal. */
  public static final Resume NEW = new Resume(null, null, Map.of());

  public Resume {
    state = Map.copyOf(state);
    if ((database == null) != (checkpoint == null)) {
      throw new IllegalArgumentException("a position belongs to a database");
    }
  }
}
