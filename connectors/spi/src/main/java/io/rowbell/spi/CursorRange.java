package io.rowbell.spi;

/**
 * Where a cursor stands in one partition, and where it could.
 *
 * @param oldest the offset of the oldest event that is kept; of the next one if there is none
 * @param next the first offset that is not done; before {@code oldest} if some that are not done
 *     were deleted; {@link #UNKNOWN} if it is not known any more
 * @param end the offset that the next event will have at least
 */
public record CursorRange(long oldest, long next, long end) {
  /** In place of {@code next}. */
  public static final long UNKNOWN = -1;

  /** Whether it is known where the cursor stands. */
  public boolean isKnown() {
    return next != UNKNOWN;
  }

  /** How many events were deleted before they were done, at most: offsets may have gaps. */
  public long gone() {
    return isKnown() ? Math.max(0, oldest - next) : 0;
  }

  /** How many events lie before the cursor at most: offsets may have gaps. */
  public long lag() {
    return Math.max(0, end - Math.max(next, oldest));
  }
}
