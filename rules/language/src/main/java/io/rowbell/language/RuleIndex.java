package io.rowbell.language;

import io.rowbell.language.expression.ColumnTest;
import io.rowbell.language.expression.Equality;
import io.rowbell.language.expression.Range;
import io.rowbell.model.Operation;
import io.rowbell.model.Row;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds, among the rules of one operation, those whose condition a row may satisfy: where several
 * compare the same column with constants, by the row's value in that column. The others are always
 * among them.
 *
 * <p>A rule is looked up by what it wants a column to be the same as, if several rules do so; those
 * with one value then among themselves by what else they ask; or else by the range that it wants a
 * value to lie in.
 */
final class RuleIndex {
  /** From so many rules on, looking up a value costs less than asking each. */
  private static final int WORTH = 4;

  private final int[] always;
  private final List<Lookup> lookups = new ArrayList<>();

  /** A rule, and what it asks of columns by which it was not found yet. */
  private record Entry(int position, List<ColumnTest> tests) {
    Entry without(int column) {
      return new Entry(position, tests.stream().filter(test -> test.column() != column).toList());
    }
  }

  /** The rules that are looked up in one column. */
  private abstract static class Lookup {
    private final int column;
    private final int[] all;

    Lookup(int column, List<Entry> entries) {
      this.column = column;
      this.all = positions(entries);
    }

    final void choose(Row row, BitSet chosen) {
      Object value = row.get(column);
      if (value == Row.NOT_LOGGED) {
        chooseAll(chosen);
      } else if (value == null) {
        chooseForNull(chosen);
      } else {
        choose(value, row, chosen);
      }
    }

    final void chooseAll(BitSet chosen) {
      set(all, chosen);
    }

    abstract void chooseForNull(BitSet chosen);

    abstract void choose(Object value, Row row, BitSet chosen);
  }

  private static final class ByValue extends Lookup {
    private final Map<Object, RuleIndex> byValue = new HashMap<>();

    ByValue(int column, List<Entry> entries) {
      super(column, entries);
      Map<Object, List<Entry>> same = new HashMap<>();
      for (Entry entry : entries) {
        Entry rest = entry.without(column);
        for (Object value : values(entry, column)) {
          same.computeIfAbsent(value, v -> new ArrayList<>()).add(rest);
        }
      }
      same.forEach((value, rest) -> byValue.put(value, new RuleIndex(rest)));
    }

    /** Those that all equalities with the column allow. */
    private static Set<Object> values(Entry entry, int column) {
      Set<Object> values = null;
      for (ColumnTest test : entry.tests) {
        if (test instanceof Equality equality && test.column() == column) {
          if (values == null) {
            values = new HashSet<>(equality.values());
          } else {
            values.retainAll(equality.values());
          }
        }
      }
      return values == null ? Set.of() : values;
    }

    /** Null is the same as no constant. */
    @Override
    void chooseForNull(BitSet chosen) {}

    @Override
    void choose(Object value, Row row, BitSet chosen) {
      RuleIndex found = byValue.get(value);
      if (found != null) {
        found.choose(row, chosen);
      }
    }
  }

  private static final class ByRange extends Lookup {
    private final RangeLookup ranges;

    ByRange(int column, List<Entry> entries) {
      super(column, entries);
      List<RangeLookup.Ranged> found = new ArrayList<>();
      for (Entry entry : entries) {
        for (ColumnTest test : entry.tests) {
          if (test instanceof Range range && range.column() == column) {
            found.add(new RangeLookup.Ranged(entry.position, range));
          }
        }
      }
      ranges = new RangeLookup(found);
    }

    /** Their conditions may be unknown, which is counted. */
    @Override
    void chooseForNull(BitSet chosen) {
      chooseAll(chosen);
    }

    @Override
    void choose(Object value, Row row, BitSet chosen) {
      ranges.choose(value, chosen);
    }
  }

  /**
   * @param rules the rules of an operation on rows
   * @param among the positions of those to choose from
   */
  RuleIndex(CompiledRule[] rules, IntStream among, Operation operation) {
    this(
        among.mapToObj(position -> new Entry(position, rules[position].tests(operation))).toList());
  }

  private RuleIndex(List<Entry> entries) {
    Map<Integer, Integer> equalities = worth(entries, Equality.class);
    Map<Integer, Integer> ranges = worth(entries, Range.class);
    List<Entry> rest = new ArrayList<>();
    Map<Integer, List<Entry>> byValue = new TreeMap<>();
    Map<Integer, List<Entry>> byRange = new TreeMap<>();
    for (Entry entry : entries) {
      Integer same = best(entry, Equality.class, equalities);
      Integer within = same == null ? best(entry, Range.class, ranges) : null;
      if (same != null) {
        byValue.computeIfAbsent(same, c -> new ArrayList<>()).add(entry);
      } else if (within != null) {
        byRange.computeIfAbsent(within, c -> new ArrayList<>()).add(entry);
      } else {
        rest.add(entry);
      }
    }
    always = positions(rest);
    byValue.forEach((column, found) -> lookups.add(new ByValue(column, found)));
    byRange.forEach((column, found) -> lookups.add(new ByRange(column, found)));
  }

  /** How many different tests there are of each column that enough rules test so. */
  private static Map<Integer, Integer> worth(
      List<Entry> entries, Class<? extends ColumnTest> kind) {
    Map<Integer, Integer> uses = new HashMap<>();
    Map<Integer, Set<ColumnTest>> different = new HashMap<>();
    for (Entry entry : entries) {
      for (ColumnTest test : entry.tests) {
        if (kind.isInstance(test)) {
          uses.merge(test.column(), 1, Integer::sum);
          different.computeIfAbsent(test.column(), c -> new HashSet<>()).add(test);
        }
      }
    }
    Map<Integer, Integer> worth = new HashMap<>();
    different.forEach(
        (column, tests) -> {
          if (uses.getOrDefault(column, 0) >= WORTH) {
            worth.put(column, tests.size());
          }
        });
    return worth;
  }

  /** The column whose tests tell rules apart best, of those that a rule tests; null for none. */
  private static @Nullable Integer best(
      Entry entry, Class<? extends ColumnTest> kind, Map<Integer, Integer> worth) {
    return entry.tests.stream()
        .filter(kind::isInstance)
        .map(ColumnTest::column)
        .filter(worth::containsKey)
        .max(Comparator.comparing(column -> worth.getOrDefault(column, 0)))
        .orElse(null);
  }

  private static int[] positions(List<Entry> entries) {
    return entries.stream().mapToInt(Entry::position).toArray();
  }

  private static void set(int[] positions, BitSet chosen) {
    for (int position : positions) {
      chosen.set(position);
    }
  }

  /** Whether it ever leaves a rule out. */
  boolean chooses() {
    return !lookups.isEmpty();
  }

  /**
   * Adds the positions of the rules that may match.
   *
   * @param row the new row, or the one that was deleted
   * @throws io.rowbell.model.UnreadableValueException if a value cannot be read
   */
  void choose(Row row, BitSet chosen) {
    set(always, chosen);
    for (int i = 0; i < lookups.size(); i++) {
      lookups.get(i).choose(row, chosen);
    }
  }
}
