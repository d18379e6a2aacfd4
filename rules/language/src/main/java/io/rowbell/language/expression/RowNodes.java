package io.rowbell.language.expression;

import io.rowbell.model.Column;
import io.rowbell.model.Row;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The nodes that read a change's rows. */
final class RowNodes {
  private RowNodes() {}

  /** Which row a name reads. */
  enum Image {
    /** What a bare name reads: the row after the change, or before it where there is no after. */
    CURRENT,
    BEFORE,
    AFTER,
    /** The row as it was when the rule fired last for this key, or was first seen. */
    LAST;

    @Nullable Row of(Evaluation e) {
      return switch (this) {
        case CURRENT -> e.current;
        case BEFORE -> e.before;
        case AFTER -> e.after;
        case LAST -> e.last;
      };
    }
  }

  /** A column; null where the change has no such row. */
  abstract static class ColumnNode extends Node {
    final Image image;
    final Column column;
    final int index;

    private ColumnNode(Image image, Column column, int index) {
      super(Type.of(column.type()));
      this.image = image;
      this.column = column;
      this.index = index;
    }

    @Override
    final Shape shape(Images images) {
      return images.column(image, column, index);
    }

    static ColumnNode of(Image image, Column column, int index) {
      return switch (image) {
        case CURRENT ->
            new ColumnNode(image, column, index) {
              @Override
              @Nullable Object eval(Evaluation e) {
                Row row = e.current;
                return row == null ? null : row.get(index);
              }
            };
        case BEFORE ->
            new ColumnNode(image, column, index) {
              @Override
              @Nullable Object eval(Evaluation e) {
                Row row = e.before;
                return row == null ? null : row.get(index);
              }
            };
        case AFTER ->
            new ColumnNode(image, column, index) {
              @Override
              @Nullable Object eval(Evaluation e) {
                Row row = e.after;
                return row == null ? null : row.get(index);
              }
            };
        case LAST ->
            new ColumnNode(image, column, index) {
              @Override
              @Nullable Object eval(Evaluation e) {
                Row row = e.last;
                return row == null ? null : row.get(index);
              }
            };
      };
    }
  }

  /** A whole row: its columns that were logged, by name; null where the change has no such row. */
  static final class Whole extends Node {
    private final Image image;

    Whole(Image image) {
      super(Type.MAP);
      this.image = image;
    }

    /** {@code before == null}, or {@code !=}: that a row is there is told without its columns. */
    Node presence(Relation relation) {
      return new Condition() {
        @Override
        Truth test(Evaluation e) {
          return Truth.of((image.of(e) == null) == (relation == Relation.EQUAL));
        }
      };
    }

    @Override
    Shape shape(Images images) {
      return Shape.mapOf(images.row(image)).orNull(images.mayBeAbsent(image));
    }

    @Override
    @Nullable Object eval(Evaluation e) {
      Row row = image.of(e);
      if (row == null) {
        return null;
      }
      Map<String, @Nullable Object> values = new LinkedHashMap<>();
      int index = 0;
      for (Column column : row.schema().columns()) {
        Object value = row.get(index++);
        if (value != Row.NOT_LOGGED) {
          values.put(column.name(), value);
        }
      }
      return values;
    }
  }

  /** {@code becomes(φ)}: φ is true of the row after, and was not true of the row before. */
  static final class Becomes extends Node.Condition {
    final Node condition;

    Becomes(Node condition) {
      this.condition = condition;
    }

    @Override
    Shape shape(Images images) {
      return Shape.of(Type.BOOLEAN).orOmitted(true);
    }

    @Override
    Truth test(Evaluation e) {
      if (e.after == null) {
        return Truth.FALSE;
      }
      Image outer = e.read(Image.CURRENT);
      try {
        Truth now = condition.test(e);
        if (now != Truth.TRUE || e.before == null) {
          return Truth.of(now == Truth.TRUE);
        }
        Image unused = e.read(Image.BEFORE);
        Truth then = condition.test(e);
        // Null made it not true. A value that was not logged may have made it true.
        return then == Truth.NOT_LOGGED ? then : Truth.of(then != Truth.TRUE);
      } finally {
        Image unused = e.read(outer);
      }
    }
  }

  /** {@code changed(a, b)}: a column differs between the images. */
  static final class Changed extends Node.Condition {
    private final int[] columns;

    Changed(int[] columns) {
      this.columns = columns.clone();
    }

    /** The indexes of the columns. */
    int[] columns() {
      return columns.clone();
    }

    @Override
    Shape shape(Images images) {
      return Shape.of(Type.BOOLEAN);
    }

    @Override
    Truth test(Evaluation e) {
      Row before = e.before;
      Row after = e.after;
      if (before == null || after == null) {
        return Truth.FALSE;
      }
      for (int column : columns) {
        if (Row.differs(before, after, column)) {
          return Truth.TRUE;
        }
      }
      return Truth.FALSE;
    }
  }
}
