package io.rowbell.language;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A rule with {@code mode: shadow}: evaluated, remembered and counted like any other, and not
 * published.
 *
 * @param rule its name
 * @param live the live rule that it is compared with; null if it says none and there is not exactly
 *     one of the same event
 * @param within how far apart in time both may make events that belong together, as states that
 *     last are told late; null if both make theirs of the same change
 * @param fingerprint of what both say; empty if the rule does not fit
 * @param counter the rule's own
 * @param misfit why it is not evaluated, as people read it: what of it does not fit the tables;
 *     null if it fits
 */
public record ShadowRule(
    String rule,
    @Nullable String live,
    @Nullable Duration within,
    String fingerprint,
    RuleCounter counter,
    @Nullable String misfit) {
  public ShadowRule {
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(fingerprint, "fingerprint");
    Objects.requireNonNull(counter, "counter");
  }
}
