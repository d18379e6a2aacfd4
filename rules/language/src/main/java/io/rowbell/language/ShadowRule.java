package io.rowbell.language;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A rule with {@code mode: shadow}: evaluated, remembered and counted like any other, and not
 * published.
 *
 * @param rule its name
 * @param live the live rule that it is compared with; null if it says none and there is not exactly
 *     one of the same event
 * @param fingerprint of what both say
 * @param counter the rule's own
 */
public record ShadowRule(
    String rule, @Nullable String live, String fingerprint, RuleCounter counter) {
  public ShadowRule {
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(fingerprint, "fingerprint");
    Objects.requireNonNull(counter, "counter");
  }
}
