package io.rowbell.engine;

/**
 * How much a subscriber may hold of what it has read and is not done with: when it holds as many
 * events or as many bytes, it reads no more. The last event that it reads may go beyond, so that an
 * event larger than all of it is delivered too.
 *
 * @param events how many
 * @param heapBytes how much of the heap they take, as events count it
 */
record Capacity(int events, long heapBytes) {
  private static final int EVENTS = 10_000;

  /**
   * Which part of the heap the events of all subscribers may take. Their dead letters may take as
   * much again for a moment, those that are delivered again once more, and a row and its event need
   * most of the rest.
   */
  private static final int PART_OF_HEAP = 16;

  Capacity {
    if (events < 1 || heapBytes < 1) {
      throw new IllegalArgumentException("there is room for one at least: " + events);
    }
  }

  /**
   * What one of several subscribers may hold.
   *
   * @param heap how large it may grow, in bytes
   */
  static Capacity share(long heap, int subscribers) {
    return new Capacity(EVENTS, Math.max(1, heap / PART_OF_HEAP / Math.max(1, subscribers)));
  }
}
