package io.rowbell.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes a list that fails shorter: delta debugging (Zeller and Hildebrandt, 2002). */
public final class Shrinking {
  private Shrinking() {}

  /**
   * Leaves out parts, first large ones, until nothing more can be left out.
   *
   * @param fails whether a list still fails; the given one does. The same list must always give the
   *     same answer
   * @return a list in the same order that fails, and no longer does without any one of its elements
   */
  public static <T> List<T> shrink(List<T> failing, Predicate<List<T>> fails) {
    List<T> left = failing;
    int size = Math.max(1, left.size() / 2);
    while (!left.isEmpty()) {
      List<T> shorter = withoutAPart(left, size, fails);
      if (shorter.size() == left.size() && size == 1) {
        return left;
      }
      // What could not be left out at first may be, once others are gone.
      size = shorter.size() < left.size() ? Math.min(size, half(shorter)) : half(size);
      left = shorter;
    }
    return left;
  }

  private static <T> List<T> withoutAPart(List<T> failing, int size, Predicate<List<T>> fails) {
    List<T> left = failing;
    for (int from = 0; from < left.size(); ) {
      List<T> shorter = new ArrayList<>(left.subList(0, from));
      shorter.addAll(left.subList(Math.min(left.size(), from + size), left.size()));
      if (fails.test(shorter)) {
        left = shorter;
      } else {
        from += size;
      }
    }
    return List.copyOf(left);
  }

  private static int half(List<?> list) {
    return half(list.size());
  }

  private static int half(int size) {
    return Math.max(1, size / 2);
  }
}
