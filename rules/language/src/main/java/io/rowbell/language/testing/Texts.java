package io.rowbell.language.testing;

import io.rowbell.language.expression.CanonicalText;
import io.rowbell.model.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How messages show rows. */
final class Texts {
  private Texts() {}

  /** {@code id=1, symbol=ACME}. */
  static String columns(TableSchema table, Map<Integer, @Nullable Object> values) {
    return new TreeMap<>(values)
        .entrySet().stream()
            .map(part -> table.column(part.getKey()).name() + "=" + value(part.getValue()))
            .collect(Collectors.joining(", "));
  }

  private static String value(@Nullable Object value) {
    return value == null || value instanceof byte[] || value instanceof List
        ? String.valueOf(value)
        : CanonicalText.of(value);
  }
}
