package io.rowbell.language.expression;

import io.rowbell.language.expression.RowNodes.ColumnNode;
import io.rowbell.language.expression.RowNodes.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A column that a condition compares with constants: of an insert or update after which the column
 * has another value, or null, the condition is false, and evaluating it would neither fail nor be
 * unknown. Of a value that was not logged or cannot be read that is not said.
 *
 * @param column the index of the column
 * @param values texts or ints, at least one
 */
public record Equality(int column, Set<Object> values) {
  public Equality {
    values = Set.copyOf(values);
  }

  /** Those of a condition: of all that it joins with {@code &&}, as {@code becomes} and lets do. */
  static List<Equality> of(Node condition) {
    List<Equality> found = new ArrayList<>();
    collect(condition, found);
    return List.copyOf(found);
  }

  private static void collect(Node node, List<Equality> found) {
    if (node instanceof Logic.And and) {
      collect(and.left, found);
      collect(and.right, found);
    } else if (node instanceof RowNodes.Becomes becomes) {
      collect(becomes.condition, found);
    } else if (node instanceof ExpressionCompiler.LetNode let) {
      collect(let.body, found);
    } else if (node instanceof Comparison same && same.relation == Relation.EQUAL) {
      compared(same.left, same.right, found);
      compared(same.right, same.left, found);
    } else if (node instanceof Membership.InTexts in && readsNewRow(in.value)) {
      found.add(new Equality(((ColumnNode) in.value).index, Set.copyOf(in.texts)));
    }
  }

  private static void compared(Node column, Node value, List<Equality> found) {
    if (readsNewRow(column)
        && value instanceof Node.Constant constant
        && ((constant.value() instanceof String && column.type().textual())
            || (constant.value() instanceof Long && column.type().is(Type.Kind.INT)))) {
      found.add(new Equality(((ColumnNode) column).index, Set.of(constant.value())));
    }
  }

  private static boolean readsNewRow(Node node) {
    return node instanceof ColumnNode column
        && (column.image == Image.CURRENT || column.image == Image.AFTER);
  }
}
