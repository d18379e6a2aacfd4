package io.rowbell.engine.config;

import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.issue.Text;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Variables of the environment that override the file: {@code ROWBELL_} and the setting's key in
 * upper case, dots and dashes as underscores; {@code source.postgres.host} is {@code
 * ROWBELL_SOURCE_POSTGRES_HOST}.
 *
 * <p>A variable of that form that is no setting is an error, except those that the launcher reads,
 * those that Kubernetes makes for a service called rowbell, and those that the file itself refers
 * to.
 */
final class Overrides {
  static final String PREFIX = "ROWBELL_";

  /** What the launcher reads, and the command line. */
  static final Set<String> OF_THE_LAUNCHER =
      Set.of("ROWBELL_JAVA_OPTS", "ROWBELL_MVN_ARGS", "ROWBELL_CLASS_ARCHIVE", "ROWBELL_CONFIG");

  private static final Pattern OF_KUBERNETES =
      Pattern.compile(
          "ROWBELL_(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|PORT(_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");

  private final Map<String, String> variables = new TreeMap<>();
  private final Map<String, Set<String>> keys = new TreeMap<>();
  private final Set<String> taken = new TreeSet<>();

  /**
   * @param shape of the whole configuration: what can be overridden
   */
  Overrides(Map<String, String> environment, Shape.Group shape) {
    environment.forEach(
        (name, value) -> {
          if (name.startsWith(PREFIX)
              && !OF_THE_LAUNCHER.contains(name)
              && !OF_KUBERNETES.matcher(name).matches()) {
            variables.put(name, value);
          }
        });
    collect(shape, "");
  }

  private void collect(Shape shape, String key) {
    if (shape instanceof Shape.Group group) {
      for (Shape.Field field : group.fields()) {
        collect(field.shape(), key.isEmpty() ? field.key() : key + "." + field.key());
      }
    } else if (shape instanceof Shape.Choice choice) {
      choice.adapters().forEach((name, adapter) -> collect(adapter.settings(), key + "." + name));
    } else if (isSingle(shape)) {
      keys.computeIfAbsent(variable(key), name -> new TreeSet<>()).add(key);
    }
  }

  /** Whether one text can say it: a value, or a list of values with commas between. */
  static boolean isSingle(Shape shape) {
    return shape instanceof Shape.Scalar
        || (shape instanceof Shape.Sequence list && list.item() instanceof Shape.Scalar);
  }

  /** The variable that overrides a key. */
  static String variable(String key) {
    return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /**
   * What overrides a key; null if nothing does.
   *
   * @param secret whether messages hide it
   */
  @Nullable OverrideText take(String key, boolean secret) {
    String name = variable(key);
    String value = variables.get(name);
    // A name that fits two keys overrides neither: see reportLeft.
    if (value == null || !Set.of(key).equals(keys.get(name))) {
      return null;
    }
    taken.add(name);
    return new OverrideText(name, value, secret);
  }

  /** Whether anything below a key is overridden. */
  boolean anyBelow(String key) {
    return variables.keySet().stream()
        .anyMatch(
            name ->
                keys.getOrDefault(name, Set.of()).stream()
                    .anyMatch(known -> known.startsWith(key + ".")));
  }

  /**
   * Notes every variable that overrode nothing.
   *
   * @param referred the variables that the file refers to
   */
  void reportLeft(Set<String> referred, Problems problems) {
    for (String name : variables.keySet()) {
      if (taken.contains(name) || referred.contains(name)) {
        continue;
      }
      Location place = new OverrideText(name, "", true).at(0);
      Set<String> meant = keys.getOrDefault(name, Set.of());
      if (meant.size() > 1) {
        problems.error(
            Codes.BAD_OVERRIDE,
            place,
            "'" + name + "' could be any of " + String.join(", ", meant),
            "set them in the file, with ${env:…} if the value is to come from the environment");
      } else if (meant.size() == 1) {
        problems.error(
            Codes.BAD_OVERRIDE,
            place,
            "'" + name + "' overrides '" + meant.iterator().next() + "', which is not in use",
            "the file chooses something else: unset the variable, or change the file");
      } else {
        problems.error(
            Codes.BAD_OVERRIDE,
            place,
            "'" + name + "' overrides no setting",
            Suggestions.didYouMean(name, keys.keySet())
                .orElse(
                    "unset it; what is in lists of subscribers and in 'debezium' is overridden by"
                        + " ${env:NAME} in the file"));
      }
    }
  }

  /** A variable as a text of its own, shown as {@code NAME=value}. */
  record OverrideText(String name, String value, boolean secret) implements Text {
    @Override
    public Location at(int offset) {
      String shown = secret ? name : name + "=" + value.replace('\n', ' ').replace('\r', ' ');
      int column = secret ? 1 : name.length() + 2 + offset;
      return new Location("environment", 1, column, shown);
    }
  }
}
