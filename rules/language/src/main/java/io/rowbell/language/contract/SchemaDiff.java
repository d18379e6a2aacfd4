package io.rowbell.language.contract;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What of a newer schema breaks those who read by an older one: every value that the newer allows
 * and the older does not, fields that are new left aside.
 */
final class SchemaDiff {
  /**
   * A difference.
   *
   * @param path the field, for example {@code lines[].sku}; empty for the whole
   * @param what for example {@code is newly nullable}
   */
  record Break(String path, String what) {}

  private final List<Break> breaks = new ArrayList<>();

  private SchemaDiff() {}

  /** Everything that breaks, in the order of the older schema. */
  static List<Break> breaks(
      Map<String, @Nullable Object> older, Map<String, @Nullable Object> newer) {
    SchemaDiff diff = new SchemaDiff();
    diff.compare("", older, newer);
    return diff.breaks;
  }

  private void compare(
      String path, Map<String, @Nullable Object> older, Map<String, @Nullable Object> newer) {
    if (older.containsKey("anyOf") || newer.containsKey("anyOf")) {
      alternatives(path, older, newer);
      return;
    }
    List<Object> before = JsonSchema.types(older);
    List<Object> after = JsonSchema.types(newer);
    if (before.isEmpty()) {
      return; // anything was allowed
    }
    if (after.isEmpty()) {
      add(path, "was " + words(before) + " and is any JSON now");
      return;
    }
    List<Object> added = new ArrayList<>(after);
    added.removeAll(before);
    boolean nullable = added.remove("null");
    if (added.contains("integer") && before.contains("number")) {
      added.remove("integer");
    }
    // The only texts among numbers are NaN and the infinities.
    boolean noNumber =
        before.contains("number") && after.contains("string") && !after.contains("number");
    if (!added.isEmpty() || noNumber) {
      add(path, "was " + words(before) + " and is " + words(after) + " now");
      return;
    }
    if (nullable) {
      add(path, "is newly nullable");
    }
    labels(path, older, newer);
    if (older.containsKey("pattern")
        && !Objects.equals(older.get("pattern"), newer.get("pattern"))) {
      pattern(path, older, newer);
    }
    bounds(path, older, newer);
    if (newer.get("items") instanceof Map<?, ?> items
        && older.get("items") instanceof Map<?, ?> of) {
      compare(path + "[]", JsonTree.object(of), JsonTree.object(items));
    }
    properties(path, older, newer);
  }

  private void alternatives(
      String path, Map<String, @Nullable Object> older, Map<String, @Nullable Object> newer) {
    for (Object alternative : JsonSchema.alternatives(newer)) {
      Map<String, @Nullable Object> allowed = JsonTree.object(alternative);
      boolean known =
          JsonSchema.alternatives(older).stream()
              .anyMatch(old -> breaks(JsonTree.object(old), allowed).isEmpty());
      if (!known) {
        add(path, "can be of a form that it was not before");
        return;
      }
    }
  }

  private void labels(
      String path, Map<String, @Nullable Object> older, Map<String, @Nullable Object> newer) {
    if (!older.containsKey("enum")) {
      return;
    }
    if (!newer.containsKey("enum")) {
      add(path, "was one of " + JsonTree.list(older.get("enum")) + " and is any text now");
      return;
    }
    for (Object label : JsonTree.list(newer.get("enum"))) {
      if (label != null && !JsonTree.list(older.get("enum")).contains(label)) {
        add(path, "can be '" + label + "', which it could not before");
      }
    }
  }

  private void pattern(
      String path, Map<String, @Nullable Object> older, Map<String, @Nullable Object> newer) {
    // Of numbers the pattern is about NaN and the infinities only; integers have none.
    boolean number = JsonSchema.types(older).contains("number");
    if (!number) {
      add(path, "has another format");
    } else if (newer.containsKey("pattern") && "^NaN$".equals(older.get("pattern"))) {
      add(path, "can be infinite, which it could not before");
    }
  }

  private void bounds(
      String path, Map<String, @Nullable Object> older, Map<String, @Nullable Object> newer) {
    boolean lower = number(newer, "minimum").compareTo(number(older, "minimum")) < 0;
    boolean higher = number(newer, "maximum").compareTo(number(older, "maximum")) > 0;
    if ((lower && older.containsKey("minimum")) || (higher && older.containsKey("maximum"))) {
      add(
          path,
          "was from "
              + older.get("minimum")
              + " to "
              + older.get("maximum")
              + " and can be from "
              + newer.get("minimum")
              + " to "
              + newer.get("maximum")
              + " now");
    }
  }

  private static BigDecimal number(Map<String, @Nullable Object> schema, String word) {
    Object value = schema.get(word);
    return value == null ? BigDecimal.ZERO : new BigDecimal(value.toString());
  }

  private void properties(
      String path, Map<String, @Nullable Object> older, Map<String, @Nullable Object> newer) {
    Map<String, @Nullable Object> before =
        new LinkedHashMap<>(JsonTree.object(older.get("properties")));
    Map<String, @Nullable Object> after = JsonTree.object(newer.get("properties"));
    before.forEach(
        (name, schema) -> {
          String field = path.isEmpty() ? name : path + "." + name;
          if (!after.containsKey(name)) {
            add(field, "is removed");
            return;
          }
          if (JsonTree.list(older.get("required")).contains(name)
              && !JsonTree.list(newer.get("required")).contains(name)) {
            add(field, "may be left out, which it was not before");
          }
          compare(field, JsonTree.object(schema), JsonTree.object(after.get(name)));
        });
  }

  private void add(String path, String what) {
    breaks.add(new Break(path, what));
  }

  private static String words(List<Object> types) {
    return String.join(" or ", types.stream().map(String::valueOf).toList());
  }
}
