package io.rowbell.postgres;

import io.rowbell.spi.StateChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the source keeps in the journal beside the position: what the journal holds, and what it has
 * still to be told with the next batch. Used by one thread.
 */
final class JournalNotes {
  private final Map<String, byte[]> all;
  private final Map<String, StateChange> untold = new LinkedHashMap<>();

  JournalNotes(Map<String, byte[]> journal) {
    all = new HashMap<>(journal);
  }

  /** A note as it is or is about to be in the journal; null if there is none. */
  byte @Nullable [] get(String name) {
    return all.get(name);
  }

  /** Keeps a note, unless the journal has the very same. */
  void put(String name, byte[] value) {
    if (!Arrays.equals(all.put(name, value), value)) {
      untold.put(name, new StateChange(name, value));
    }
  }

  /** All notes, by name. */
  Map<String, byte[]> all() {
    return all;
  }

  /** What goes with the next batch; {@link #told} once that is durable. */
  List<StateChange> untold() {
    return new ArrayList<>(untold.values());
  }

  void told() {
    untold.clear();
  }
}
