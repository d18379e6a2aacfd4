package io.rowbell.language;

import java.util.concurrent.atomic.LongAdder;

/**
 * How often a rule was asked and what it answered, since its {@link RuleCompiler} was made. Written
 * by the thread that evaluates, read by any.
 */
public final class RuleCounter {
  private final String rule;
  private final LongAdder evaluated = new LongAdder();
  private final LongAdder fired = new LongAdder();
  private final LongAdder unknown = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder skipped = new LongAdder();

  RuleCounter(String rule) {
    this.rule = rule;
  }

  /** The rule's name. */
  public String rule() {
    return rule;
  }

  /**
   * Changes that the rule was asked about: of its table and operations, in which a listed column
   * differed. Where many rules compare a column with constants, those that its value cannot satisfy
   * are not asked.
   */
  public long evaluated() {
    return evaluated.sum();
  }

  /** Events made. */
  public long fired() {
    return fired.sum();
  }

  /** Conditions that were neither true nor false. */
  public long unknown() {
    return unknown.sum();
  }

  /** Changes that could not be evaluated: dead letters, skipped ones and halts. */
  public long failed() {
    return failed.sum();
  }

  /** Changes of transactions that wanted the rule not to fire. */
  public long skipped() {
    return skipped.sum();
  }

  void addEvaluated() {
    evaluated.increment();
  }

  void addEvaluated(int changes) {
    evaluated.add(changes);
  }

  void addFired() {
    fired.increment();
  }

  void addUnknown() {
    unknown.increment();
  }

  void addSkipped() {
    skipped.increment();
  }

  void addFailed() {
    failed.increment();
  }
}
