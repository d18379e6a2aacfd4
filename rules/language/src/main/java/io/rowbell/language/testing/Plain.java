package io.rowbell.language.testing;

import io.rowbell.language.yaml.YamlList;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlNode;
import io.rowbell.language.yaml.YamlScalar;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a YAML node says, as JSON would: quoted text is text; plain {@code true}, {@code false},
 * {@code null} and numbers are what they look like; every other plain text is text. Numbers are
 * BigDecimals.
 */
final class Plain {
  private static final Pattern NUMBER =
      Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?");

  private Plain() {}

  static @Nullable Object of(YamlNode node) {
    if (node instanceof YamlList list) {
      List<@Nullable Object> items = new ArrayList<>();
      list.items().forEach(item -> items.add(of(item)));
      return Collections.unmodifiableList(items);
    }
    if (node instanceof YamlMap map) {
      Map<String, @Nullable Object> members = new LinkedHashMap<>();
      map.entries().forEach(entry -> members.put(entry.name(), of(entry.value())));
      return Collections.unmodifiableMap(members);
    }
    YamlScalar scalar = (YamlScalar) node;
    String text = scalar.value();
    if (isNull(scalar)) {
      return null;
    }
    if (!scalar.isPlain()) {
      return text;
    }
    if (text.equals("true") || text.equals("false")) {
      return text.equals("true");
    }
    return NUMBER.matcher(text).matches() ? new BigDecimal(text) : (Object) text;
  }

  /** Whether a node is {@code null}, or nothing. */
  static boolean isNull(YamlNode node) {
    return node instanceof YamlScalar scalar
        && scalar.isPlain()
        && (scalar.value().isEmpty() || scalar.value().equals("null"));
  }

  /**
   * Whether a value is what was expected: of an expected Map every member must be there, and no
   * other matters; a List has as many items; numbers are compared by value.
   */
  static boolean matches(@Nullable Object expected, @Nullable Object value) {
    if (expected instanceof Map<?, ?> members) {
      return value instanceof Map<?, ?> map
          && members.entrySet().stream()
              .allMatch(
                  member ->
                      map.containsKey(member.getKey())
                          && matches(member.getValue(), map.get(member.getKey())));
    }
    if (expected instanceof List<?> items) {
      if (!(value instanceof List<?> list) || list.size() != items.size()) {
        return false;
      }
      for (int i = 0; i < items.size(); i++) {
        if (!matches(items.get(i), list.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (expected instanceof BigDecimal number) {
      return value instanceof BigDecimal other && number.compareTo(other) == 0;
    }
    return expected == null ? value == null : expected.equals(value);
  }

  /** A value as JSON writes it. */
  static String json(@Nullable Object value) {
    StringBuilder text = new StringBuilder();
    write(text, value);
    return text.toString();
  }

  private static void write(StringBuilder text, @Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      text.append('{');
      map.forEach(
          (name, member) -> {
            text.append(text.charAt(text.length() - 1) == '{' ? "" : ",");
            quoted(text, String.valueOf(name));
            text.append(':');
            write(text, member);
          });
      text.append('}');
    } else if (value instanceof List<?> list) {
      text.append('[');
      for (int i = 0; i < list.size(); i++) {
        text.append(i == 0 ? "" : ",");
        write(text, list.get(i));
      }
      text.append(']');
    } else if (value instanceof String string) {
      quoted(text, string);
    } else if (value instanceof BigDecimal number) {
      text.append(number.toPlainString());
    } else {
      text.append(value);
    }
  }

  private static void quoted(StringBuilder text, String string) {
    text.append('"')
        .append(com.fasterxml.jackson.core.io.JsonStringEncoder.getInstance().quoteAsString(string))
        .append('"');
  }
}
