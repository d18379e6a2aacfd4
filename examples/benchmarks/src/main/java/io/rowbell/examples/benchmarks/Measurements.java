package io.rowbell.examples.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What the runs of each subject measured: medians and spread, and ratios to one of the subjects. In
 * the order in which subjects came first.
 */
final class Measurements {
  private final String subject;
  private final List<Measure> measures;
  private final Map<String, List<double[]>> runs = new LinkedHashMap<>();

  /**
   * One column.
   *
   * @param name with its unit
   * @param decimals how many are printed
   */
  record Measure(String name, int decimals) {
    private String print(double value) {
      return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
  }

  /**
   * @param subject what the first column is headed
   */
  Measurements(String subject, Measure... measures) {
    this.subject = subject;
    this.measures = List.of(measures);
  }

  /**
   * Adds one run.
   *
   * @param values one for each measure, NaN if there is none
   */
  void add(String of, double... values) {
    if (values.length != measures.size()) {
      throw new IllegalArgumentException("one value for each measure");
    }
    runs.computeIfAbsent(of, none -> new ArrayList<>()).add(values.clone());
  }

  Set<String> subjects() {
    return runs.keySet();
  }

  /** The median of a subject's runs; NaN if it has none. */
  double median(String of, String measure) {
    double[] sorted = sorted(of, index(measure));
    return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
  }

  private int index(String measure) {
    for (int i = 0; i < measures.size(); i++) {
      if (measures.get(i).name().equals(measure)) {
        return i;
      }
    }
    throw new IllegalArgumentException("nothing is measured that is called " + measure);
  }

  private double[] sorted(String of, int measure) {
    double[] values =
        runs.getOrDefault(of, List.of()).stream()
            .mapToDouble(run -> run[measure])
            .filter(value -> !Double.isNaN(value))
            .toArray();
    Arrays.sort(values);
    return values;
  }

  /** A table in Markdown: medians, with the lowest and the highest run behind each. */
  String table() {
    StringBuilder table = new StringBuilder(header(measures.stream().map(Measure::name).toList()));
    for (String of : runs.keySet()) {
      table.append("| ").append(of).append(" |");
      for (int i = 0; i < measures.size(); i++) {
        table.append(' ').append(spread(measures.get(i), sorted(of, i))).append(" |");
      }
      table.append('\n');
    }
    return table.toString();
  }

  private static String spread(Measure measure, double[] sorted) {
    if (sorted.length == 0) {
      return "–";
    }
    String median = measure.print(sorted[sorted.length / 2]);
    return sorted.length == 1
        ? median
        : "%s (%s–%s)"
            .formatted(median, measure.print(sorted[0]), measure.print(sorted[sorted.length - 1]));
  }

  /**
   * A table in Markdown of what each subject's medians are of another's.
   *
   * @param of whose are 1
   * @param which measures' columns
   */
  String ratios(String of, String... which) {
    StringBuilder table = new StringBuilder(header(List.of(which)));
    for (String other : runs.keySet()) {
      table.append("| ").append(other).append(" |");
      for (String measure : which) {
        table.append(
            String.format(Locale.ROOT, " %.2f |", median(other, measure) / median(of, measure)));
      }
      table.append('\n');
    }
    return table.toString();
  }

  private String header(List<String> names) {
    return "| %s | %s |%n|---|%s%n"
        .formatted(subject, String.join(" | ", names), "--:|".repeat(names.size()));
  }
}
