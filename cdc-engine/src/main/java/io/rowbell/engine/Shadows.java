package io.rowbell.engine;

import io.rowbell.language.Outcome;
import io.rowbell.language.ShadowRule;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What rules in shadow would have sent. Written by the thread that evaluates, read by any; begins
 * anew with each engine, and for each rule when it or the live one that it is compared with is
 * changed.
 */
final class Shadows {
  private final InstantSource clock;
  private final Map<String, ShadowRecord> records = new ConcurrentHashMap<>();

  Shadows(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * These rules are in shadow from now on, and no others. A rule that does not fit the tables keeps
   * what it had, if it had anything, and goes on when it fits again.
   */
  void of(List<ShadowRule> rules) {
    records.keySet().retainAll(rules.stream().map(ShadowRule::rule).toList());
    for (ShadowRule rule : rules) {
      ShadowRecord known = records.get(rule.rule());
      if (known != null && (rule.misfit() != null || isSame(known.rule(), rule))) {
        known.misfit(rule.misfit());
      } else {
        ShadowRecord begun = new ShadowRecord(rule, clock.instant());
        if (known != null && known.misfit() != null) {
          // It fits from the middle of a batch on.
          begun.missed();
        }
        records.put(rule.rule(), begun);
      }
    }
  }

  private static boolean isSame(ShadowRule one, ShadowRule other) {
    return one.fingerprint().equals(other.fingerprint());
  }

  /** Not all that was made of the transaction at hand was, or will be, noted. */
  void missed() {
    records.values().forEach(ShadowRecord::missed);
  }

  boolean isEmpty() {
    return records.isEmpty();
  }

  /**
   * What all rules made of a batch, once it is durable.
   *
   * @param now a time before which every commit has been seen; null if it is not known
   * @param open whether more of its last transaction follows
   */
  void note(List<Outcome> outcomes, @Nullable Instant now, boolean open) {
    records.values().forEach(record -> record.note(outcomes, now, open));
  }

  /** By the rules' names. */
  List<ShadowRecord> all() {
    List<ShadowRecord> all = new ArrayList<>(records.values());
    all.sort(Comparator.comparing(record -> record.rule().rule()));
    return all;
  }

  /** How often there was a verdict; 0 if the rule is in shadow no more. */
  long count(String rule, ShadowRecord.Verdict verdict) {
    ShadowRecord known = records.get(rule);
    return known == null ? 0 : known.count(verdict);
  }
}
