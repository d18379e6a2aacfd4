package io.rowbell.spi;

import io.rowbell.spi.Subscription.ParkedKey;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a journal holds of a subscriber.
 *
 * @param name the cursor's name
 * @param ranges where it stands, by partition
 * @param behindSince when the first event that is not done was committed; null if there is none
 * @param paused whether deliveries are paused
 * @param parked the keys that are held back
 * @param retried those of them whose dead letters are to be delivered again
 */
public record SubscriberRecord(
    String name,
    Map<String, CursorRange> ranges,
    @Nullable Instant behindSince,
    boolean paused,
    Set<ParkedKey> parked,
    Set<ParkedKey> retried) {
  public SubscriberRecord {
    Objects.requireNonNull(name, "name");
    ranges = Map.copyOf(ranges);
    parked = Set.copyOf(parked);
    retried = Set.copyOf(retried);
  }

  /** How many events lie before the cursor at most. */
  public long lag() {
    return ranges.values().stream().mapToLong(CursorRange::lag).sum();
  }
}
