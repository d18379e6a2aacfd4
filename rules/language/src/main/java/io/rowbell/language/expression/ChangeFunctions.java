package io.rowbell.language.expression;

import static io.rowbell.language.expression.RuleFunction.Group.CHANGE;
import static io.rowbell.language.expression.RuleFunction.function;
import static io.rowbell.language.expression.RuleFunction.word;

import dev.cel.common.ast.CelExpr;
import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The change itself: its rows, its kind, its transaction. */
final class ChangeFunctions {
  static final List<RuleFunction> ALL =
      List.of(
          function(CHANGE, "becomes")
              .form("becomes(condition)")
              .says(
                  "The condition is true of the row after the change and was not true of the row"
                      + " before it; a row that is not there makes it not true.")
              .example("becomes(price > 100)", "true")
              .example("becomes(price > 50)", "false")
              .built(ChangeFunctions::becomes),
          function(CHANGE, "changed")
              .form("changed(column, ...)")
              .says(
                  "One of the columns differs between the two rows; false where a row or a value"
                      + " is not known.")
              .example("changed(price, status)", "true")
              .example("changed(symbol)", "false")
              .built(ChangeFunctions::changed),
          word("before")
              .form("before.column")
              .form("before[\"Column\"]")
              .says(
                  "the row before the change; null on an insert. Brackets reach every column, however"
                      + " it is spelt")
              .example("before.price", "90.00")
              .example("before[\"price\"]", "90.00")
              .built(call -> call.checker.names.row(RowNodes.Image.BEFORE, call.at())),
          word("after")
              .form("after.column")
              .form("after[\"Column\"]")
              .says("the row after the change; null on a delete")
              .example("after.price", "110.00")
              .example("after == null", "false")
              .built(call -> call.checker.names.row(RowNodes.Image.AFTER, call.at())),
          word("op")
              .says("the operation: insert, update, delete, truncate, snapshot or message")
              .example("op", "'update'")
              .example("op in ['insert', 'update']", "true")
              .built(
                  call ->
                      Names.Fact.of(
                          Type.enumOf(
                              "operation",
                              Arrays.stream(Operation.values()).map(Operation::word).toList()),
                          change -> change.operation().word())),
          word("table")
              .says("the table's name, without its schema")
              .example("table", "'stocks'")
              .built(ChangeFunctions::table),
          word("ts")
              .says(
                  "the commit time; of a snapshot's row, when it was read; of a message outside of"
                      + " transactions, when it was received")
              .example("ts > timestamp('2026-01-01T00:00:00Z')", "true")
              .built(call -> Names.Fact.of(Type.TIMESTAMP, change -> change.origin().commitTime())),
          word("tx")
              .form("tx.id")
              .form("tx.commit_time")
              .form("tx.changes")
              .says(
                  "the transaction's number, its commit time, and how many row changes it made of the"
                      + " tables that rules read; a rule that asks for those is evaluated at the"
                      + " commit")
              .example("tx.id", "731")
              .example("tx.commit_time == ts", "true")
              .built(call -> call.fail("tx has members: tx.id, tx.commit_time and tx.changes")),
          word("vars")
              .form("vars.name")
              .says("a constant of the rule file")
              .example("vars.hot", "90")
              .built(call -> call.fail("vars has members: write vars.name")),
          word("content")
              .says("the text of a message")
              .built(
                  call -> Names.Fact.of(Type.TEXT, change -> ((Change.Message) change).content())),
          word("prefix")
              .says("the prefix of a message")
              .built(
                  call -> Names.Fact.of(Type.TEXT, change -> ((Change.Message) change).prefix())));

  private ChangeFunctions() {}

  private static @Nullable Node becomes(Call call) {
    if (!call.arity(1, 1)) {
      return null;
    }
    Node condition = call.checker.names.forBothRows(call.arg(0));
    if (condition == null) {
      return null;
    }
    return condition.type().is(Type.Kind.BOOLEAN)
        ? new RowNodes.Becomes(condition)
        : call.wrongType(0, condition.type(), "a condition");
  }

  private static @Nullable Node changed(Call call) {
    TableSchema table = call.checker.scope.table();
    if (!call.arity(1, Integer.MAX_VALUE)) {
      return null;
    }
    if (table == null) {
      return call.fail("a message has no columns");
    }
    List<Integer> columns = new ArrayList<>();
    boolean sound = true;
    for (int i = 0; i < call.size(); i++) {
      CelExpr arg = call.arg(i);
      String name = columnName(arg);
      OptionalInt index = name == null ? OptionalInt.empty() : table.indexOf(name);
      if (name != null && index.isPresent()) {
        columns.add(index.getAsInt());
        call.checker.names.compared(name, call.checker.syntax.at(arg));
        warnIfNotLogged(call, table, name, arg);
      } else {
        sound = false;
        Node node = call.checker.check(arg);
        if (node != null) {
          Node unused = call.wrongType(i, node.type(), "columns");
        }
      }
    }
    return sound
        ? new RowNodes.Changed(columns.stream().mapToInt(Integer::intValue).toArray())
        : null;
  }

  private static void warnIfNotLogged(Call call, TableSchema table, String name, CelExpr arg) {
    if (!call.checker.names.logged(name)) {
      call.checker.warning(
          "W201",
          call.checker.syntax.at(arg),
          "changed(" + name + ") is never true: PostgreSQL does not log the old value",
          Names.fullIdentity(table));
    }
  }

  /** A bare column, or {@code after["Column"]} for a name that CEL cannot write. */
  private static @Nullable String columnName(CelExpr arg) {
    if (arg.getKind() == CelExpr.ExprKind.Kind.IDENT) {
      return arg.ident().name();
    }
    if (arg.getKind() == CelExpr.ExprKind.Kind.CALL
        && arg.call().function().equals("_[_]")
        && arg.call().args().get(0).identOrDefault().name().equals("after")
        && arg.call().args().get(1).constantOrDefault().getKind()
            == dev.cel.common.ast.CelConstant.Kind.STRING_VALUE) {
      return arg.call().args().get(1).constant().stringValue();
    }
    return null;
  }

  private static @Nullable Node table(Call call) {
    TableSchema table = call.checker.scope.table();
    return table == null
        ? call.checker.error(
            "E111", call.at(), "a message has no table", "it has content and prefix")
        : new Node.Constant(Type.TEXT, table.id().name());
  }
}
