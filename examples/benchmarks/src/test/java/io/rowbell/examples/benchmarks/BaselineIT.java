package io.rowbell.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Compares what the steps of a change cost with the committed baseline, or writes that anew. For a
 * machine that does nothing else: {@code -Drowbell.baseline=compare} or {@code write}.
 */
class BaselineIT {
  private static final Path COMMITTED = Path.of("baseline.csv");

  @Test
  @EnabledIfSystemProperty(
      named = "rowbell.baseline",
      matches = "compare|write",
      disabledReason = "measures for three minutes: -Drowbell.baseline=compare, or write")
  void noStepCostsMoreThanItDid() throws Exception {
    Baseline now = Baseline.measure();
    now.write(Path.of("target", "baseline.csv"));
    if ("write".equals(System.getProperty("rowbell.baseline"))) {
      now.write(COMMITTED);
    }
    assertThat(now.worseThan(Baseline.read(COMMITTED))).as(now.toString()).isEmpty();
  }
}
