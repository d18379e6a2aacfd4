package io.rowbell.engine.faults;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code /metrics} answered once.
 *
 * @param families what is said of each metric, by its name
 * @param values by a metric's name and then by its labels, as they are written
 */
record Scrape(Map<String, Family> families, Map<String, Map<String, Double>> values) {
  /** Of an engine that does not answer. */
  static final Scrape NONE = new Scrape(Map.of(), Map.of());

  private static final Pattern ABOUT = Pattern.compile("# (HELP|TYPE) (\\w+) (.*)");
  private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? (\\S+)");

  /** A metric's type and what it tells. */
  record Family(String type, String help) {}

  static Scrape of(String text) {
    Map<String, String> types = new HashMap<>();
    Map<String, String> helps = new HashMap<>();
    Map<String, Map<String, Double>> values = new TreeMap<>();
    for (String line : text.lines().toList()) {
      Matcher about = ABOUT.matcher(line);
      Matcher sample = SAMPLE.matcher(line);
      if (about.matches()) {
        (about.group(1).equals("TYPE") ? types : helps).put(about.group(2), about.group(3));
      } else if (sample.matches()) {
        String labels = sample.group(2) == null ? "" : sample.group(2);
        values
            .computeIfAbsent(sample.group(1), name -> new TreeMap<>())
            .put(labels, Double.valueOf(sample.group(3)));
      } else {
        throw new IllegalArgumentException("not of Prometheus's text form: " + line);
      }
    }
    Map<String, Family> families = new TreeMap<>();
    types.forEach(
        (name, type) -> families.put(name, new Family(type, helps.getOrDefault(name, ""))));
    return new Scrape(families, values);
  }

  /** A metric's values by labels; empty if it is not there. */
  Map<String, Double> all(String metric) {
    return values.getOrDefault(metric, Map.of());
  }

  /** The one value of a metric; NaN if it is not there. */
  double value(String metric) {
    return all(metric).values().stream().findFirst().orElse(Double.NaN);
  }
}
