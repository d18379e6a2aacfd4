package io.rowbell.language;

import io.rowbell.language.Explanation.About;
import io.rowbell.language.Explanation.Condition;
import io.rowbell.language.Explanation.Last;
import io.rowbell.language.Explanation.Reason;
import io.rowbell.language.expression.CanonicalText;
import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.expression.Expression;
import io.rowbell.language.expression.TransactionFacts;
import io.rowbell.language.memory.LastFired;
import io.rowbell.language.memory.Memory;
import io.rowbell.language.memory.OpenTransaction;
import io.rowbell.language.memory.RuleMemory;
import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import io.rowbell.model.UnreadableValueException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Explains what one rule makes of one change. What that is, its evaluation tells; why it is so is
 * found before by asking for each reason in the order in which the rule does, on a copy of what it
 * remembers.
 */
final class RuleExplainer {
  private final CompiledRule rule;
  private final Change change;
  private final Memory memory;
  private final Workspace workspace = Workspace.ofThread();
  private final List<Condition> conditions = new ArrayList<>();
  private @Nullable Last last;
  private @Nullable StateExplainer state;

  /** What decides before the condition; null if the condition does. */
  private final @Nullable Decision decision;

  /** The change's; null if there is none or none can be made. */
  private final @Nullable String key;

  /**
   * Looks for the reasons; the change is evaluated after that.
   *
   * @param memory as it is before the change; not written to
   */
  RuleExplainer(CompiledRule rule, Change change, Memory memory) {
    this.rule = rule;
    this.change = change;
    this.memory = memory;
    this.key = key();
    this.decision = before();
  }

  private record Decision(Reason reason, String because) {}

  private @Nullable String key() {
    if (!rule.isOf(change)) {
      return null;
    }
    try {
      workspace.evaluation.begin(change);
      return rule.making().key().of(change, workspace);
    } catch (RuntimeException e) {
      // The explanation is of something else, or the evaluation says what is wrong with the key.
      return null;
    }
  }

  /** What became of the change, and why. */
  Explanation explanation(@Nullable Outcome outcome, @Nullable RuleFailure failure) {
    Decision decided = decision == null ? after() : decision;
    return new Answer(rule, outcome, failure)
        .explained(about(), decided.reason(), decided.because(), conditions, last);
  }

  /** Why nothing becomes of the change, whatever the rest of its transaction brings. */
  Explanation ruledOut() {
    Decision decided = decision;
    if (decided == null || decided.reason() == Reason.NO_ROOM) {
      conditions.clear();
      addWhenBeforeCommit();
      decided = after();
    }
    return new Answer(rule, null, null)
        .explained(about(), decided.reason(), decided.because(), conditions, last);
  }

  private void addWhenBeforeCommit() {
    Expression when = rule.trigger().when();
    long changes = memory.transaction().changes(rule.isShadow());
    boolean tooMany = when != null && changes > when.mostChanges();
    workspace.evaluation.begin(change);
    workspace.evaluation.transaction(
        tooMany ? TransactionFacts.atLeast(changes) : TransactionFacts.NOT_YET);
    try {
      addWhen();
    } finally {
      workspace.evaluation.transaction(TransactionFacts.NONE);
    }
  }

  private @Nullable Decision before() {
    if (!rule.isOf(change)) {
      return new Decision(Reason.OTHER_TABLE, "it listens to " + rule.place());
    }
    OpenTransaction transaction = memory.transaction();
    if (transaction.skips(rule.name())) {
      return new Decision(Reason.SKIPPED, "the transaction skips this rule");
    }
    boolean listens = rule.trigger().operations().contains(change.operation());
    if (rule.episodes() == null && !listens) {
      return otherOperation();
    }
    if (rule.episodes() == null && change instanceof Change.Updated update && !anyDiffers(update)) {
      return new Decision(
          Reason.NO_LISTED_COLUMN,
          "none of the listed columns differs: " + names(rule.trigger().columns()));
    }
    if (rule.keeping().untilCommit() && transaction.isReading()) {
      // Where there is room it waits, and is explained at the commit.
      return new Decision(
          Reason.NO_ROOM,
          "the transaction is too large to wait for its end, see the rule's failure");
    }
    if (rule.episodes() != null) {
      lookAtState(rule.episodes());
      return null;
    }
    return remembered();
  }

  private Decision otherOperation() {
    return new Decision(
        Reason.OTHER_OPERATION,
        "it listens to "
            + rule.trigger().operations().stream()
                .sorted()
                .map(Operation::word)
                .collect(Collectors.joining(" or "))
            + ", and this is "
            + change.operation().word());
  }

