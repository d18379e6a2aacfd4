package io.rowbell.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What the steps of a change cost, as a file that can be compared with: the time of each as a ratio
 * to that of {@link Steps#reference} in the same run, and what it allocates, which hardly differs
 * between machines.
 *
 * <p>The file has a line for each step: its name, the ratio, bytes.
 */
final class Baseline {
  /** By how much a ratio may grow: a machine's noise is not to be told. */
  private static final double SLOWER = 1.5;

  /** By how much a step may allocate more: what the compiler leaves out differs a little. */
  private static final double LARGER = 1.1;

  /** What one compilation leaves out of small objects, and the next does not: some hundred. */
  private static final double A_FEW_BYTES = 256;

  private static final String REFERENCE = "reference";
  private static final String HEAD = "step,time as a ratio to the reference,bytes allocated";

  private final Map<String, Cost> costs;

  private Baseline(Map<String, Cost> costs) {
    this.costs = costs;
  }

  /**
   * @param ratio to the reference's time
   * @param bytes allocated each time
   */
  private record Cost(double ratio, double bytes) {
    boolean exceeds(Cost before) {
      return ratio > before.ratio * SLOWER || bytes > before.bytes * LARGER + A_FEW_BYTES;
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.3f,%.0f", ratio, bytes);
    }
  }

  /** Measures, in JVMs of its own; about three minutes. */
  static Baseline measure() throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(Steps.class.getName() + "\\.")
                    .include(Rules.class.getName() + "\\.")
                    .param("kind", "transition", "last", "fullWindow", "fires")
                    .param("count", "1", "1000")
                    .param("differ", "constant", "computed")
                    .addProfiler(GCProfiler.class)
                    .shouldFailOnError(true)
                    .build())
            .run();
    double reference =
        results.stream()
            .filter(result -> name(result).equals(REFERENCE))
            .mapToDouble(result -> result.getPrimaryResult().getScore())
            .findAny()
            .orElseThrow();
    Map<String, Cost> costs = new TreeMap<>();
    for (RunResult result : results) {
      costs.put(
          name(result),
          new Cost(
              result.getPrimaryResult().getScore() / reference,
              Objects.requireNonNull(result.getSecondaryResults().get(Rules.ALLOCATED))
                  .getScore()));
    }
    return new Baseline(costs);
  }

  private static String name(RunResult result) {
    StringBuilder name = new StringBuilder(result.getPrimaryResult().getLabel());
    var parameters = result.getParams();
    for (String key : parameters.getParamsKeys()) {
      name.append(' ').append(parameters.getParam(key));
    }
    return name.toString();
  }

  /** Reads what was written. */
  static Baseline read(Path file) throws IOException {
    Map<String, Cost> costs = new TreeMap<>();
    List<String> lines = Files.readAllLines(file);
    for (String line : lines.subList(1, lines.size())) {
      String[] fields = line.split(",", -1);
      costs.put(fields[0], new Cost(Double.parseDouble(fields[1]), Double.parseDouble(fields[2])));
    }
    return new Baseline(costs);
  }

  /** Writes it. */
  void write(Path file) throws IOException {
    List<String> lines = new ArrayList<>(List.of(HEAD));
    costs.forEach((step, cost) -> lines.add(step + "," + cost));
    Files.write(file, lines);
  }

  /** Which steps cost more here than there, and which there are only in one of both. */
  List<String> worseThan(Baseline other) {
    List<String> worse = new ArrayList<>();
    costs.forEach(
        (step, cost) -> {
          @Nullable Cost before = other.costs.get(step);
          if (before == null) {
            worse.add(step + " is not in the baseline");
          } else if (cost.exceeds(before)) {
            worse.add(step + ": " + cost + ", was " + before);
          }
        });
    other.costs.keySet().stream()
        .filter(step -> !costs.containsKey(step))
        .forEach(step -> worse.add(step + " is no longer measured"));
    return worse;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(HEAD);
    costs.forEach((step, cost) -> text.append('\n').append(step).append(',').append(cost));
    return text.toString();
  }
}
