package io.rowbell.language;

import io.rowbell.language.expression.Child;
import io.rowbell.language.memory.Form;
import io.rowbell.language.memory.HeldChange;
import io.rowbell.language.memory.OpenTransaction;
import io.rowbell.model.Change;
import io.rowbell.model.TableSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a rule reads of its changes, and whether it can be asked about one only when the transaction
 * has been read to its end. Immutable.
 */
final class Keeping {
  private static final Form NO_ROWS = new Form("", List.of(), List.of());

  private final @Nullable TableSchema table;
  private final Set<String> names;
  private final int[] columns;
  private final Form form;
  private final List<Child> children;
  private final Map<Child, Set<String>> childColumns = new HashMap<>();
  private final boolean untilCommit;

  /**
   * @param table null for messages
   */
  Keeping(@Nullable TableSchema table, TableReads reads, List<Child> children) {
    this.table = table;
    this.children = List.copyOf(children);
    names = new TreeSet<>(reads.columns());
    if (table != null) {
      table.primaryKey().forEach(index -> names.add(table.column(index).name()));
    }
    columns =
        table == null
            ? new int[0]
            : names.stream().mapToInt(name -> table.indexOf(name).orElseThrow()).toArray();
    form = table == null ? NO_ROWS : Form.of(table, columns);
    for (Child child : children) {
      Set<String> read = new TreeSet<>(reads.children().getOrDefault(child.name(), Set.of()));
      read.add(child.table().column(child.column()).name());
      childColumns.put(child, Set.copyOf(read));
    }
    untilCommit = !children.isEmpty() || reads.atCommit() != null;
  }

  /** Whether the rule waits for the end of the transaction. */
  boolean untilCommit() {
    return untilCommit;
  }

  List<Child> children() {
    return children;
  }

  /** The columns that are read of a child table. */
  Set<String> columnsOf(Child child) {
    return childColumns.getOrDefault(child, Set.of());
  }

  /**
   * @param shadow whether it is for a rule that publishes nothing: it leaves half of the room to
   *     those that do
   * @return false if there is no room for the change
   */
  boolean hold(String rule, Change change, OpenTransaction transaction, boolean shadow) {
    return transaction.hold(rule, form, columns, change, shadow);
  }

  /** Whether a change that was kept is one of those that the rule listens to now. */
  boolean isOf(HeldChange held) {
    return held.table().equals(form.table());
  }

  /** Whether a change that was kept holds all that the rule reads now. */
  boolean fits(HeldChange held) {
    return table == null || held.has(table, names);
  }

  Change change(HeldChange held) {
    return held.change(table);
  }
}
