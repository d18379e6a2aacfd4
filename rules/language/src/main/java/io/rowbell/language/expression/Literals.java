package io.rowbell.language.expression;

import io.rowbell.model.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code [a, b]} and {@code {'name': a}}: what is unknown in them is null, as in an event. */
final class Literals {
  private Literals() {}

  static final class ListNode extends Node {
    private final Node[] elements;

    ListNode(Type type, List<Node> elements) {
      super(type);
      this.elements = elements.toArray(Node[]::new);
    }

    @Override
    Shape shape(Images images) {
      List<Shape> shapes = Arrays.stream(elements).map(node -> node.shape(images)).toList();
      Shape element = Shape.union(Objects.requireNonNull(type().element()), shapes);
      return Shape.listOf(type(), element).orOmitted(element.omittable());
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      List<@Nullable Object> values = new ArrayList<>(elements.length);
      for (Node element : elements) {
        Object value = element.eval(e);
        if (value == Row.NOT_LOGGED) {
          return value;
        }
        values.add(value == UNKNOWN ? null : value);
      }
      return Collections.unmodifiableList(values);
    }
  }

  static final class MapNode extends Node {
    private final Map<String, Node> members;

    MapNode(Map<String, Node> members) {
      super(Type.MAP);
      this.members = new LinkedHashMap<>(members);
    }

    @Override
    Shape shape(Images images) {
      Map<String, Shape> shapes = new LinkedHashMap<>();
      boolean omittable = false;
      for (Map.Entry<String, Node> member : members.entrySet()) {
        Shape shape = member.getValue().shape(images);
        omittable |= shape.omittable();
        shapes.put(member.getKey(), shape.orOmitted(false));
      }
      return Shape.mapOf(shapes).orOmitted(omittable);
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      Map<String, @Nullable Object> values = new LinkedHashMap<>();
      for (Map.Entry<String, Node> member : members.entrySet()) {
        Object value = member.getValue().eval(e);
        if (value == Row.NOT_LOGGED) {
          return value;
        }
        values.put(member.getKey(), value == UNKNOWN ? null : value);
      }
      return Collections.unmodifiableMap(values);
    }
  }
}
