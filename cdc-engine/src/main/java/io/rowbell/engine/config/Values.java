package io.rowbell.engine.config;

import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import io.rowbell.language.yaml.YamlScalar;
import io.rowbell.spi.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads single values, replaces their references, and remembers what each came to. */
final class Values {
  private static final Pattern SOUNDS_SECRET =
      Pattern.compile("(?i).*(password|passphrase|secret|token|credential|key$|jaas).*");

  private final References references;
  private final Problems problems;
  private final List<EffectiveSetting> effective = new ArrayList<>();
  private final Set<Location> secrets = new HashSet<>();
  private boolean defaulted;

  Values(References references, Problems problems) {
    this.references = references;
    this.problems = problems;
  }

  /**
   * A value as it was written.
   *
   * @param quoted whether it is text for certain
   * @param at where it came from
   * @param place for people
   */
  record Written(Text text, boolean quoted, Origin at, String place) {
    static Written inFile(Binder.Slot slot, YamlScalar scalar) {
      return new Written(scalar, !scalar.isPlain(), Origin.FILE, line(slot.place()));
    }

    static Written override(Overrides.OverrideText override) {
      return new Written(override, false, Origin.OVERRIDE, override.name());
    }

    static Written byDefault(Binder.Slot slot, String text) {
      return new Written(Text.of("default of " + slot.key(), text), false, Origin.DEFAULT, "");
    }
  }

  /** What an entry of the user's own naming is read as: secret if its name says so. */
  static ScalarType<?> ofEntry(String name) {
    return SOUNDS_SECRET.matcher(name).matches() ? ScalarType.SECRET : ScalarType.TEXT;
  }

  /** Everything that has been read, in the order of the records. */
  List<EffectiveSetting> effective() {
    return List.copyOf(effective);
  }

  /** Runs a step whose values come from a record's default, whatever they are written in. */
  <T> T defaulted(Supplier<T> step) {
    boolean outer = defaulted;
    defaulted = true;
    try {
      return step.get();
    } finally {
      defaulted = outer;
    }
  }

  /** Whether such a step is under way. */
  boolean isDefaulted() {
    return defaulted;
  }

  void unset(String key) {
    effective.add(new EffectiveSetting(key, "", Origin.UNSET, ""));
  }

  void empty(Binder.Slot slot, String value) {
    effective.add(
        defaulted
            ? new EffectiveSetting(slot.key(), value, Origin.DEFAULT, "")
            : new EffectiveSetting(slot.key(), value, Origin.FILE, line(slot.place())));
  }

  /** There is one file: its name is enough. */
  private static String line(Location place) {
    String file = place.file();
    return file.substring(file.lastIndexOf('/') + 1) + ":" + place.line();
  }

  /**
   * @return null if it is no such value; then that has been noted
   */
  @Nullable Object read(ScalarType<?> type, String key, Written written) {
    Text text = written.text();
    boolean secret = type.kind() == ScalarType.Kind.SECRET;
    References.Resolved resolved =
        defaulted || written.at() == Origin.DEFAULT
            ? new References.Resolved(text.value(), false)
            : references.resolve(text);
    if (secret && !resolved.referenced()) {
      for (int i = 0; i < text.value().length(); i++) {
        secrets.add(text.at(i));
      }
    }
    String value = resolved.value();
    if (value == null) {
      return null;
    }
    if (written.quoted() && type.kind().isBare() && !resolved.referenced()) {
      problems.error(
          Codes.WRONG_TYPE,
          text.at(0),
          "'" + key + "' must be " + type.expected() + ", not text",
          "remove the quotes");
      return null;
    }
    try {
      Object read =
          secret && resolved.referenced()
              ? new Secret(value, () -> references.resolveAgain(text))
              : type.read(value);
      effective.add(
          new EffectiveSetting(
              key,
              shown(
                  type, read, resolved.referenced() ? text.value() : value, resolved.referenced()),
              defaulted ? Origin.DEFAULT : written.at(),
              defaulted ? "" : written.place()));
      return read;
    } catch (ScalarType.Unreadable e) {
      problems.error(
          Codes.WRONG_VALUE,
          text.at(0),
          "'"
              + key
              + "' must be "
              + type.expected()
              + ", "
              + (resolved.referenced()
                  ? "and what " + text.value() + " gives is not"
                  : "not '" + value + "'"),
          e.help().orElse(null));
      return null;
    }
  }

  private static String shown(ScalarType<?> type, Object read, String written, boolean referenced) {
    if (read instanceof Duration duration) {
      return Durations.format(duration);
    }
    if (type.kind() == ScalarType.Kind.SECRET) {
      return read.toString();
    }
    if (read instanceof URI uri && uri.getRawUserInfo() != null && !referenced) {
      return written.replace(uri.getRawUserInfo() + "@", "****@");
    }
    return type.kind().isHarmless() && referenced ? readable(read) : written;
  }

  private static String readable(Object read) {
    return read instanceof Enum<?> constant ? Shape.kebab(constant) : read.toString();
  }

  /** Issues with the secrets that are written in their lines hidden; carets keep their places. */
  List<Issue> hideSecrets(List<Issue> issues) {
    // Each line once: one that is very long may have very many.
    Map<Location, String> lines = new HashMap<>();
    return issues.stream()
        .map(
            issue -> {
              Location place = issue.location();
              String line =
                  lines.computeIfAbsent(
                      new Location(place.file(), place.line(), 1, place.lineText()),
                      this::withoutSecrets);
              return new Issue(
                  issue.severity(),
                  issue.code(),
                  issue.message(),
                  new Location(place.file(), place.line(), place.column(), line),
                  issue.help());
            })
        .toList();
  }

  private String withoutSecrets(Location start) {
    StringBuilder line = new StringBuilder(start.lineText());
    for (int i = 0; i < line.length(); i++) {
      if (secrets.contains(new Location(start.file(), start.line(), i + 1, start.lineText()))) {
        line.setCharAt(i, '*');
      }
    }
    return line.toString();
  }
}
