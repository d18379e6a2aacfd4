package io.rowbell.language.testing;

import io.rowbell.language.expression.CanonicalText;
import io.rowbell.language.expression.JsonWriter;
import io.rowbell.model.TableSchema;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes values of columns as steps have them. */
final class YamlValue {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private YamlValue() {}

  /** {@code {id: 1, symbol: "ACME"}}; what is null is left out. */
  static String columns(TableSchema table, @Nullable Object[] values) {
    StringJoiner text = new StringJoiner(", ", "{", "}");
    for (int i = 0; i < values.length; i++) {
      if (values[i] != null) {
        text.add(name(table, i) + ": " + of(values[i]));
      }
    }
    return text.toString();
  }

  /** {@code {id: 1, symbol: "ACME"}}. */
  static String columns(TableSchema table, Map<Integer, @Nullable Object> values) {
    StringJoiner text = new StringJoiner(", ", "{", "}");
    values.forEach((column, value) -> text.add(name(table, column) + ": " + of(value)));
    return text.toString();
  }

  private static String name(TableSchema table, int column) {
    String name = table.column(column).name();
    return PLAIN.matcher(name).matches() ? name : text(name);
  }

  private static String of(@Nullable Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof Long || value instanceof BigDecimal || value instanceof Boolean) {
      return CanonicalText.of(value);
    }
    if (value instanceof byte[] bytes) {
      return text("\\x" + HexFormat.of().formatHex(bytes));
    }
    if (value instanceof List<?> list) {
      StringJoiner items = new StringJoiner(", ", "[", "]");
      list.forEach(item -> items.add(of(item)));
      return items.toString();
    }
    return text(CanonicalText.of(value));
  }

  /** Between double quotes, as JSON and YAML have it. */
  static String text(String text) {
    return new String(new JsonWriter().value(text).toByteArray(), StandardCharsets.UTF_8);
  }
}
