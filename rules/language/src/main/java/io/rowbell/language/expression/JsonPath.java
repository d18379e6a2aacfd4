package io.rowbell.language.expression;

import io.rowbell.model.Json;
import io.rowbell.model.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code payload.a.b}, {@code payload['a'][0]}: a member of a JSON value or a map. What is not
 * there is null.
 */
final class JsonPath extends Node {
  private final Node base;
  private final List<Node> keys;

  private JsonPath(Node base, List<Node> keys) {
    super(Type.JSON);
    this.base = base;
    this.keys = keys;
  }

  /** A member; of a member, the whole path is read in one go. */
  static JsonPath of(Node base, Node key) {
    if (base instanceof JsonPath path) {
      List<Node> keys = new ArrayList<>(path.keys);
      keys.add(key);
      return new JsonPath(path.base, List.copyOf(keys));
    }
    return new JsonPath(base, List.of(key));
  }

  /** An element of a list, from 0; null beyond its ends. */
  static Node element(Type type, Node list, Node index) {
    return new Node(type) {
      @Override
      Shape shape(Images images) {
        Shape of = list.shape(images);
        boolean omittable = of.omittable() || index.shape(images).omittable();
        Shape element = of.element();
        return (element == null ? Shape.of(type) : element).orNull(true).orOmitted(omittable);
      }

      @Override
      @Nullable Object eval(Evaluation e) {
        Object values = list.eval(e);
        Object at = index.eval(e);
        if (!(values instanceof List<?> elements) || !(at instanceof Long i)) {
          return lacking(values, at);
        }
        return i >= 0 && i < elements.size()
            ? Membership.element(type, elements.get(i.intValue()))
            : null;
      }
    };
  }

  @Override
  @Nullable Object eval(Evaluation e) {
    Object value = find(e);
    return value == JsonText.MISSING ? null : value;
  }

  @Override
  Shape shape(Images images) {
    boolean omittable = base.shape(images).omittable();
    for (Node key : keys) {
      omittable |= key.shape(images).omittable();
    }
    return Shape.of(type()).orNull(true).orOmitted(omittable);
  }

  /** Whether there is such a member, be it null. */
  Node presence() {
    return new Condition() {
      @Override
      Truth test(Evaluation e) {
        Object value = find(e);
        if (value == Row.NOT_LOGGED) {
          return Truth.NOT_LOGGED;
        }
        return value == UNKNOWN ? Truth.UNKNOWN : Truth.of(value != JsonText.MISSING);
      }
    };
  }

  private @Nullable Object find(Evaluation e) {
    Object value = base.eval(e);
    if (value == Row.NOT_LOGGED || value == UNKNOWN) {
      return value;
    }
    List<Object> path = new ArrayList<>(keys.size());
    for (Node key : keys) {
      Object step = key.eval(e);
      if (step == null || !known(step)) {
        return lacking(step);
      }
      path.add(step);
    }
    return find(value, path);
  }

  private static @Nullable Object find(@Nullable Object start, List<Object> path) {
    Object value = start;
    for (int i = 0; i < path.size(); i++) {
      Object step = path.get(i);
      if (value instanceof Json json) {
        return JsonText.find(json.text(), path.subList(i, path.size()));
      } else if (value instanceof Map<?, ?> map && map.containsKey(step)) {
        value = map.get(step);
      } else if (value instanceof List<?> list
          && step instanceof Long index
          && index >= 0
          && index < list.size()) {
        value = list.get(index.intValue());
      } else {
        return JsonText.MISSING;
      }
    }
    return value;
  }
}
