package io.rowbell.engine;

import java.time.Instant;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The events of one partition that were read and are not done, in whatever order they are finished:
 * tells how far the cursor may move.
 */
final class Outstanding {
  private final TreeMap<Long, Instant> undone = new TreeMap<>();
  private long next;

  /**
   * An event was read; offsets only grow.
   *
   * @param time when it was committed
   */
  void read(long offset, Instant time) {
    undone.put(offset, time);
    next = offset + 1;
  }

  /** An event was delivered or given up for good. */
  void done(long offset) {
    undone.remove(offset);
  }

  /** The first offset that is not done. */
  long nextOffset() {
    return undone.isEmpty() ? next : undone.firstKey();
  }

  /** When the first event that is not done was committed; null if all are done. */
  @Nullable Instant oldest() {
    return undone.isEmpty() ? null : undone.firstEntry().getValue();
  }
}
