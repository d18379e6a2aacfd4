package io.rowbell.language;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.issue.Text;
import io.rowbell.language.yaml.YamlList;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlNode;
import io.rowbell.language.yaml.YamlScalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A mapping with known keys, read value by value; what is wrong with it is noted. */
public final class Entries {
  static final String QUOTE_IT =
      "write the whole value between quotes, or after '|' on a line of its own";

  private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");

  private final YamlMap map;
  private final Problems problems;

  public Entries(YamlMap map, Problems problems) {
    this.map = map;
    this.problems = problems;
  }

  /**
   * Notes keys that do not exist.
   *
   * @param known the keys, in the order in which a message lists them
   */
  public Entries allow(List<String> known) {
    return allow(known, Map.of());
  }

  /**
   * The same, with words that have their place elsewhere.
   *
   * @param elsewhere what to do about each
   */
  Entries allow(List<String> known, Map<String, String> elsewhere) {
    for (YamlMap.Entry entry : map.entries()) {
      String name = entry.name();
      if (!known.contains(name)) {
        problems.error(
            Codes.UNKNOWN_KEY,
            entry.key().location(),
            "unknown key '" + name + "'",
            elsewhere.containsKey(name)
                ? elsewhere.get(name)
                : Suggestions.didYouMean(name, known)
                    .orElse("the keys here are " + String.join(", ", known)));
      }
    }
    return this;
  }

  public Location location() {
    return map.location();
  }

  public boolean has(String key) {
    return map.get(key) != null;
  }

  public @Nullable YamlNode node(String key) {
    YamlMap.Entry entry = map.get(key);
    return entry == null ? null : entry.value();
  }

  /** Notes that a key does not belong here, if it is there. */
  void refuse(String key, String why, String help) {
    YamlMap.Entry entry = map.get(key);
    if (entry != null) {
      problems.error(Codes.TOGETHER, entry.key().location(), "'" + key + "' " + why, help);
    }
  }

  /**
   * Notes that a key is missing.
   *
   * @param what has none, as a message begins
   */
  public void missing(String what, String key, String help) {
    problems.error(Codes.MISSING_KEY, map.location(), what + " has no '" + key + "'", help);
  }

  /** The text of a key; null if there is none, or with an issue if it is no text. */
  public @Nullable YamlScalar text(String key) {
    YamlNode node = node(key);
    if (node == null || broken(node)) {
      return null;
    }
    if (node instanceof YamlScalar scalar && !scalar.isEmpty()) {
      return scalar;
    }
    if (node instanceof YamlMap value) {
      problems.error(
          Codes.YAML_TRAP,
          value.location(),
          "YAML reads a value that begins with '{' as a mapping, and '" + key + "' is text",
          QUOTE_IT);
      return null;
    }
    wrongKind(
        node,
        key,
        "text",
        node instanceof YamlMap
            ? "write the whole value between quotes"
            : "write one text, without brackets and '- '");
    return null;
  }

  /** The expression of a key; null if there is none, or with an issue if it is none. */
  @Nullable Text expression(String key) {
    YamlNode node = node(key);
    return node == null ? null : expression(node, key, problems);
  }

  /** The named expressions of a key; empty if there are none, or with an issue. */
  List<NamedText> named(String key, boolean bare) {
    YamlNode node = node(key);
    if (node == null || broken(node)) {
      return List.of();
    }
    if (!(node instanceof YamlMap values)) {
      wrongKind(
          node,
          key,
          "a mapping of names to expressions",
          "write for example '" + key + ": {name: expression}'");
      return List.of();
    }
    List<NamedText> named = new ArrayList<>();
    for (YamlMap.Entry entry : values.entries()) {
      YamlScalar name = entry.key();
      if (cut(name, problems)) {
        break;
      }
      if (bare && entry.value() instanceof YamlScalar scalar && scalar.isEmpty()) {
        named.add(new NamedText(name, name));
        continue;
      }
      Text text = expression(entry.value(), entry.name(), problems);
      if (text != null) {
        named.add(new NamedText(name, text));
      } else if (name.isInFlow()) {
        // What YAML reads after an expression it has cut are the expression's remains.
        break;
      }
    }
    return named;
  }

  /** Notes a value of another shape than its key takes. */
  public void wrongKind(YamlNode node, String key, String wanted, String help) {
    problems.error(
        Codes.WRONG_KIND,
        node.location(),
        "'" + key + "' is " + wanted + ", and there is " + node.kind() + " here",
        help);
  }

  /** The names in a list of plain names; empty for everything else. */
  static List<String> names(YamlList list) {
    boolean plain =
        list.items().stream()
            .allMatch(
                item -> item instanceof YamlScalar name && NAME.matcher(name.value()).matches());
    return plain ? list.items().stream().map(Object::toString).toList() : List.of();
  }

  public static boolean broken(YamlNode node) {
    return node instanceof YamlScalar scalar && scalar.isBroken();
  }

  private static @Nullable Text expression(YamlNode node, String key, Problems problems) {
    if (broken(node)) {
      return null;
    }
    if (!(node instanceof YamlScalar scalar)) {
      String bracket = node instanceof YamlMap ? "{' as a mapping" : "[' as a list";
      problems.error(
          Codes.YAML_TRAP,
          node.location(),
          "YAML reads a value that begins with '"
              + bracket
              + ", and '"
              + key
              + "' is an expression",
          QUOTE_IT);
      return null;
    }
    if (scalar.isEmpty()) {
      problems.error(
          Codes.WRONG_KIND,
          scalar.location(),
          "'" + key + "' is an expression, and there is nothing here",
          "write what it is, or leave it out");
      return null;
    }
    return cut(scalar, problems) ? null : scalar;
  }

  /** Notes an expression of which YAML has read only the beginning. */
  static boolean cut(YamlScalar scalar, Problems problems) {
    if (!scalar.isPlain() || !Brackets.areOpen(scalar.value())) {
      return false;
    }
    Location comment = scalar.commentAfter();
    if (comment != null) {
      problems.error(
          Codes.YAML_TRAP, comment, "YAML reads ' #' as the beginning of a comment", QUOTE_IT);
      return true;
    }
    if (scalar.isInFlow()) {
      problems.error(
          Codes.YAML_TRAP,
          scalar.at(scalar.value().length()),
          "between { } YAML ends a value at each of , : [ ] { }, so it has read only '"
              + scalar.value()
              + "'",
          QUOTE_IT);
      return true;
    }
    return false;
  }
}
