package io.rowbell.examples.benchmarks;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;

/** How long each of many events took, in the order in which they came. Safe for any thread. */
final class Latencies {
  private final long[] nanos;
  private int count;

  Latencies(int size) {
    nanos = new long[size];
  }

  /** An event came now; more than were expected are not counted. */
  synchronized void came(Instant committed) {
    if (count < nanos.length) {
      nanos[count++] = Duration.between(committed, InstantSource.system().instant()).toNanos();
    }
  }

  synchronized boolean complete() {
    return count == nanos.length;
  }

  synchronized int count() {
    return count;
  }

  /** The longest of the first ones, in milliseconds. */
  synchronized double longestOfFirst(int number) {
    return Arrays.stream(nanos, 0, Math.min(number, count)).max().orElse(0) / 1e6;
  }

  /**
   * Quantiles, in milliseconds, of all but the first ones.
   *
   * @param quantiles 0 to 1
   */
  synchronized double[] quantilesAfter(int number, double... quantiles) {
    long[] sorted = Arrays.copyOfRange(nanos, Math.min(number, count), count);
    Arrays.sort(sorted);
    return Arrays.stream(quantiles)
        .map(
            quantile ->
                sorted.length == 0
                    ? Double.NaN
                    : sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * quantile))]
                        / 1e6)
        .toArray();
  }
}
