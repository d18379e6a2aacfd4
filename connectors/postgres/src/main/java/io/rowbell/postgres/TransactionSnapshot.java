package io.rowbell.postgres;

import java.util.HashSet;
import java.util.Set;

/**
 * Which transactions a query saw: {@code pg_snapshot}.
 *
 * @param xmin all below had ended
 * @param xmax all from here on had not begun to count
 * @param running those between that had not ended
 */
record TransactionSnapshot(long xmin, long xmax, Set<Long> running) {
  private static final long EPOCH = 1L << 32;

  TransactionSnapshot {
    running = Set.copyOf(running);
  }

  /** Reads PostgreSQL's text form, for example {@code 10:20:10,14,15}. */
  static TransactionSnapshot parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("no snapshot: " + text);
    }
    Set<Long> running = new HashSet<>();
    if (!parts[2].isEmpty()) {
      for (String xid : parts[2].split(",", -1)) {
        running.add(Long.valueOf(xid));
      }
    }
    return new TransactionSnapshot(Long.parseLong(parts[0]), Long.parseLong(parts[1]), running);
  }

  /** Whether it saw a transaction that the stream shows as committed. */
  boolean sees(long xid) {
    long full = full(xid);
    return full < xmax && !running.contains(full);
  }

  /** The stream tells the lower 32 bits only; the rest is what comes nearest to this snapshot. */
  private long full(long xid) {
    if (xid >= EPOCH) {
      return xid;
    }
    long full = (xmax & -EPOCH) | xid;
    if (full - xmax > EPOCH / 2) {
      return full - EPOCH;
    }
    return xmax - full > EPOCH / 2 ? full + EPOCH : full;
  }
}
