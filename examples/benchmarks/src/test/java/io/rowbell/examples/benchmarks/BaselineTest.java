package io.rowbell.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaselineTest {
  @TempDir private Path directory;

  @Test
  void whatCostsMoreIsTold() throws Exception {
    Baseline before = baseline("slow,1.000,1000", "large,1.000,1000", "same,1.000,1000");
    Baseline now = baseline("slow,1.510,1000", "large,1.000,1400", "same,1.490,1350");
    assertThat(now.worseThan(before))
        .containsExactly("large: 1.000,1400, was 1.000,1000", "slow: 1.510,1000, was 1.000,1000");
    assertThat(before.worseThan(now)).isEmpty();
  }

  @Test
  void whatIsOnlyInOneIsTold() throws Exception {
    assertThat(baseline("new,1.000,8").worseThan(baseline("old,1.000,8")))
        .containsExactly("new is not in the baseline", "old is no longer measured");
  }

  @Test
  void whatIsWrittenIsRead() throws Exception {
    Baseline baseline = baseline("step with 5,0.125,48");
    Path file = directory.resolve("written.csv");
    baseline.write(file);
    assertThat(Baseline.read(file)).hasToString(baseline.toString());
  }

  private Baseline baseline(String... lines) throws IOException {
    return Baseline.read(
        Files.writeString(
            directory.resolve("given.csv"), "a head\n" + String.join("\n", lines) + "\n"));
  }
}
