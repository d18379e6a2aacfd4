package io.rowbell.language.expression;

import io.rowbell.language.expression.ExpressionCompiler.LetNode;
import io.rowbell.language.expression.Membership.AnyOf;
import io.rowbell.language.expression.Membership.InTexts;
import io.rowbell.language.expression.Node.Constant;
import io.rowbell.language.expression.RowNodes.ColumnNode;
import io.rowbell.language.expression.RowNodes.Image;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the {@link ColumnTest}s of a condition: those of all that it joins with {@code &&}, as
 * {@code becomes} and lets do.
 */
final class ColumnTests {
  private final Set<Image> images;
  private final List<ColumnTest> equalities = new ArrayList<>();
  private final Map<Integer, Range> ranges = new LinkedHashMap<>();

  private ColumnTests(Set<Image> images) {
    this.images = images;
  }

  /** What is asked of the row after an insert or update. */
  static List<ColumnTest> ofNewRow(Node condition) {
    return new ColumnTests(Set.of(Image.CURRENT, Image.AFTER)).of(condition);
  }

  /** What is asked of a row that was deleted. */
  static List<ColumnTest> ofDeletedRow(Node condition) {
    return new ColumnTests(Set.of(Image.CURRENT, Image.BEFORE)).of(condition);
  }

  private List<ColumnTest> of(Node condition) {
    collect(condition);
    List<ColumnTest> all = new ArrayList<>(equalities);
    all.addAll(ranges.values());
    return List.copyOf(all);
  }

  private void collect(Node node) {
    if (node instanceof Logic.And and) {
      collect(and.left);
      collect(and.right);
    } else if (node instanceof RowNodes.Becomes becomes) {
      // Its condition reads the row after, whatever its images are called outside of it.
      if (images.contains(Image.AFTER)) {
        collect(becomes.condition);
      }
    } else if (node instanceof LetNode let) {
      collect(let.body);
    } else if (node instanceof Comparison comparison) {
      collect(comparison);
    } else if (node instanceof InTexts in) {
      ColumnNode column = column(in.value);
      if (column != null) {
        equalities.add(new Equality(column.index, Set.copyOf(in.texts)));
      }
    } else if (node instanceof AnyOf any) {
      Equality either = either(any.tests);
      if (either != null) {
        equalities.add(either);
      }
    }
  }

  private void collect(Comparison node) {
    Equality equality = equality(node);
    if (equality != null) {
      equalities.add(equality);
      return;
    }
    Range range =
        node.right instanceof Constant constant
            ? range(node.left, node.relation, constant)
            : node.left instanceof Constant constant
                ? range(node.right, node.relation.flipped(), constant)
                : null;
    if (range != null) {
      ranges.merge(range.column(), range, Range::and);
    }
  }

  private @Nullable Equality equality(Comparison node) {
    if (node.relation != Relation.EQUAL) {
      return null;
    }
    Equality first = equality(node.left, node.right);
    return first == null ? equality(node.right, node.left) : first;
  }

  private @Nullable Equality equality(Node compared, Node value) {
    ColumnNode column = column(compared);
    if (column == null || !(value instanceof Constant constant)) {
      return null;
    }
    return (constant.value() instanceof String && column.type().textual())
            || (constant.value() instanceof Long && column.type().is(Type.Kind.INT))
        ? new Equality(column.index, Set.of(constant.value()))
        : null;
  }

  /** One of several equalities with the same column. */
  private @Nullable Equality either(Node[] tests) {
    Set<Object> values = new HashSet<>();
    int column = -1;
    for (Node test : tests) {
      Equality one = test instanceof Comparison comparison ? equality(comparison) : null;
      if (one == null || (column >= 0 && one.column() != column)) {
        return null;
      }
      column = one.column();
      values.addAll(one.values());
    }
    return column < 0 ? null : new Equality(column, values);
  }

  /** Of a column that is compared with its like: what would be converted first has no range. */
  private @Nullable Range range(Node compared, Relation relation, Constant constant) {
    ColumnNode column = column(compared);
    Object value = constant.value();
    if (column == null
        || !Node.known(value)
        || value == null
        || column.type().kind() != constant.type().kind()) {
      return null;
    }
    Comparator<Object> order = Operators.order(column.type().kind());
    if (order == null) {
      return null;
    }
    Range.End open = new Range.End(value, false);
    Range.End closed = new Range.End(value, true);
    return switch (relation) {
      case LESS -> new Range(column.index, order, null, open);
      case LESS_OR_EQUAL -> new Range(column.index, order, null, closed);
      case GREATER -> new Range(column.index, order, open, null);
      case GREATER_OR_EQUAL -> new Range(column.index, order, closed, null);
      case EQUAL -> new Range(column.index, order, closed, closed);
      case NOT_EQUAL -> null;
    };
  }

  /**
   * The column of the row that a node reads, also by a name of {@code let}; null if it does not.
   */
  private @Nullable ColumnNode column(Node node) {
    Node read = node;
    while (read instanceof LetNode let) {
      read = let.body;
    }
    return read instanceof ColumnNode column && images.contains(column.image) ? column : null;
  }
}
