package io.rowbell.engine;

import io.rowbell.language.RuleSet;
import io.rowbell.language.ShadowRule;
import io.rowbell.language.issue.Codes;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Rules in shadow that were left out because they do not fit the tables: each is told once. */
final class Misfits {
  private static final Logger LOG = LoggerFactory.getLogger(Misfits.class);

  private Misfits() {}

  /** Those of some rules: why, by their names. */
  static Map<String, String> of(RuleSet rules) {
    Map<String, String> misfits = new TreeMap<>();
    for (ShadowRule shadow : rules.shadows()) {
      String misfit = shadow.misfit();
      if (misfit != null) {
        misfits.put(shadow.rule(), misfit);
      }
    }
    return misfits;
  }

  /** Tells in the log what is new. */
  static void tell(Map<String, String> before, Map<String, String> now) {
    now.forEach(
        (rule, why) -> {
          if (!before.containsKey(rule)) {
            LOG.warn(
                "{} rule '{}' is in shadow and does not fit the tables: it is left out, and the live"
                    + " rules go on. Mend it and reload:\n{}",
                Codes.UNFIT_SHADOW,
                rule,
                why);
          }
        });
    before.keySet().stream()
        .filter(rule -> !now.containsKey(rule))
        .forEach(rule -> LOG.info("rule '{}', in shadow, fits the tables again", rule));
  }
}
