package io.rowbell.language;

import io.rowbell.language.memory.Memory;
import io.rowbell.model.Operation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ways in which one rule remembers; one with {@code while} has no {@link Remembering}.
 * Immutable: what is remembered is in a {@link Memory}.
 *
 * @param remembering of {@code last} or {@code cooldown}
 * @param episodes of {@code while}
 * @param windows of functions over time
 */
record Memories(
    @Nullable Remembering remembering, @Nullable Episodes episodes, @Nullable Windows windows) {

  /** Whether what the rule makes of a change depends on those before. */
  boolean any() {
    return remembering != null || episodes != null || windows != null;
  }

  /** Whether the rule must see changes of this kind for what it remembers alone. */
  boolean observe(Operation operation) {
    return (remembering != null && remembering.observes(operation))
        || (episodes != null && operation == Operation.SNAPSHOT);
  }

  /** Takes over what was remembered before. */
  void open(Memory memory) {
    if (remembering != null) {
      remembering.open(memory);
    } else if (episodes != null) {
      episodes.open(memory);
    }
    if (windows != null) {
      windows.open(memory);
    }
  }

  /** What the memory is bound to: where that is another, it begins afresh. */
  List<Long> bonds() {
    List<Long> bonds = new ArrayList<>();
    if (remembering != null) {
      bonds.add(remembering.fingerprint());
    }
    if (episodes != null) {
      bonds.add(episodes.fingerprint());
    }
    if (windows != null) {
      bonds.add(windows.fingerprint());
    }
    return bonds;
  }
}
