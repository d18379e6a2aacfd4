package io.rowbell.engine.verify;

import io.rowbell.engine.verify.Discrepancy.Kind;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * What came of an audit until now.
 *
 * @param expected events that the rules made
 * @param found those of them that the journal has
 * @param wrong how many discrepancies were told, of each kind that there was; of late events, how
 *     often the journal stood still
 * @param inFlight events that are not in the journal yet, nor told missing
 * @param oldest for how long the oldest of them has been so, since it was read
 * @param unexplained events in the journal that no change was read of yet
 * @param backfilled events of snapshot rows, which are not audited
 * @param leftOut events in the journal that are not audited for another reason: they are of before
 *     the audit, of keys that are not in the sample, or of rules whose memory is not known
 */
public record Tally(
    long expected,
    long found,
    Map<Kind, Long> wrong,
    int inFlight,
    Duration oldest,
    int unexplained,
    long backfilled,
    long leftOut) {
  public Tally {
    wrong = Map.copyOf(wrong);
  }

  /** How often something was wrong in a way. */
  public long count(Kind kind) {
    return wrong.getOrDefault(kind, 0L);
  }

  /** Whether the delivery promise is kept, as far as it was looked at: what is late may be yet. */
  public boolean isKept() {
    Map<Kind, Long> broken = new EnumMap<>(Kind.class);
    broken.putAll(wrong);
    broken.remove(Kind.LATE);
    return broken.isEmpty();
  }
}
