package io.rowbell.spi;

/**
 * Where a cursor stands in one partition, and where it could.
 *
 * @param oldest the offset of the oldest event that is kept; of the next one if there is none
 * @param next the first offset that is not done
 * @param end the offset that the next event will have at least
 */
public record CursorRange(long oldest, long next, long end) {
  /** How many events lie before the cursor at most: offsets may have gaps. */
  public long lag() {
    return Math.max(0, end - Math.max(next, oldest));
  }
}
