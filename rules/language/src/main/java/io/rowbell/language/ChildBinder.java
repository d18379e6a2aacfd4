package io.rowbell.language;

import io.rowbell.language.expression.Child;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import io.rowbell.model.Catalog;
import io.rowbell.model.Column;
import io.rowbell.model.Operation;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the tables and columns that a {@code with} names. */
final class ChildBinder {
  /** Words with members, which no name can hide. */
  private static final Set<String> WORDS =
      Set.of("before", "after", "last", "tx", "vars", "op", "table", "ts");

  private final TableSchema parent;
  private final Set<Operation> operations;
  private final Catalog catalog;
  private final PrivateColumns privates;
  private final Problems problems;

  /**
   * @param parent the rule's table
   * @param operations what the rule listens to
   */
  ChildBinder(
      TableSchema parent,
      Set<Operation> operations,
      Catalog catalog,
      PrivateColumns privates,
      Problems problems) {
    this.parent = parent;
    this.operations = operations;
    this.catalog = catalog;
    this.privates = privates;
    this.problems = problems;
  }

  /** A {@code with} on messages, which have no children. */
  static void refuse(ChildClause clause, Problems problems) {
    problems.error(
        Codes.TOGETHER,
        clause.name().at(0),
        "'with' does not go with 'on: message', which has no row for others to belong to",
        "remove it");
  }

  /** The child tables; those with a problem are left out, and it is noted. */
  List<Child> bind(List<ChildClause> clauses) {
    List<Child> children = new ArrayList<>();
    for (ChildClause clause : clauses) {
      Child child = fits(clause) ? bind(clause) : null;
      if (child != null) {
        children.add(child);
      }
    }
    return children;
  }

  private boolean fits(ChildClause clause) {
    for (Operation operation : List.of(Operation.SNAPSHOT, Operation.TRUNCATE)) {
      if (operations.contains(operation)) {
        problems.error(
            Codes.TOGETHER,
            clause.name().at(0),
            "'with' does not go with '"
                + operation.word()
                + "', which has no row that a transaction wrote",
            "make '" + operation.word() + "' a rule of its own");
        return false;
      }
    }
    String name = clause.name().value();
    if (WORDS.contains(name)) {
      problems.error(
          Codes.BAD_VALUE,
          clause.name().at(0),
          "'" + name + "' is a word of the language",
          "give the rows another name");
      return false;
    }
    if (parent.indexOf(name).isPresent()) {
      problems.warning(
          Codes.SHADOWED,
          clause.name().at(0),
          "'" + name + "' is the rows of " + clause.table().table() + " here, and not the column",
          "write after." + name + " for the column");
    }
    return true;
  }

  private @Nullable Child bind(ChildClause clause) {
    TableSchema table = OnBinder.find(clause.table(), catalog, problems);
    if (table == null) {
      return null;
    }
    int column = column(table, clause.column());
    int parentColumn = parentColumn(clause);
    if (column < 0 || parentColumn < 0 || !rowsAreKnown(clause, table)) {
      return null;
    }
    Column own = table.column(column);
    Column key = parent.column(parentColumn);
    if (own.type().kind() != key.type().kind()) {
      problems.error(
          Codes.WRONG_OPERANDS,
          clause.column().text().at(0),
          "'"
              + own.name()
              + "' is "
              + own.type().sqlName()
              + ", and '"
              + key.name()
              + "' of "
              + parent.id()
              + " is "
              + key.type().sqlName(),
          "name two columns of one type");
      return null;
    }
    return new Child(
        clause.name().value(), table, column, parentColumn, privates.of(table, catalog));
  }

  private int column(TableSchema table, OnClause.ListedColumn column) {
    int index = table.indexOf(column.name()).orElse(-1);
    if (index < 0) {
      problems.error(
          Codes.UNKNOWN_COLUMN,
          column.text().at(0),
          "table " + table.id() + " has no column '" + column.name() + "'",
          OnBinder.columnHelp(column.name(), table));
    }
    return index;
  }

  private int parentColumn(ChildClause clause) {
    OnClause.ListedColumn named = clause.parent();
    int index = -1;
    if (named != null) {
      index = column(parent, named);
    } else if (parent.primaryKey().size() == 1) {
      index = parent.primaryKey().get(0);
    } else {
      problems.error(
          Codes.NO_KEY,
          clause.text().at(0),
          parent.primaryKey().isEmpty()
              ? "table " + parent.id() + " has no primary key that its children could name"
              : "the primary key of " + parent.id() + " has more columns than one",
          "say which column of it they name: '" + clause.text().value() + " = <column>'");
    }
    if (index >= 0 && operations.contains(Operation.DELETE) && !parent.identity().contains(index)) {
      notLogged(clause, parent, parent.column(index).name());
      return -1;
    }
    return index;
  }

  /** Whether the last state of each row can be told: by a primary key that is always logged. */
  private boolean rowsAreKnown(ChildClause clause, TableSchema table) {
    if (table.primaryKey().isEmpty()) {
      problems.error(
          Codes.NO_KEY,
          clause.text().at(0),
          "table " + table.id() + " has no primary key, and only that tells its rows apart",
          "give it one: a transaction may write a row more than once");
      return false;
    }
    if (!table.identity().containsAll(table.primaryKey())) {
      notLogged(clause, table, table.column(table.primaryKey().get(0)).name());
      return false;
    }
    return true;
  }

  private void notLogged(ChildClause clause, TableSchema table, String column) {
    problems.error(
        Codes.NOT_LOGGED,
        clause.text().at(0),
        "'with' needs '"
            + column
            + "' of deleted rows, but "
            + table.id()
            + " has REPLICA IDENTITY "
            + table.replicaIdentity()
            + ": PostgreSQL does not log it",
        "run ALTER TABLE " + table.id().sql() + " REPLICA IDENTITY FULL");
  }
}
