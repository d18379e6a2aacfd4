package io.rowbell.spi;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a person has done to a subscriber or to dead letters: kept in the journal for those who ask
 * later.
 *
 * @param at when
 * @param who the user and the machine, as the person's program said
 * @param subscriber whom it concerned; null for the dead letters of rules
 * @param what in one sentence
 * @param reason why, in the person's words; empty if none was given
 */
public record Act(Instant at, String who, @Nullable String subscriber, String what, String reason) {
  public Act {
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(who, "who");
    Objects.requireNonNull(what, "what");
    Objects.requireNonNull(reason, "reason");
  }
}
