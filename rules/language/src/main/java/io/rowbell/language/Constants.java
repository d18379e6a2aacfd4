package io.rowbell.language;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
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
 * A file's {@code vars}. Quoted text is text; plain {@code true}, {@code false}, {@code null} and
 * decimal numbers are what they look like; every other plain text is text.
 *
 * @param values Boolean, Long, BigDecimal, String, a List or Map of those, or null
 */
record Constants(Map<String, @Nullable Object> values) {
  static final Constants NONE = new Constants(Map.of());

  private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,99})");
  private static final Pattern DECIMAL = Pattern.compile("-?(0|[1-9][0-9]{0,99})\\.[0-9]{1,100}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  Constants {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  static Constants read(YamlMap map, Problems problems) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (YamlMap.Entry entry : map.entries()) {
      if (!NAME.matcher(entry.name()).matches()) {
        problems.error(
            Codes.BAD_VALUE,
            entry.key().location(),
            "'" + entry.name() + "' cannot be written as vars." + entry.name(),
            "a name is letters, digits and '_', and begins with none of the digits");
      }
      values.put(entry.name(), value(entry.value()));
    }
    return new Constants(values);
  }

  private static @Nullable Object value(YamlNode node) {
    if (node instanceof YamlList list) {
      List<@Nullable Object> items = new ArrayList<>();
      list.items().forEach(item -> items.add(value(item)));
      return Collections.unmodifiableList(items);
    }
    if (node instanceof YamlMap map) {
      Map<String, @Nullable Object> entries = new LinkedHashMap<>();
      map.entries().forEach(entry -> entries.put(entry.name(), value(entry.value())));
      return Collections.unmodifiableMap(entries);
    }
    YamlScalar scalar = (YamlScalar) node;
    String text = scalar.value();
    if (!scalar.isPlain()) {
      return text;
    }
    return switch (text) {
      case "", "null" -> null;
      case "true" -> true;
      case "false" -> false;
      default -> plain(text);
    };
  }

  private static Object plain(String text) {
    if (INTEGER.matcher(text).matches()) {
      BigDecimal number = new BigDecimal(text);
      boolean fits = number.compareTo(BigDecimal.valueOf(number.longValue())) == 0;
      return fits ? number.longValue() : number;
    }
    return DECIMAL.matcher(text).matches() ? new BigDecimal(text) : text;
  }
}
