package io.rowbell.language.expression;

import io.rowbell.language.expression.RowNodes.ColumnNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which columns are known not to be null where the checker is: {@code x != null && x > 5}. */
final class Guards {
  private final List<String> guarded = new ArrayList<>();
  private final Set<String> warned = new HashSet<>();
  private boolean muted;

  /**
   * Enters what is evaluated only if a condition came to a truth.
   *
   * @return what {@link #leave} wants
   */
  int enter(@Nullable Node condition, boolean truth) {
    int mark = guarded.size();
    if (condition != null) {
      collect(condition, truth);
    }
    return mark;
  }

  void leave(int mark) {
    guarded.subList(mark, guarded.size()).clear();
  }

  /** Whether null is expected where the checker is. */
  void mute(boolean expected) {
    muted = expected;
  }

  /** Whether a column may be null here and that was not said before. */
  boolean worthWarning(ColumnNode column) {
    return !muted
        && column.column.nullable()
        && !guarded.contains(key(column))
        && warned.add(key(column));
  }

  private void collect(Node condition, boolean truth) {
    if (condition instanceof Comparison.IsNull test
        && test.wanted != truth
        && test.operand instanceof ColumnNode column) {
      guarded.add(key(column));
    } else if (condition instanceof Logic.Not not) {
      collect(not.operand, !truth);
    } else if (truth && condition instanceof Logic.And and) {
      collect(and.left, true);
      collect(and.right, true);
    } else if (!truth && condition instanceof Logic.Or or) {
      collect(or.left, false);
      collect(or.right, false);
    }
  }

  private static String key(ColumnNode column) {
    return (column.image == RowNodes.Image.BEFORE ? "before." : "") + column.column.name();
  }
}