  private boolean anyDiffers(Change.Updated update) {
    int[] columns = rule.trigger().columns();
    try {
      return columns.length == 0
          || Arrays.stream(columns).anyMatch(c -> Row.differs(update.before(), update.after(), c));
    } catch (UnreadableValueException e) {
      // The evaluation says what is wrong with it.
      return true;
    }
  }

  private String names(int[] columns) {
    TableSchema table = ((Change.TableChange) change).table();
    return Arrays.stream(columns)
        .mapToObj(column -> table.column(column).name())
        .collect(Collectors.joining(", "));
  }

  private @Nullable Decision remembered() {
    Remembering remembering = rule.remembering();
    Memory copy = memory.copyOf(rule.name(), key);
    workspace.evaluation.begin(change);
    if (remembering == null) {
      addWhenWithWindows(copy);
      return null;
    }
    Instant now = change.origin().commitTime();
    RuleMemory own = remembering.of(copy, now);
    ByteBuffer body = own.get(key);
    LastFired known = body == null ? null : LastFired.read(body);
    if (known != null) {
      Instant firedAt = known.firedAt();
      last = new Last(firedAt != null, firedAt != null ? firedAt : own.writtenAt(key));
    }
    workspace.evaluation.remember(remembering.row(known, change));
    if (remembering.silences(known, now)) {
      return silent(remembering, known);
    }
    addWhenWithWindows(copy);
    return null;
  }

  /** If what the windows are given fails, the rule does, and its evaluation says why. */
  private void addWhenWithWindows(Memory copy) {
    try {
      readWindows(change, copy);
      addWhen();
    } catch (EvaluationException | UnreadableValueException e) {
      conditions.clear();
    }
  }

  /** What is given to them here is not given again by the evaluation: this is a copy. */
  private void readWindows(Change seen, Memory copy) {
    if (rule.windows() != null) {
      rule.windows().add(seen, key, workspace.evaluation, copy);
    }
  }

  private static Decision silent(Remembering remembering, @Nullable LastFired known) {
    Instant until = remembering.silentUntil(known);
    return until == null
        ? new Decision(
            Reason.FIRST_SEEN, "the first change of this key is remembered, and does not fire")
        : new Decision(Reason.COOLDOWN, "cooldown until " + CanonicalText.of(until));
  }

  private void addWhen() {
    Expression when = rule.trigger().when();
    if (when != null) {
      conditions.add(new Condition("when", when.explain(workspace.evaluation)));
    }
  }

  private void lookAtState(Episodes episodes) {
    try {
      workspace.evaluation.begin(change);
      state = new StateExplainer(episodes, memory, change, key);
      Memory copy = memory.copyOf(rule.name(), key);
      conditions.addAll(state.conditions(workspace, seen -> readWindows(seen, copy)));
    } catch (RuntimeException e) {
      // The rule fails, and its evaluation says why.
      state = null;
    }
  }

  /** What the conditions decided, after the change was evaluated. */
  private Decision after() {
    String phase = state == null ? null : state.state();
    if (phase != null) {
      return new Decision(Reason.STATE, phase);
    }
    return new Decision(
        Reason.CONDITION,
        conditions.isEmpty()
            ? "there is no condition to ask"
            : Deciding.of(conditions.get(0).explained()));
  }

  private About about() {
    String row = rule.place();
    if (change instanceof Change.TableChange of) {
      row = row(of.table());
    } else if (change instanceof Change.Message message) {
      row = "message " + message.prefix();
    }
    return new About(
        row,
        change.operation().word(),
        change.origin().position(),
        change.origin().commitTime(),
        key);
  }

  /** A table as people call it. */
  static String name(TableSchema table) {
    return table.id().toString().replaceFirst("^public\\.", "");
  }

  /** The table and the row's primary key, unless that is private or of another rule's table. */
  private String row(TableSchema table) {
    Row row = Rows.current(change);
    if (row == null || !rule.isOf(change)) {
      return name(table);
    }
    boolean hidden = rule.making().toldRow() instanceof EventKey.None;
    return name(table)
        + table.primaryKey().stream()
            .map(column -> " " + cell(row, column, hidden))
            .collect(Collectors.joining());
  }

  private static String cell(Row row, int column, boolean hidden) {
    Object value = row.get(column);
    String text =
        hidden
            ? "(private)"
            : value == null || value == Row.NOT_LOGGED
                ? String.valueOf(value)
                : CanonicalText.of(value);
    return row.schema().column(column).name() + "=" + text;
  }
}
