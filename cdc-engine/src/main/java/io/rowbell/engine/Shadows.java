package io.rowbell.engine;

import io.rowbell.language.Outcome;
import io.rowbell.language.ShadowRule;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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

  /** These rules are in shadow from now on, and no others. */
  void of(List<ShadowRule> rules) {
    records.keySet().retainAll(rules.stream().map(ShadowRule::rule).toList());
    for (ShadowRule rule : rules) {
      ShadowRecord known = records.get(rule.rule());
      if (known == null || !known.rule().fingerprint().equals(rule.fingerprint())) {
        records.put(rule.rule(), new ShadowRecord(rule, clock.instant()));
      }
    }
  }

  boolean isEmpty() {
    return records.isEmpty();
  }

  /** What all rules made of a batch, once it is durable. */
  void note(List<Outcome> outcomes) {
    records.values().forEach(record -> record.note(outcomes));
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
