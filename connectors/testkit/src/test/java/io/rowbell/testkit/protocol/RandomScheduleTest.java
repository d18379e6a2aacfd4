package io.rowbell.testkit.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random schedules on random logs, two processes and any number of faults.
 *
 * <p>{@code -Drowbell.model.steps=100000000} takes more steps, {@code -Drowbell.model.seed=7}
 * begins with another seed; {@code -Drowbell.model.schedule="a A | WRITE 1:CLAIM"} runs what was
 * printed.
 */
class RandomScheduleTest {
  private static final Set<Flaw> SOUND = Set.of();
  private static final long STEPS = Long.getLong("rowbell.model.steps", 1_000_000);
  private static final long SEED = Long.getLong("rowbell.model.seed", 1);

  @Test
  void nothingIsLostOrDoubled() {
    long steps = 0;
    long events = 0;
    for (long seed = SEED; steps < STEPS; seed++) {
      RandomWalk walk = RandomWalk.of(seed, SOUND);
      steps += walk.steps();
      events += walk.events();
      if (walk.violation().isPresent()) {
        fail(report(seed, walk.violation().get(), SOUND));
      }
    }
    // Otherwise the walks do not get anywhere, and the test has lost its meaning.
    assertThat(events).isGreaterThan(steps / 40);
  }

  @ParameterizedTest
  @EnumSource(Flaw.class)
  void aFlawIsFoundAndItsScheduleShrunk(Flaw flaw) {
    Set<Flaw> flaws = Set.of(flaw);
    long seed = SEED;
    RandomWalk walk = RandomWalk.of(seed, flaws);
    while (walk.violation().isEmpty()) {
      seed++;
      assertThat(seed).as("seeds without a violation").isLessThan(SEED + 2_000);
      walk = RandomWalk.of(seed, flaws);
    }
    String report = report(seed, walk.violation().get(), flaws);
    Schedule printed = Schedule.parse(report.substring(report.lastIndexOf('\n') + 1));
    assertThat(printed.violation(flaws)).as(report).isPresent();
    assertThat(printed.violation(SOUND)).as(report).isEmpty();
    assertThat(printed.log().split(" ", -1).length).as(report).isLessThanOrEqualTo(6);
    assertThat(printed.actions().size()).as(report).isLessThanOrEqualTo(25);
  }

  @Test
  @EnabledIfSystemProperty(named = "rowbell.model.schedule", matches = ".+")
  void whatWasPrintedIsRunAgain() {
    Schedule printed = Schedule.parse(System.getProperty("rowbell.model.schedule"));
    assertThat(printed.violation(SOUND)).isEmpty();
  }

  /** What to run again, and the shortest form of it in the last line. */
  private static String report(long seed, Violation violation, Set<Flaw> flaws) {
    Schedule shrunk = violation.schedule().shrink(flaws);
    return """
    %s
    again: -Drowbell.model.seed=%d, or -Drowbell.model.schedule with a line of these:
    %s
    shrunk, %s:
    %s\
    """
        .formatted(
            violation.what(),
            seed,
            violation.schedule(),
            shrunk.violation(flaws).orElseThrow(),
            shrunk);
  }
}
