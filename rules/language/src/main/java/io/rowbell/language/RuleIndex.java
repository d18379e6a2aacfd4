package io.rowbell.language;

import io.rowbell.language.expression.Equality;
import io.rowbell.model.Row;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds, among the rules of one operation, those whose condition a row may satisfy: where several
 * compare the same column with constants, by the row's value in that column. The others are always
 * among them.
 */
final class RuleIndex {
  /** From so many rules on, looking up a value costs less than asking each. */
  private static final int WORTH = 4;

  private final BitSet always = new BitSet();
  private final List<Lookup> lookups = new ArrayList<>();

  private record Lookup(int column, BitSet all, Map<Object, BitSet> byValue) {}

  /**
   * @param rules the rules of an operation after which there is a new row
   * @param among the positions of those to choose from
   */
  RuleIndex(CompiledRule[] rules, IntStream among) {
    int[] positions = among.toArray();
    Map<Integer, Integer> uses = new TreeMap<>();
    for (int position : positions) {
      for (Equality equality : rules[position].equalities()) {
        uses.merge(equality.column(), 1, Integer::sum);
      }
    }
    Map<Integer, Lookup> byColumn = new HashMap<>();
    for (int position : positions) {
      Equality best = best(rules[position].equalities(), uses);
      if (best == null) {
        always.set(position);
      } else {
        Lookup lookup = byColumn.computeIfAbsent(best.column(), this::lookup);
        lookup.all.set(position);
        best.values()
            .forEach(
                value -> lookup.byValue.computeIfAbsent(value, v -> new BitSet()).set(position));
      }
    }
  }

  private Lookup lookup(int column) {
    Lookup lookup = new Lookup(column, new BitSet(), new HashMap<>());
    lookups.add(lookup);
    return lookup;
  }

  /** The one whose column most rules compare; null if it is not worth it. */
  private static @Nullable Equality best(List<Equality> equalities, Map<Integer, Integer> uses) {
    return equalities.stream()
        .filter(equality -> Objects.requireNonNull(uses.get(equality.column())) >= WORTH)
        .max(Comparator.comparing(equality -> Objects.requireNonNull(uses.get(equality.column()))))
        .orElse(null);
  }

  /** Whether it ever leaves a rule out. */
  boolean chooses() {
    return !lookups.isEmpty();
  }

  /**
   * Adds the positions of the rules that may match.
   *
   * @param row the new row
   * @throws io.rowbell.model.UnreadableValueException if a value cannot be read
   */
  void choose(Row row, BitSet chosen) {
    chosen.or(always);
    for (int i = 0; i < lookups.size(); i++) {
      Lookup lookup = lookups.get(i);
      Object value = row.get(lookup.column);
      if (value == Row.NOT_LOGGED) {
        chosen.or(lookup.all);
      } else if (value != null) {
        BitSet matching = lookup.byValue.get(value);
        if (matching != null) {
          chosen.or(matching);
        }
      }
    }
  }
}
