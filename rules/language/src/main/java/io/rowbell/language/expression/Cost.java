package io.rowbell.language.expression;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The most that evaluating an expression can take, whatever the row: counted where it is checked,
 * the {@code let} names in it with what they stand for. It bounds the size of the values too, so
 * that lists of lists of lists cannot grow from let to let.
 */
final class Cost {
  /** The most steps: a comprehension counts its body for each of the elements it may have. */
  static final long MAX_STEPS = 5_000_000;

  /** The deepest nesting, through all let names. */
  static final int MAX_DEPTH = 500;

  private static final long BEYOND = MAX_STEPS + 1;

  private long steps;
  private int deepest;
  private long element;

  /** Counts one part of the expression. */
  void part(int depth) {
    add(1);
    deepest = Math.max(deepest, depth);
  }

  /** Counts the use of a name. */
  void name(Cost of, int depth) {
    add(of.steps);
    deepest = Math.max(deepest, depth + of.deepest);
  }

  /** Counts the use of a comprehension's variable, which may itself be a list. */
  void element() {
    add(element);
  }

  /** Counts a comprehension's body. */
  @Nullable Node perElement(long ofList, Supplier<@Nullable Node> body) {
    long before = steps;
    steps = 0;
    element = ofList / Comprehension.MAX_ELEMENTS;
    try {
      return body.get();
    } finally {
      long once = steps;
      steps = before;
      add(Math.min(once, BEYOND) * Comprehension.MAX_ELEMENTS);
    }
  }

  long steps() {
    return steps;
  }

  /** What is wrong with it; null if it is bearable. */
  @Nullable String excess() {
    if (steps > MAX_STEPS) {
      return "with the let names in it, the expression can take more than "
          + MAX_STEPS
          + " steps for one change";
    }
    return deepest > MAX_DEPTH
        ? "with the let names in it, the expression is nested deeper than " + MAX_DEPTH
        : null;
  }

  private void add(long more) {
    steps = Math.min(BEYOND, steps + more);
  }
}
