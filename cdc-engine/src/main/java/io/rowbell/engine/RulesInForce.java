package io.rowbell.engine;

import io.rowbell.language.RuleSet;
import io.rowbell.spi.Resume;
import io.rowbell.spi.StateChange;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the journal says of which rules made its last entries: their fingerprint, written in the
 * same durable step as the first of them. So who reads the journal beside its writer knows whether
 * its own rules are the same.
 */
final class RulesInForce {
  private static final String NAME = "engine/rules";

  private @Nullable String told;

  /**
   * @param resume what the journal holds now
   */
  RulesInForce(Resume resume) {
    told = of(resume).orElse(null);
  }

  /** What a journal says; empty if nothing yet. */
  static Optional<String> of(Resume resume) {
    return Optional.ofNullable(resume.state().get(NAME))
        .map(value -> new String(value, StandardCharsets.UTF_8));
  }

  /** What is to be told with the next step, if anything. */
  Optional<StateChange> untold(RuleSet rules) {
    return rules.fingerprint().equals(told)
        ? Optional.empty()
        : Optional.of(new StateChange(NAME, rules.fingerprint().getBytes(StandardCharsets.UTF_8)));
  }

  /** The step is durable. */
  void told(RuleSet rules) {
    told = rules.fingerprint();
  }
}
