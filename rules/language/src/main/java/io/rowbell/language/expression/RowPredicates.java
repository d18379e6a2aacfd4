package io.rowbell.language.expression;

import io.rowbell.language.expression.ExpressionCompiler.LetNode;
import io.rowbell.language.expression.Membership.AnyOf;
import io.rowbell.language.expression.Membership.InTexts;
import io.rowbell.language.expression.Node.Constant;
import io.rowbell.language.expression.RowNodes.ColumnNode;
import io.rowbell.language.expression.RowNodes.Image;
import io.rowbell.model.ColumnType;
import io.rowbell.model.RowPredicate;
import io.rowbell.model.RowPredicate.Compare;
import io.rowbell.model.RowPredicate.Null;
import io.rowbell.model.RowPredicate.Operator;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a condition asks of one row alone, as a predicate that a database can check.
 *
 * <p>It is as wide as it has to be: where the condition is unknown, or fails, the predicate holds.
 * For a false part decides a conjunction whatever the other part comes to, and an unknown one does
 * not.
 */
final class RowPredicates {
  private static final int MAX_DIGITS = 100;

  private final Set<Image> images;

  private RowPredicates(Set<Image> images) {
    this.images = images;
  }

  /**
   * What is asked of the row that bare names read, whatever became of it.
   *
   * @return what holds of every row of which the condition is not false; null if that may be all
   */
  static @Nullable RowPredicate of(Node condition) {
    return new RowPredicates(EnumSet.of(Image.CURRENT)).of(condition, true);
  }

  /** The same of the row after an insert or update. */
  static @Nullable RowPredicate ofNewRow(Node condition) {
    return new RowPredicates(EnumSet.of(Image.CURRENT, Image.AFTER)).of(condition, true);
  }

  /** The same of a row that was deleted. */
  static @Nullable RowPredicate ofDeletedRow(Node condition) {
    return new RowPredicates(EnumSet.of(Image.CURRENT, Image.BEFORE)).of(condition, true);
  }

  /**
   * @return what holds of every row of which the condition is not the opposite of {@code truth}
   */
  private @Nullable RowPredicate of(Node node, boolean truth) {
    if (node instanceof Logic.Not not) {
      return of(not.operand, !truth);
    }
    if (node instanceof Logic.And and) {
      return joined(List.of(and.left, and.right), truth, truth);
    }
    if (node instanceof Logic.Or or) {
      return joined(List.of(or.left, or.right), !truth, truth);
    }
    if (node instanceof AnyOf any) {
      List<Node> tests = List.of(any.tests);
      // Unlike a disjunction's, a test that fails is not made up for by another.
      return tests.stream().allMatch(test -> of(test, truth) != null)
          ? joined(tests, !truth, truth)
          : null;
    }
    if (node instanceof LetNode let) {
      return of(let.body, truth);
    }
    if (node instanceof RowNodes.Becomes becomes) {
      // False where its condition is not true of the row after, be that unknown, too.
      return truth && images.contains(Image.AFTER) ? of(becomes.condition, true) : null;
    }
    if (node instanceof Comparison comparison) {
      return comparison(comparison, truth);
    }
    if (node instanceof Comparison.IsNull test && readable(test.operand)) {
      return new Null(name(test.operand), test.wanted == truth);
    }
    if (node instanceof InTexts in && readable(in.value)) {
      return in(in.value, in.texts, truth);
    }
    if (node instanceof Membership in
        && readable(in.value)
        && in.container instanceof Constant list
        && list.value() instanceof List<?> values) {
      return in(in.value, values, truth);
    }
    return node.type().is(Type.Kind.BOOLEAN) && readable(node)
        ? new Compare(name(node), Operator.NOT_EQUAL, !truth)
        : null;
  }

  /** What every part asks, as far as it is known; or what one of them does, if all are. */
  private @Nullable RowPredicate joined(List<Node> nodes, boolean every, boolean truth) {
    List<RowPredicate> parts = new ArrayList<>();
    for (Node node : nodes) {
      RowPredicate part = of(node, truth);
      if (part != null) {
        parts.add(part);
      } else if (!every) {
        return null;
      }
    }
    return parts.isEmpty() ? null : every ? RowPredicate.all(parts) : RowPredicate.any(parts);
  }

  private @Nullable RowPredicate comparison(Comparison node, boolean truth) {
    boolean columnFirst = node.right instanceof Constant;
    Node column = columnFirst ? node.left : node.right;
    Relation relation = columnFirst ? node.relation : node.relation.flipped();
    return readable(column) && (columnFirst ? node.right : node.left) instanceof Constant constant
        ? comparison(column, relation, constant.value(), truth)
        : null;
  }

  private @Nullable RowPredicate comparison(
      Node column, Relation relation, @Nullable Object constant, boolean truth) {
    if (constant == null || !comparable(column, relation, constant)) {
      return null;
    }
    Operator asked = operator(relation);
    Compare compare = new Compare(name(column), truth ? asked : asked.negated(), constant);
    return relation.equality()
        ? compare
        : RowPredicate.any(List.of(compare, new Null(name(column), true)));
  }

  private @Nullable RowPredicate in(Node column, Collection<?> values, boolean truth) {
    List<RowPredicate> parts = new ArrayList<>();
    for (Object value : values) {
      RowPredicate part = comparison(column, Relation.EQUAL, value, truth);
      if (part == null) {
        return null;
      }
      parts.add(part);
    }
    return parts.isEmpty() ? null : truth ? RowPredicate.any(parts) : RowPredicate.all(parts);
  }

  /** Whether it is a column of the row, of a type whose values SQL compares as we do. */
  private boolean readable(Node node) {
    return node instanceof ColumnNode column
        && images.contains(column.image)
        && switch (column.column.type().kind()) {
          case BOOLEAN, INTEGER, NUMERIC, TEXT -> true;
          default -> false;
        };
  }

  private static String name(Node column) {
    return ((ColumnNode) column).column.name();
  }

  private static boolean comparable(Node node, Relation relation, Object constant) {
    ColumnType.Kind kind = ((ColumnNode) node).column.type().kind();
    if (constant instanceof Boolean) {
      return kind == ColumnType.Kind.BOOLEAN && relation.equality();
    }
    if (constant instanceof String text) {
      return kind == ColumnType.Kind.TEXT && relation.equality() && text.indexOf('\\') < 0;
    }
    boolean number = kind == ColumnType.Kind.INTEGER || kind == ColumnType.Kind.NUMERIC;
    return number
        && (constant instanceof Long
            || (constant instanceof BigDecimal exact
                && exact.precision() <= MAX_DIGITS
                && Math.abs(exact.scale()) <= MAX_DIGITS));
  }

  private static Operator operator(Relation relation) {
    return switch (relation) {
      case LESS -> Operator.LESS;
      case LESS_OR_EQUAL -> Operator.LESS_OR_EQUAL;
      case GREATER -> Operator.GREATER;
      case GREATER_OR_EQUAL -> Operator.GREATER_OR_EQUAL;
      case EQUAL -> Operator.EQUAL;
      case NOT_EQUAL -> Operator.NOT_EQUAL;
    };
  }
}
