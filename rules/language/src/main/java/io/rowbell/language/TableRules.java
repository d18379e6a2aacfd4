package io.rowbell.language;

import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import io.rowbell.model.UnreadableValueException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one table, by operation; those of an update further by which columns changed.
 *
 * <p>The columns that any rule lists are compared once for a change, as bits of one long; the 65th
 * and later ones are compared by each rule for itself.
 */
final class TableRules {
  private final TableSchema schema;
  private final Map<Operation, CompiledRule[]> byOperation = new EnumMap<>(Operation.class);
  private final int[] watched;
  private final UpdateFilter[] updateFilters;
  private final boolean everyUpdateIsWatched;

  // The last other instance that was found to be equal. A cache: a race only compares once more.
  private volatile @Nullable TableSchema same;

  /** Which updates a rule is asked about. */
  private static final class UpdateFilter {
    final boolean any;
    final long mask;
    final int[] beyond;

    UpdateFilter(int[] columns, int[] watched) {
      any = columns.length == 0;
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
    updateFilters =
        Arrays.stream(updates)
            .map(rule -> new UpdateFilter(rule.updateColumns(), watched))
            .toArray(UpdateFilter[]::new);
    everyUpdateIsWatched =
        Arrays.stream(updateFilters).allMatch(filter -> !filter.any && filter.beyond.length == 0);
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
    return change instanceof Change.Updated updated
        ? evaluateUpdate(updated, rules, memory)
        : evaluateAll(change, rules, memory);
  }

  static @Nullable List<Outcome> evaluateAll(Change change, CompiledRule[] rules, Memory memory) {
    Workspace workspace = Workspace.ofThread();
    List<Outcome> outcomes = null;
    for (CompiledRule rule : rules) {
      outcomes = add(outcomes, rule.evaluate(change, workspace, memory));
    }
    return outcomes;
  }

  private @Nullable List<Outcome> evaluateUpdate(
      Change.Updated update, CompiledRule[] rules, Memory memory) {
    long changed = changed(update);
    if (changed == 0 && everyUpdateIsWatched) {
      return null;
    }
    Workspace workspace = null;
    List<Outcome> outcomes = null;
    for (int i = 0; i < rules.length; i++) {
      UpdateFilter filter = updateFilters[i];
      if (filter.any || (changed & filter.mask) != 0 || anyOf(update, filter.beyond)) {
        workspace = workspace == null ? Workspace.ofThread() : workspace;
        outcomes = add(outcomes, rules[i].evaluate(update, workspace, memory));
      }
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
      if (mayDiffer(update, watched[i])) {
        bits |= 1L << i;
      }
    }
    return bits;
  }

  private static boolean anyOf(Change.Updated update, int[] columns) {
    for (int column : columns) {
      if (mayDiffer(update, column)) {
        return true;
      }
    }
    return false;
  }

  /** A value that cannot be read counts as changed: the rule that lists it fails by itself. */
  private static boolean mayDiffer(Change.Updated update, int column) {
    try {
      return Row.differs(update.before(), update.after(), column);
    } catch (UnreadableValueException e) {
      return true;
    }
  }
}
