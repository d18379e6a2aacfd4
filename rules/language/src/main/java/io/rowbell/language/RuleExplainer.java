package io.rowbell.language;

import io.rowbell.language.Explanation.About;
import io.rowbell.language.Explanation.Condition;
import io.rowbell.language.Explanation.Last;
import io.rowbell.language.Explanation.Reason;
import io.rowbell.language.Explanation.Verdict;
import io.rowbell.language.expression.CanonicalText;
import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.expression.Expression;
import io.rowbell.language.memory.LastFired;
import io.rowbell.language.memory.Memory;
import io.rowbell.language.memory.RuleMemory;
import io.rowbell.model.Change;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.Operation;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import io.rowbell.model.UnreadableValueException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Explains what one rule makes of one change. What the rule decides is found by evaluating it, on a
 * copy of what it remembers; why it does so, by asking for each reason in the order in which the
 * rule does.
 */
final class RuleExplainer {
  private final CompiledRule rule;
  private final Change change;
  private final Memory memory;
  private final Workspace workspace = Workspace.ofThread();
  private final List<Condition> conditions = new ArrayList<>();
  private @Nullable Last last;
  private @Nullable StateExplainer state;

  /**
   * @param memory of the rule as it was before the change; written to
   */
  private RuleExplainer(CompiledRule rule, Change change, Memory memory) {
    this.rule = rule;
    this.change = change;
    this.memory = memory;
  }

  static Explanation explain(CompiledRule rule, Change change, Memory memory) {
    CompiledRule apart = rule.apart();
    return new RuleExplainer(apart, change, copy(apart, change, memory)).explain();
  }

  /** Of the change's key only: there may be a million others. */
  private static Memory copy(CompiledRule rule, Change change, Memory memory) {
    if (!rule.isOf(change) || change.operation() == Operation.TRUNCATE) {
      return memory.copyOf(rule.name());
    }
    try {
      Workspace workspace = Workspace.ofThread();
      workspace.evaluation.begin(change);
      return memory.copyOf(rule.name(), rule.making().key().of(change, workspace));
    } catch (RuntimeException e) {
      // Without a key nothing of it is read.
      return new Memory();
    }
  }

  private record Decision(Reason reason, String because) {}

  private Explanation explain() {
    if (!rule.isOf(change)) {
      String because = "it listens to " + rule.place();
      return explanation(new Decision(Reason.OTHER_TABLE, because), List.of(), null);
    }
    List<Outcome> due = due();
    Decision decision = before();
    Outcome outcome =
        rule.listensTo(change.operation()) ? rule.evaluate(change, workspace, memory) : null;
    if (outcome instanceof Outcome.Halt failure) {
      decision = new Decision(Reason.ERROR, failed(failure));
    }
    if (decision == null) {
      decision = after();
    }
    return explanation(decision, due, outcome);
  }

  private Explanation explanation(Decision decision, List<Outcome> due, @Nullable Outcome outcome) {
    return new Explanation(
        rule.name(),
        about(),
        decision.reason() == Reason.ERROR
            ? Verdict.FAILED
            : outcome instanceof Outcome.Event ? Verdict.FIRED : Verdict.NOT_FIRED,
        decision.reason(),
        decision.because(),
        conditions,
        last,
        events(due),
        outcome == null ? List.of() : events(List.of(outcome)));
  }

  private String failed(Outcome.Halt failure) {
    String then =
        switch (rule.declaration().settings().onError()) {
          case DLQ -> "it becomes a dead letter";
          case SKIP -> "it is skipped";
          case HALT -> "the engine stops before it";
        };
    return failure.code()
        + " "
        + failure.reason()
        + "; on_error: "
        + rule.declaration().settings().onError().word()
        + ", "
        + then;
  }

  private static List<DomainEvent> events(List<Outcome> outcomes) {
    return outcomes.stream()
        .filter(Outcome.Event.class::isInstance)
        .map(outcome -> ((Outcome.Event) outcome).event())
        .toList();
  }

  /** Lets what is due before the change happen. */
  private List<Outcome> due() {
    Episodes episodes = rule.episodes();
    if (episodes == null) {
      return List.of();
    }
    List<RuleMemory.Due> due =
        new ArrayList<>(episodes.of(memory).due(change.origin().commitTime()));
    due.sort(Comparator.comparing(RuleMemory.Due::at));
    return due.stream()
        .map(each -> rule.due(each, workspace, memory))
        .filter(Objects::nonNull)
        .toList();
  }

  /** What decides before the condition; null if the condition does. */
  private @Nullable Decision before() {
    if (rule.episodes() != null) {
      lookAtState(rule.episodes());
      return null;
    }
    if (!rule.trigger().operations().contains(change.operation())) {
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
    if (change instanceof Change.Updated update && !anyDiffers(update)) {
      return new Decision(
          Reason.NO_LISTED_COLUMN,
          "none of the listed columns differs: " + names(rule.trigger().columns()));
    }
    return remembered();
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
    workspace.evaluation.begin(change);
    if (remembering == null) {
      addWhenWithWindows();
      return null;
    }
    Instant now = change.origin().commitTime();
    RuleMemory own = remembering.of(memory, now);
    String key;
    try {
      key = rule.making().key().of(change, workspace);
    } catch (RuntimeException e) {
      // Without a key the rule fails, and its evaluation says why.
      return null;
    }
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
    addWhenWithWindows();
    return null;
  }

  /** If what the windows are given fails, the rule does, and its evaluation says why. */
  private void addWhenWithWindows() {
    try {
      if (rule.windows() != null) {
        readWindows(change, rule.making().key().of(change, workspace));
      }
      addWhen();
    } catch (EvaluationException | UnreadableValueException e) {
      conditions.clear();
    }
  }

  /** What is given to them here is not given again by the evaluation: it has a copy of its own. */
  private void readWindows(Change seen, @Nullable String key) {
    if (rule.windows() != null) {
      rule.windows().add(seen, key, workspace.evaluation, memory.copyOf(rule.name()));
    }
  }

  private Decision silent(Remembering remembering, @Nullable LastFired known) {
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
      String key = rule.making().key().of(change, workspace);
      state = new StateExplainer(episodes, memory, change, key);
      conditions.addAll(state.conditions(workspace, seen -> readWindows(seen, key)));
    } catch (RuntimeException e) {
      // Without a key the rule fails, and its evaluation says why.
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
    String key = null;
    try {
      workspace.evaluation.begin(change);
      key = rule.isOf(change) ? rule.making().key().of(change, workspace) : null;
    } catch (RuntimeException e) {
      // No key can be made of this change: the explanation is of something else, or says so.
      key = null;
    }
    return new About(
        row,
        change.operation().word(),
        change.origin().position(),
        change.origin().commitTime(),
        key);
  }

  /** The table and the row's primary key, unless that is private or of another rule's table. */
  private String row(TableSchema table) {
    String name = table.id().toString().replaceFirst("^public\\.", "");
    Row row = Rows.current(change);
    if (row == null || !rule.isOf(change)) {
      return name;
    }
    boolean hidden = rule.making().toldRow() instanceof EventKey.None;
    return name
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
