package io.rowbell.language.expression;

import io.rowbell.model.Column;
import io.rowbell.model.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The nodes that read rows of a {@link Child}. */
final class ChildNodes {
  private ChildNodes() {}

  /** All that belong to the change's row. */
  static final class Rows extends Node {
    private final Child child;

    Rows(Child child) {
      super(Type.listOf(Type.row(child)));
      this.child = child;
    }

    @Override
    Shape shape(Images images) {
      boolean unknown = images.mayBeUnlogged(RowNodes.Image.CURRENT, child.parentColumn());
      return Shape.listOf(type(), Shape.of(Type.row(child))).orOmitted(unknown);
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      Row parent = e.current;
      Object value = parent == null ? null : parent.get(child.parentColumn());
      if (value == Row.NOT_LOGGED) {
        return value;
      }
      return value == null ? List.of() : e.transaction().children(child, value);
    }
  }

  /** A column of one of them. */
  static final class ColumnOf extends Node {
    private final Node row;
    private final Child child;
    private final int index;
    private final boolean isPrivate;

    ColumnOf(Node row, Child child, int index) {
      super(Type.of(child.table().column(index).type()));
      this.row = row;
      this.child = child;
      this.index = index;
      this.isPrivate = child.privates().contains(child.table().column(index).name());
    }

    @Override
    Shape shape(Images images) {
      Shape of = row.shape(images);
      Column read = child.table().column(index);
      Shape value = Images.ofChild(child).column(RowNodes.Image.CURRENT, read, index);
      return value.orNull(of.nullable()).orOmitted(of.omittable() || value.omittable());
    }

    boolean isPrivate() {
      return isPrivate;
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      Object value = row.eval(e);
      if (value instanceof Row child) {
        return child.get(index);
      }
      return value == null ? null : lacking(value);
    }
  }

  /** One or a list of them, with all their columns; not logged if a column of one is not. */
  static Node whole(Node node) {
    Type type = node.type().element() == null ? Type.MAP : Type.listOf(Type.MAP);
    return new Node(type) {
      @Override
      Shape shape(Images images) {
        Shape of = node.shape(images);
        Map<String, Shape> columns =
            Images.ofChild(Objects.requireNonNull(node.type().rows())).row();
        boolean omittable = columns.values().stream().anyMatch(Shape::omittable);
        Map<String, Shape> members = new LinkedHashMap<>();
        columns.forEach((name, column) -> members.put(name, column.orOmitted(false)));
        Shape row = Shape.mapOf(members);
        Shape all = type.element() == null ? row : Shape.listOf(type, row);
        return all.orNull(of.nullable()).orOmitted(of.omittable() || omittable);
      }

      @Override
      @Nullable Object eval(Evaluation e) {
        Object value = node.eval(e);
        if (!(value instanceof List<?> rows)) {
          return value instanceof Row row ? ChildNodes.whole(row) : value;
        }
        List<@Nullable Object> all = new ArrayList<>(rows.size());
        for (Object row : rows) {
          Object members = row instanceof Row child ? ChildNodes.whole(child) : row;
          if (members == Row.NOT_LOGGED) {
            return members;
          }
          all.add(members);
        }
        return all;
      }
    };
  }

  private static Object whole(Row row) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    int index = 0;
    for (Column column : row.schema().columns()) {
      Object value = row.get(index++);
      if (value == Row.NOT_LOGGED) {
        return value;
      }
      members.put(column.name(), value);
    }
    return members;
  }
}
