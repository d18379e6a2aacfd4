package io.rowbell.language;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import io.rowbell.model.Operation;
import io.rowbell.model.TableSchema;
import java.util.Set;

/** Whether a table's primary key can be what a rule needs of it. */
final class PrimaryKey {
  private PrimaryKey() {}

  /** Notes a rule whose default key is not there, or not there for every operation. */
  static boolean check(
      RuleDeclaration rule, TableSchema table, Set<Operation> operations, Problems problems) {
    if (table.primaryKey().isEmpty()) {
      problems.error(
          Codes.NO_KEY,
          rule.name().at(0),
          "table " + table.id() + " has no primary key, and the rule gives no 'key'",
          "add 'key: <column>': events of one key stay in order");
      return false;
    }
    if (operations.contains(Operation.DELETE)
        && !table.identity().containsAll(table.primaryKey())) {
      problems.error(
          Codes.NOT_LOGGED,
          rule.name().at(0),
          "the key of this rule is the primary key, but "
              + table.id()
              + " has REPLICA IDENTITY "
              + table.replicaIdentity()
              + ": PostgreSQL does not log it for a deleted row",
          "add a 'key' of columns that are logged, or run ALTER TABLE "
              + table.id().sql()
              + " REPLICA IDENTITY FULL");
      return false;
    }
    return true;
  }

  /** Notes a rule that listens to a snapshot whose rows nothing names. */
  static void checkSnapshot(
      RuleDeclaration rule, TableSchema table, Set<Operation> operations, Problems problems) {
    if (operations.contains(Operation.SNAPSHOT) && table.primaryKey().isEmpty()) {
      problems.error(
          Codes.NO_KEY,
          rule.name().at(0),
          "table " + table.id() + " has no primary key, and only that names a row of a snapshot",
          "add an 'id' that is different for every row");
    }
  }
}
