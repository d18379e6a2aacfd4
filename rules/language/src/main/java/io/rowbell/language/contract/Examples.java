package io.rowbell.language.contract;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value that a schema allows, for readers of a contract. */
final class Examples {
  /** A text for each form that {@link JsonSchema} asks of a text. */
  private static final List<String> TEXTS =
      List.of(
          "text",
          "2026-11-20T10:15:30.123456Z",
          "2026-11-20T10:15:30.123456",
          "2026-11-20",
          "10:15:30.5",
          "P1DT2H",
          "0f8fad5b-d9cb-469f-a165-70867728950e",
          "cm93YmVsbA==");

  private Examples() {}

  static @Nullable Object of(Map<String, @Nullable Object> schema) {
    if (schema.get("anyOf") instanceof List<?> parts) {
      return of(JsonTree.object(parts.get(0)));
    }
    if (schema.get("enum") instanceof List<?> labels) {
      return labels.get(0);
    }
    List<Object> types = JsonSchema.types(schema);
    if (types.isEmpty()) {
      return new LinkedHashMap<>();
    }
    return switch ((String) types.get(0)) {
      case "boolean" -> true;
      case "integer" -> 7L;
      case "number" -> new java.math.BigDecimal("12.50");
      case "array" ->
          schema.containsKey("items")
              ? java.util.Collections.singletonList(of(JsonTree.object(schema.get("items"))))
              : List.of();
      case "object" -> {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        JsonTree.object(schema.get("properties"))
            .forEach((name, property) -> object.put(name, of(JsonTree.object(property))));
        yield object;
      }
      case "string" -> text(schema.get("pattern"));
      default -> null;
    };
  }

  private static String text(@Nullable Object pattern) {
    return TEXTS.stream()
        .filter(text -> pattern == null || text.matches((String) pattern))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no example for " + pattern));
  }
}
