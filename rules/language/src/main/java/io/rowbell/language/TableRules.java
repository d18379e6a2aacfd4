package io.rowbell.language;

import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import io.rowbell.model.UnreadableValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one table, by operation; those of an update further by which columns changed; and of
 * those that compare a column with constants, the ones that the row's value may satisfy.
 *
 * <p>The columns that any rule lists are compared once for a change, as bits of one long; the 65th
 * and later ones are compared by each rule for itself.
 */
final class TableRules {
  /** Never written to. */
  private static final BitSet NONE = new BitSet();

  private final TableSchema schema;
  private final Map<Operation, CompiledRule[]> byOperation = new EnumMap<>(Operation.class);
  private final Map<Operation, RuleIndex> indexes = new EnumMap<>(Operation.class);
  private final int[] watched;
  private final List<UpdateGroup> updateGroups = new ArrayList<>();
  private final boolean everyUpdateIsWatched;

  // The last other instance that was found to be equal. A cache: a race only compares once more.
  private volatile @Nullable TableSchema same;

  /** Rules that list the same columns. */
  private record UpdateGroup(UpdateFilter filter, RuleIndex index) {}

  /** Which updates rules are asked about. */
  private static final class UpdateFilter {
    final boolean any;
    final long mask;
    final int[] beyond;

    UpdateFilter(List<Integer> columns, int[] watched) {
      any = columns.isEmpty();
      long bits = 0;
      List<Integer> rest = new ArrayList<>();
      for (int column : columns) {
        int bit = Arrays.binarySearch(watched, column);
        if (bit >= 0) {
          bits |= 1L << bit;
        } else {
          rest.add(column);
        }
      }
      mask = bits;
      beyond = rest.stream().mapToInt(Integer::intValue).toArray();
    }

    boolean passes(Change.Updated update, long changed) {
      if (any || (changed & mask) != 0) {
        return true;
      }
      for (int column : beyond) {
        if (Row.differs(update.before(), update.after(), column)) {
          return true;
        }
      }
      return false;
    }
  }

  TableRules(TableSchema schema, List<CompiledRule> rules) {
    this.schema = schema;
    for (Operation operation : Operation.values()) {
      CompiledRule[] listening =
          rules.stream().filter(rule -> rule.listensTo(operation)).toArray(CompiledRule[]::new);
      if (listening.length > 0) {
        byOperation.put(operation, listening);
      }
    }
    CompiledRule[] updates = byOperation.getOrDefault(Operation.UPDATE, new CompiledRule[0]);
    watched =
        Arrays.stream(updates)
            .flatMapToInt(rule -> Arrays.stream(rule.updateColumns()))
            .distinct()
            .sorted()
            .limit(Long.SIZE)
            .toArray();
    Map<List<Integer>, List<Integer>> positions = new LinkedHashMap<>();
    for (int i = 0; i < updates.length; i++) {
      List<Integer> columns = Arrays.stream(updates[i].updateColumns()).sorted().boxed().toList();
      positions.computeIfAbsent(columns, c -> new ArrayList<>()).add(i);
    }
    positions.forEach(
        (columns, group) ->
            updateGroups.add(
                new UpdateGroup(
                    new UpdateFilter(columns, watched),
                    new RuleIndex(
                        updates, group.stream().mapToInt(Integer::intValue), Operation.UPDATE))));
    everyUpdateIsWatched =
        updateGroups.stream()
            .map(UpdateGroup::filter)
            .allMatch(filter -> !filter.any && filter.beyond.length == 0);
    for (Operation operation : List.of(Operation.INSERT, Operation.SNAPSHOT, Operation.DELETE)) {
      CompiledRule[] rulesOf = byOperation.getOrDefault(operation, new CompiledRule[0]);
      RuleIndex index = new RuleIndex(rulesOf, IntStream.range(0, rulesOf.length), operation);
      if (index.chooses()) {
        indexes.put(operation, index);
      }
    }
  }

  /** Whether rows of this instance can be evaluated. */
  @SuppressWarnings("ReferenceEquality") // asked of every change: instances first, columns seldom
  boolean knows(TableSchema table) {
    if (table == schema || table == same) {
      return true;
    }
    if (!schema.equals(table)) {
      return false;
    }
    same = table;
    return true;
  }

  @Nullable List<Outcome> evaluate(Change change, Memory memory) {
    CompiledRule[] rules = byOperation.get(change.operation());
    if (rules == null) {
      return null;
    }
    BitSet chosen;
    try {
      chosen = choose(change);
    } catch (UnreadableValueException e) {
      // The rules that need the value fail by themselves.
      chosen = null;
    }
    return chosen == null
        ? evaluateAll(change, rules, memory)
        : evaluateChosen(change, rules, chosen, memory);
  }

  /** The positions of the rules that a change may concern; null for all. */
  private @Nullable BitSet choose(Change change) {
    if (change instanceof Change.Updated updated) {
      return chooseForUpdate(updated);
    }
    RuleIndex index = indexes.get(change.operation());
    Row row =
        change instanceof Change.Inserted inserted
            ? inserted.after()
            : change instanceof Change.Deleted deleted ? deleted.before() : null;
    if (index == null || row == null) {
      return null;
    }
    BitSet chosen = Workspace.ofThread().chosen;
    chosen.clear();
    index.choose(row, chosen);
    return chosen;
  }

  static @Nullable List<Outcome> evaluateAll(Change change, CompiledRule[] rules, Memory memory) {
    Workspace workspace = Workspace.ofThread();
    List<Outcome> outcomes = null;
    for (CompiledRule rule : rules) {
      outcomes = add(outcomes, rule.evaluate(change, workspace, memory));
    }
    return outcomes;
  }

  private BitSet chooseForUpdate(Change.Updated update) {
    long changed = changed(update);
    if (changed == 0 && everyUpdateIsWatched) {
      return NONE;
    }
    BitSet chosen = Workspace.ofThread().chosen;
    chosen.clear();
    for (int i = 0; i < updateGroups.size(); i++) {
      UpdateGroup group = updateGroups.get(i);
      if (group.filter.passes(update, changed)) {
        group.index.choose(update.after(), chosen);
      }
    }
    return chosen;
  }

  private static @Nullable List<Outcome> evaluateChosen(
      Change change, CompiledRule[] rules, BitSet chosen, Memory memory) {
    if (chosen.isEmpty()) {
      return null;
    }
    Workspace workspace = Workspace.ofThread();
    List<Outcome> outcomes = null;
    for (int i = chosen.nextSetBit(0); i >= 0; i = chosen.nextSetBit(i + 1)) {
      outcomes = add(outcomes, rules[i].evaluate(change, workspace, memory));
    }
    return outcomes;
  }

  private static @Nullable List<Outcome> add(
      @Nullable List<Outcome> outcomes, @Nullable Outcome outcome) {
    if (outcome == null) {
      return outcomes;
    }
    List<Outcome> grown = outcomes == null ? new ArrayList<>(2) : outcomes;
    grown.add(outcome);
    return grown;
  }

  private long changed(Change.Updated update) {
    long bits = 0;
    for (int i = 0; i < watched.length; i++) {
      if (Row.differs(update.before(), update.after(), watched[i])) {
        bits |= 1L << i;
      }
    }
    return bits;
  }
}
