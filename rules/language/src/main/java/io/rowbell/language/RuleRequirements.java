package io.rowbell.language;

import io.rowbell.language.expression.Child;
import io.rowbell.model.NeededChanges;
import io.rowbell.model.Operation;
import io.rowbell.model.Requirements;
import io.rowbell.model.RowPredicate;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What rules need of the database, all of them together. */
final class RuleRequirements {
  private static final Set<Operation> OF_ROWS =
      EnumSet.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE);

  private RuleRequirements() {}

  /** What is read of the child tables of all rules. */
  static Map<TableSchema, Set<String>> childColumns(List<RuleBinder.Bound> bound) {
    Map<TableSchema, Set<String>> columns = new HashMap<>();
    for (RuleBinder.Bound rule : bound) {
      Keeping keeping = rule.rule().keeping();
      for (Child child : keeping.children()) {
        columns
            .computeIfAbsent(child.table(), t -> new TreeSet<>())
            .addAll(keeping.columnsOf(child));
      }
    }
    return columns;
  }

  /**
   * @param bound the enabled rules
   * @param children what is read of child tables
   * @param leavesOut whether there are rules that do not fit the tables, and may do when one is
   *     altered
   */
  static Requirements of(
      List<RuleBinder.Bound> bound, Map<TableSchema, Set<String>> children, boolean leavesOut) {
    record Sets(
        Set<Operation> operations,
        Set<String> columns,
        Set<String> oldColumns,
        List<@Nullable RowPredicate> rows,
        Map<Operation, List<NeededChanges.Case>> cases,
        TableSchema table) {
      Sets(TableSchema table) {
        this(
            new TreeSet<>(),
            new TreeSet<>(),
            new TreeSet<>(),
            new ArrayList<>(),
            new TreeMap<>(),
            table);
      }

      void addCase(Operation operation, NeededChanges.Case needed) {
        cases.computeIfAbsent(operation, none -> new ArrayList<>()).add(needed);
      }

      Set<String> unread() {
        Set<String> unread = new TreeSet<>();
        table.columns().forEach(column -> unread.add(column.name()));
        unread.removeAll(columns);
        unread.removeAll(oldColumns);
        return unread;
      }
    }
    Map<TableId, Sets> tables = new TreeMap<>();
    Set<String> prefixes = new TreeSet<>(TransactionMessages.PREFIXES);
    Function<TableSchema, Sets> setsOf =
        table -> tables.computeIfAbsent(table.id(), none -> new Sets(table));
    children.forEach(
        (table, columns) -> {
          Sets sets = setsOf.apply(table);
          sets.operations().addAll(ChildTable.OPERATIONS);
          sets.rows().add(null); // any row may be a child
          OF_ROWS.forEach(operation -> sets.addCase(operation, NeededChanges.Case.ANY));
          sets.columns().addAll(columns);
          for (int index : table.primaryKey()) {
            sets.columns().add(table.column(index).name());
            sets.oldColumns().add(table.column(index).name());
          }
        });
    for (RuleBinder.Bound rule : bound) {
      if (rule.table() != null) {
        Sets sets = setsOf.apply(rule.table());
        sets.operations().addAll(rule.reads().operations());
        sets.columns().addAll(rule.reads().columns());
        sets.oldColumns().addAll(rule.reads().oldColumns());
        sets.rows().add(rule.rule().rows());
        OF_ROWS.stream()
            .filter(rule.rule()::listensTo)
            .forEach(
                operation -> sets.addCase(operation, needed(rule.rule(), rule.table(), operation)));
      } else if (rule.prefix() != null) {
        prefixes.add(rule.prefix());
      }
    }
    // tx.changes counts every row.
    boolean everyChange = bound.stream().anyMatch(rule -> rule.reads().atCommit() != null);
    Map<TableId, Requirements.OfTable> required = new HashMap<>();
    tables.forEach(
        (table, sets) ->
            required.put(
                table,
                new Requirements.OfTable(
                    sets.operations(),
                    sets.columns(),
                    sets.oldColumns(),
                    everyChange ? null : anyOf(sets.rows()),
                    sets.unread(),
                    everyChange || leavesOut ? null : new NeededChanges(sets.cases()))));
    return new Requirements(required, prefixes, everyChange);
  }

  private static NeededChanges.Case needed(
      CompiledRule rule, TableSchema table, Operation operation) {
    Set<String> differs = new TreeSet<>();
    if (operation == Operation.UPDATE) {
      for (int index : rule.updateColumns()) {
        differs.add(table.column(index).name());
      }
    }
    return new NeededChanges.Case(differs, rule.rows(operation));
  }

  /** The rows that one of the rules may need; null if one of them may need every row. */
  private static @Nullable RowPredicate anyOf(List<@Nullable RowPredicate> ofRules) {
    List<RowPredicate> known = new ArrayList<>();
    for (RowPredicate ofRule : ofRules) {
      if (ofRule == null) {
        return null;
      }
      known.add(ofRule);
    }
    return RowPredicate.any(known);
  }
}
