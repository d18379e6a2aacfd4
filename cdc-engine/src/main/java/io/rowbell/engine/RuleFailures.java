package io.rowbell.engine;

import io.rowbell.model.DeadLetter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells in the log of changes that rules could not evaluate: the first of each rule at once, then
 * how many there were, once a minute at most. For one thread.
 */
final class RuleFailures {
  private static final Logger LOG = LoggerFactory.getLogger(RuleFailures.class);
  private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

  private final Map<String, Told> told = new HashMap<>();

  /** When a rule was told of last, and what has come since. */
  private static final class Told {
    private long at;
    private long since;
  }

  void tell(DeadLetter letter) {
    long now = System.nanoTime();
    Told rule = told.get(letter.rule());
    if (rule == null) {
      rule = new Told();
      told.put(letter.rule(), rule);
    } else if (now - rule.at < PAUSE_NANOS) {
      rule.since++;
      return;
    }
    LOG.warn(
        "rule {} could not evaluate a change of {} and made a dead letter of it (id {}): {} {}{}",
        letter.rule(),
        letter.topic(),
        letter.id(),
        letter.code(),
        letter.reason(),
        rule.since == 0 ? "" : "; " + rule.since + " more since the last time");
    rule.at = now;
    rule.since = 0;
  }
}
