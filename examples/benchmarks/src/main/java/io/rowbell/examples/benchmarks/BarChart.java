package io.rowbell.examples.benchmarks;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Bars with their names and figures, as an SVG that can be read on light and on dark pages. */
final class BarChart {
  private static final int LABELS_WIDTH = 290;
  private static final int BARS_WIDTH = 420;
  private static final int FIGURES_WIDTH = 90;
  private static final int BAR = 22;
  private static final int GAP = 8;
  private static final int TITLE = 34;

  private final String title;
  private final Map<String, Double> bars = new LinkedHashMap<>();

  BarChart(String title) {
    this.title = title;
  }

  /** One bar for each subject that has a median. */
  static BarChart of(String title, Measurements measurements, String measure) {
    BarChart chart = new BarChart(title);
    for (String subject : measurements.subjects()) {
      chart.add(subject, measurements.median(subject, measure));
    }
    return chart;
  }

  void add(String name, double value) {
    if (!Double.isNaN(value)) {
      bars.put(name, value);
    }
  }

  String svg() {
    double longest = bars.values().stream().mapToDouble(Double::doubleValue).max().orElse(1);
    int height = TITLE + bars.size() * (BAR + GAP) + GAP;
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" role="img">
        <title>%3$s</title>
        <style>
          text { font: 13px sans-serif; fill: #24292f; }
          .title { font-weight: bold; }
          .bar { fill: #8c959f; }
          .own { fill: #0a7f6e; }
          @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }
        </style>
        <text class="title" x="0" y="18">%3$s</text>
        """
            .formatted(LABELS_WIDTH + BARS_WIDTH + FIGURES_WIDTH, height, escape(title)));
    int y = TITLE;
    for (Map.Entry<String, Double> bar : bars.entrySet()) {
      int width = (int) Math.max(1, Math.round(BARS_WIDTH * bar.getValue() / longest));
      svg.append(
          String.format(
              Locale.ROOT,
              """
              <text x="%d" y="%d" text-anchor="end">%s</text>
              <rect class="bar%s" x="%d" y="%d" width="%d" height="%d"/>
              <text x="%d" y="%d">%,.1f</text>
              """,
              LABELS_WIDTH - 8,
              y + 16,
              escape(bar.getKey()),
              bar.getKey().startsWith("rowbell") ? " own" : "",
              LABELS_WIDTH,
              y,
              width,
              BAR,
              LABELS_WIDTH + width + 6,
              y + 16,
              bar.getValue()));
      y += BAR + GAP;
    }
    return svg.append("</svg>\n").toString();
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
