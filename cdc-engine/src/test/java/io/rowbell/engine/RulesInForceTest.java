package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.spi.Resume;
import io.rowbell.spi.StateChange;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a journal says of the rules that it is written by. */
class RulesInForceTest {
  private Resume journal = Resume.NEW;

  /** A step that is made durable by these rules. */
  private static Resume append(Resume journal, RulesInForce inForce, String fingerprint) {
    Optional<StateChange> change = inForce.untold(fingerprint);
    inForce.told(fingerprint);
    return change
        .map(
            said ->
                new Resume(null, null, Map.of(said.name(), Objects.requireNonNull(said.value()))))
        .orElse(journal);
  }

  private RulesInForce.Told told() {
    return RulesInForce.of(journal).orElseThrow();
  }

  @Test
  void rulesThatComeBackAreNotTakenForThoseThatWereNeverGone() {
    RulesInForce inForce = new RulesInForce(journal);
    journal = append(journal, inForce, "a");
    RulesInForce.Told first = told();
    assertThat(first).isEqualTo(RulesInForce.Told.first("a"));

    journal = append(journal, inForce, "a");
    assertThat(told()).isEqualTo(first);
    assertThat(inForce.untold("a")).isEmpty();

    journal = append(journal, inForce, "b");
    journal = append(journal, new RulesInForce(journal), "a");

    assertThat(told().fingerprint()).isEqualTo("a");
    assertThat(told()).isNotEqualTo(first);
    assertThat(new RulesInForce(journal).untold("a")).as("a restart").isEmpty();
  }
}
