package io.rowbell.language;

import io.rowbell.language.expression.Range;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds which of many ranges of one column hold a value, in about log n comparisons and as many
 * steps, and one for each range that does. Immutable.
 *
 * <p>The ends of all ranges cut the column's values into slots: what lies before the first end, the
 * first end, what lies between it and the second, and so on. A range is a run of slots, and stands
 * in a segment tree over them: in those nodes that together cover the run.
 */
final class RangeLookup {
  private static final int[] NONE = {};

  /**
   * @param position of the rule that asks for the range
   */
  record Ranged(int position, Range range) {}

  private final Comparator<Object> order;

  /** Ascending, none twice. */
  private final Object[] ends;

  private final int slots;

  /** The positions in every node; the children of node i are 2i and 2i + 1, the leaves the last. */
  private final int[][] tree;

  /**
   * @param ranges of one column, at least one
   */
  RangeLookup(List<Ranged> ranges) {
    order = ranges.get(0).range().order();
    ends =
        ranges.stream()
            .flatMap(ranged -> Stream.of(ranged.range().low(), ranged.range().high()))
            .filter(Objects::nonNull)
            .map(Range.End::value)
            .collect(Collectors.toCollection(() -> new TreeSet<>(order)))
            .toArray();
    slots = 2 * ends.length + 1;
    tree = new int[2 * slots][];
    Arrays.fill(tree, NONE);
    for (Ranged ranged : ranges) {
      Range range = ranged.range();
      put(ranged.position(), first(range.low()), afterLast(range.high()));
    }
  }

  private int first(Range.@Nullable End low) {
    return low == null ? 0 : low.inclusive() ? slot(low.value()) : slot(low.value()) + 1;
  }

  private int afterLast(Range.@Nullable End high) {
    return high == null ? slots : high.inclusive() ? slot(high.value()) + 1 : slot(high.value());
  }

  private void put(int position, int first, int afterLast) {
    int from = first + slots;
    int to = afterLast + slots;
    while (from < to) {
      if ((from & 1) == 1) {
        add(from++, position);
      }
      if ((to & 1) == 1) {
        add(--to, position);
      }
      from >>= 1;
      to >>= 1;
    }
  }

  private void add(int node, int position) {
    int length = tree[node].length;
    tree[node] = Arrays.copyOf(tree[node], length + 1);
    tree[node][length] = position;
  }

  private int slot(Object value) {
    int found = Arrays.binarySearch(ends, value, order);
    return found >= 0 ? 2 * found + 1 : 2 * -(found + 1);
  }

  /** Adds the positions of the ranges that hold a value. */
  void choose(Object value, BitSet chosen) {
    for (int node = slot(value) + slots; node > 0; node >>= 1) {
      for (int position : tree[node]) {
        chosen.set(position);
      }
    }
  }
}
