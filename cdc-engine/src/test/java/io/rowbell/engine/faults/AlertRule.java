package io.rowbell.engine.faults;

import io.rowbell.language.issue.Problems;
import io.rowbell.language.yaml.YamlList;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlNode;
import io.rowbell.language.yaml.YamlReader;
import io.rowbell.language.yaml.YamlScalar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoublePredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An alert rule of {@code docs/alerts.yml}. Its expression is of a form that two scrapes can decide
 * in the same way as Prometheus does: {@code absent(m)}, or comparisons joined by {@code and}, each
 * of a metric, of {@code increase(m[t])}, or of the ratio of two metrics, with a number.
 *
 * @param fields what else it says, annotations as {@code annotations.next}
 */
record AlertRule(String name, String expression, Map<String, String> fields) {
  private static final String METRIC = "[a-z_]+";
  private static final Pattern ABSENT = Pattern.compile("absent\\((" + METRIC + ")\\)");
  private static final Pattern COMPARISON =
      Pattern.compile(
          "(?:increase\\((?<grows>%1$s)\\[\\d+m]\\)|(?<metric>%1$s)(?: / (?<by>%1$s))?) (?<op>==|>|<) (?<number>[0-9.]+)"
              .formatted(METRIC));

  /** The rules of a file. */
  static List<AlertRule> read(Path file) throws IOException {
    Problems problems = new Problems();
    YamlNode all = YamlReader.read(file.toString(), Files.readString(file), problems);
    if (!problems.issues().isEmpty()) {
      throw new IllegalArgumentException(problems.issues().toString());
    }
    List<AlertRule> rules = new ArrayList<>();
    for (YamlNode group : list(get(all, "groups"))) {
      for (YamlNode rule : list(get(group, "rules"))) {
        Map<String, String> fields = new HashMap<>();
        flatten("", rule, fields);
        rules.add(
            new AlertRule(
                Objects.requireNonNull(fields.remove("alert")),
                Objects.requireNonNull(fields.remove("expr")),
                fields));
      }
    }
    return rules;
  }

  private static YamlNode get(@Nullable YamlNode map, String key) {
    YamlMap of = (YamlMap) Objects.requireNonNull(map, key);
    return Objects.requireNonNull(of.get(key), key).value();
  }

  private static List<YamlNode> list(YamlNode node) {
    return ((YamlList) node).items();
  }

  private static void flatten(String prefix, YamlNode node, Map<String, String> into) {
    for (YamlMap.Entry entry : ((YamlMap) node).entries()) {
      if (entry.value() instanceof YamlScalar text) {
        into.put(prefix + entry.name(), text.value());
      } else {
        flatten(prefix + entry.name() + ".", entry.value(), into);
      }
    }
  }

  /**
   * Whether it holds now.
   *
   * @param before an earlier scrape of the same process, for what grows
   */
  boolean holds(Scrape before, Scrape now) {
    return decide(before, now, expression);
  }

  /** The same with another number in the first comparison: for states that would take hours. */
  boolean holds(Scrape before, Scrape now, String threshold) {
    return decide(before, now, expression.replaceFirst("([<>]) [0-9.]+", "$1 " + threshold));
  }

  private static boolean decide(Scrape before, Scrape now, String expression) {
    Matcher absent = ABSENT.matcher(expression);
    if (absent.matches()) {
      return now.all(absent.group(1)).isEmpty();
    }
    @Nullable Set<String> series = null;
    for (String comparison : expression.split(" and ", -1)) {
      Set<String> these = series(before, now, comparison);
      if (series == null) {
        series = these;
      } else {
        series.retainAll(these);
      }
    }
    return series != null && !series.isEmpty();
  }

  /** The labels of what meets a comparison. */
  private static Set<String> series(Scrape before, Scrape now, String comparison) {
    Matcher term = COMPARISON.matcher(comparison);
    if (!term.matches()) {
      throw new IllegalArgumentException("two scrapes cannot decide: " + comparison);
    }
    String grows = term.group("grows");
    String by = term.group("by");
    double number = Double.parseDouble(term.group("number"));
    DoublePredicate meets =
        switch (term.group("op")) {
          case "==" -> value -> value == number;
          case ">" -> value -> value > number;
          default -> value -> value < number;
        };
    Set<String> series = new TreeSet<>();
    now.all(grows == null ? term.group("metric") : grows)
        .forEach(
            (labels, value) -> {
              double of = value;
              if (grows != null) {
                of -= before.all(grows).getOrDefault(labels, Double.NaN);
              } else if (by != null) {
                of /= now.all(by).getOrDefault(labels, Double.NaN);
              }
              if (meets.test(of)) {
                series.add(labels);
              }
            });
    return series;
  }

  /** The metrics that it names. */
  Set<String> metrics() {
    return metricsOf(expression);
  }

  /** The metrics that a text names. */
  static Set<String> metricsOf(String text) {
    Set<String> metrics = new TreeSet<>();
    Matcher name = Pattern.compile("rowbell_[a-z_]*[a-z]\\b").matcher(text);
    while (name.find()) {
      metrics.add(name.group());
    }
    return metrics;
  }
}
