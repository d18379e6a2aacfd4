package io.rowbell.language.expression;

import io.rowbell.model.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reading of whole JSON documents, with exact numbers. */
public final class JsonValues {
  private JsonValues() {}

  /**
   * A document as BigDecimals, Strings, Booleans, nulls, and Lists and Maps of those; a Map keeps
   * the order of its members.
   *
   * @throws EvaluationException if the text is no JSON
   */
  public static @Nullable Object read(String json) {
    return exact(JsonText.tree(json));
  }

  private static @Nullable Object exact(@Nullable Object value) {
    if (value instanceof Json number) {
      return new BigDecimal(number.text());
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> items = new ArrayList<>();
      list.forEach(item -> items.add(exact(item)));
      return Collections.unmodifiableList(items);
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> members = new LinkedHashMap<>();
      map.forEach((name, member) -> members.put((String) name, exact(member)));
      return Collections.unmodifiableMap(members);
    }
    return value;
  }
}
