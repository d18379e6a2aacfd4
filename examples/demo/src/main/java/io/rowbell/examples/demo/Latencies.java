package io.rowbell.examples.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Times from commit to alert, kept one by one: a demo has few. */
final class Latencies {
  private final List<Duration> all = new ArrayList<>();

  synchronized void add(Duration latency) {
    all.add(latency);
  }

  synchronized int count() {
    return all.size();
  }

  /** For example {@code p50 1.9 ms, p99 6.2 ms, longest 9.0 ms}. */
  synchronized String summary() {
    if (all.isEmpty()) {
      return "none";
    }
    List<Duration> sorted = new ArrayList<>(all);
    Collections.sort(sorted);
    return "p50 %s, p99 %s, longest %s"
        .formatted(
            text(sorted.get((sorted.size() - 1) / 2)),
            text(sorted.get((sorted.size() - 1) * 99 / 100)),
            text(sorted.get(sorted.size() - 1)));
  }

  /** Milliseconds with one decimal. */
  static String text(Duration latency) {
    return String.format(java.util.Locale.ROOT, "%.1f ms", latency.toNanos() / 1e6);
  }
}
