package io.rowbell.language.expression;

import io.rowbell.model.Json;
import io.rowbell.model.Values;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Equality of values whose types are known only now: numbers by value, JSON by structure. */
final class Dynamic {
  private Dynamic() {}

  /** Whether two canonical values, of the same or of different classes, are the same. */
  static boolean same(@Nullable Object first, @Nullable Object second) {
    if (first instanceof Json x && second instanceof Json y && x.text().equals(y.text())) {
      return true;
    }
    Object a = first instanceof Json json ? JsonText.scalar(json) : first;
    Object b = second instanceof Json json ? JsonText.scalar(json) : second;
    if (a == null || b == null) {
      return a == b;
    }
    Object x = number(a);
    Object y = number(b);
    if (x != null || y != null) {
      return x != null && y != null && Numbers.compare(x, y) == 0;
    }
    Object left = a instanceof Json json ? JsonText.tree(json.text()) : a;
    Object right = b instanceof Json json ? JsonText.tree(json.text()) : b;
    if (left instanceof List<?> list && right instanceof List<?> other) {
      return sameList(list, other);
    }
    if (left instanceof Map<?, ?> map && right instanceof Map<?, ?> other) {
      return sameMap(map, other);
    }
    return Values.same(left, right);
  }

  private static boolean sameList(List<?> a, List<?> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!same(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameMap(Map<?, ?> a, Map<?, ?> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (Map.Entry<?, ?> entry : a.entrySet()) {
      if (!b.containsKey(entry.getKey()) || !same(entry.getValue(), b.get(entry.getKey()))) {
        return false;
      }
    }
    return true;
  }

  /** The value as a numeric: BigDecimal or a special Double; null if it is no number. */
  private static @Nullable Object number(Object value) {
    if (value instanceof BigDecimal) {
      return value;
    }
    if (value instanceof Long number) {
      return BigDecimal.valueOf(number);
    }
    if (value instanceof Double number) {
      return Numbers.toDecimal(number);
    }
    return value instanceof Json json && JsonText.isNumber(json)
        ? Numbers.parse(json.text())
        : null;
  }
}
