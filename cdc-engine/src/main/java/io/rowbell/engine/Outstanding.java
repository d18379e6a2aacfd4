package io.rowbell.engine;

import java.util.TreeSet;

/**
 * The events of one partition that were read and are not done, in whatever order they are finished:
 * tells how far the cursor may move.
 */
final class Outstanding {
  private final TreeSet<Long> undone = new TreeSet<>();
  private long next;

  /** An event was read; offsets only grow. */
  void read(long offset) {
    undone.add(offset);
    next = offset + 1;
  }

  /** An event was delivered or given up for good. */
  void done(long offset) {
    undone.remove(offset);
  }

  /** The first offset that is not done. */
  long nextOffset() {
    return undone.isEmpty() ? next : undone.first();
  }
}
