package io.rowbell.language;

import io.rowbell.language.expression.ColumnTest;
import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.expression.Expression;
import io.rowbell.language.expression.TransactionFacts;
import io.rowbell.language.expression.Truth;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.memory.HeldChange;
import io.rowbell.language.memory.LastFired;
import io.rowbell.language.memory.Memory;
import io.rowbell.language.memory.OpenTransaction;
import io.rowbell.language.memory.RuleMemory;
import io.rowbell.model.Change;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Operation;
import io.rowbell.model.RowPredicate;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One rule, checked against one version of its table. Immutable but for its counter. */
final class CompiledRule {
  /** A snapshot reads all rows, and a truncated table has none. */
  private static final Set<Operation> OF_ROWS =
      EnumSet.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE);

  private final RuleDeclaration declaration;
  private final String name;
  private final EventOrigin source;
  private final Trigger trigger;
  private final Making making;
  private final Keeping keeping;
  private final Memories memories;
  private final RuleOutcomes outcomes;
  private final @Nullable BeforeCommit beforeCommit;

  CompiledRule(
      RuleDeclaration declaration,
      DatabaseId database,
      EventOrigin source,
      Trigger trigger,
      Making making,
      Keeping keeping,
      Memories memories,
      RuleCounter counter) {
    this.declaration = declaration;
    this.name = declaration.name().value();
    this.source = source;
    this.trigger = trigger;
    this.making = making;
    this.keeping = keeping;
    this.memories = memories;
    this.outcomes =
        new RuleOutcomes(
            name,
            new EventMaker(name, database, source, making),
            counter,
            declaration.settings().onError(),
            declaration.settings().isShadow());
    this.beforeCommit = beforeCommit();
  }

  /**
   * A rule that remembers more than when it fired must see every change, in their order; and those
   * who ask what its condition comes to want to know it at the commit.
   */
  private @Nullable BeforeCommit beforeCommit() {
    if (!keeping.untilCommit() || (trigger.when() != null && trigger.when().isObserved())) {
      return null;
    }
    Remembering remembering = memories.remembering();
    if (remembering == null) {
      return memories.any() ? null : new BeforeCommit(trigger, null);
    }
    return remembering.isCooldownOnly() && memories.windows() == null
        ? new BeforeCommit(trigger, making.key())
        : null;
  }

  String name() {
    return name;
  }

  RuleDeclaration declaration() {
    return declaration;
  }

  /** Whether what it makes is told, and goes nowhere. */
  boolean isShadow() {
    return outcomes.shadow();
  }

  Keeping keeping() {
    return keeping;
  }

  Making making() {
    return making;
  }

  EventOrigin source() {
    return source;
  }

  Memories memories() {
    return memories;
  }

  @Nullable Episodes episodes() {
    return memories.episodes();
  }

  @Nullable Remembering remembering() {
    return memories.remembering();
  }

  @Nullable Windows windows() {
    return memories.windows();
  }

  Trigger trigger() {
    return trigger;
  }

  /** The table as {@code schema.table}, or the prefix of messages. */
  String place() {
    return source.place();
  }

  /** Whether a change is of its table, or of its messages. */
  boolean isOf(Change change) {
    return change instanceof Change.TableChange row
        ? source.attribute().equals("table") && source.place().equals(row.table().id().toString())
        : change instanceof Change.Message message
            && source.attribute().equals("prefix")
            && source.place().equals(message.prefix());
  }

  /** Whether it must be asked about changes of this kind. */
  boolean listensTo(Operation operation) {
    return trigger.operations().contains(operation) || memories.observe(operation);
  }

  /** The columns of which one must differ for it to be asked about an update; none for any. */
  int[] updateColumns() {
    return memories.observe(Operation.UPDATE) ? new int[0] : trigger.columns();
  }

  /**
   * What a row must hold for the rule to need to see it, the new row or the one that was deleted;
   * empty for a rule that remembers or waits for the commit: it must see more than it fires for.
   */
  List<ColumnTest> tests(Operation operation) {
    Expression when = trigger.when();
    if (when == null || memories.any() || keeping.untilCommit()) {
      return List.of();
    }
    return operation == Operation.DELETE ? when.testsOfDeletedRow() : when.testsOfNewRow();
  }

  RuleCounter counter() {
    return outcomes.counter();
  }

  /**
   * The rows that can make the rule do something: of any other it neither fires nor fails nor
   * remembers anything. What a rule remembers depends on every row, and a listed column is read
   * before the condition is.
   *
   * @return null if that may be every row
   */
  @Nullable RowPredicate rows() {
    boolean byConditionAlone =
        !memories.any()
            && !keeping.untilCommit()
            && trigger.columns().length == 0
            && OF_ROWS.containsAll(trigger.operations());
    return byConditionAlone && trigger.when() != null ? trigger.when().rows() : null;
  }

  /**
   * The rows that can make the rule do something when it is asked about a change of this kind: the
   * new row, or the one that was deleted. Unlike {@link #rows} it holds for one operation, and only
   * for updates in which a listed column differs.
   *
   * @return null if that may be every row
   */
  @Nullable RowPredicate rows(Operation operation) {
    Expression when = trigger.when();
    if (when == null || memories.any()) {
      return null;
    }
    return operation == Operation.DELETE ? when.deletedRows() : when.newRows();
  }

  /**
   * @return null if the rule does not fire, waits for the end of the transaction, or fails and says
   *     {@code skip}
   */
  @Nullable Outcome evaluate(Change change, Workspace workspace, Memory memory) {
    Explanations explanations = workspace.explanations;
    return explanations == null
        ? answer(change, workspace, memory)
        : explanations.ask(this, change, memory, () -> answer(change, workspace, memory));
  }

  private @Nullable Outcome answer(Change change, Workspace workspace, Memory memory) {
    OpenTransaction transaction = memory.transaction();
    boolean skipped = transaction.skips(name);
    if (keeping.untilCommit() && transaction.isReading()) {
      if (!skipped && beforeCommit != null && rulesOut(beforeCommit, change, workspace, memory)) {
        return null;
      }
      boolean first = transaction.held().isEmpty();
      if (!(skipped && (first || !memories.any()))) {
        if (keeping.hold(name, change, transaction, isShadow())) {
          return null;
        }
        if (!skipped) {
          return transaction.isFirstWithoutRoom(name) ? noRoom(change, workspace) : null;
        }
      }
    }
    try {
      if (skipped) {
        return skip(change, workspace, memory);
      }
      return decide(change, workspace, memory);
    } catch (RuntimeException e) {
      return outcomes.failure(change, workspace, e);
    }
  }

  private boolean rulesOut(BeforeCommit before, Change change, Workspace workspace, Memory memory) {
    long changes = memory.transaction().changes(isShadow());
    boolean rulesOut = before.rulesOut(change, workspace, outcomes.counter(), changes);
    if (rulesOut && workspace.explanations != null) {
      workspace.explanations.ruledOut();
    }
    return rulesOut;
  }

  /**
   * Of how many changes a transaction may be for what waits for its end to be of use; {@link
   * Long#MAX_VALUE} for any number.
   */
  long mostChanges() {
    return beforeCommit == null || memories.any() ? Long.MAX_VALUE : beforeCommit.mostChanges();
  }

  /** The transaction has become too large for what waits for its end to be of use. */
  void giveUp(Memory memory) {
    OpenTransaction transaction = memory.transaction();
    Explanations explanations = Workspace.ofThread().explanations;
    if (explanations != null) {
      for (HeldChange held : transaction.held()) {
        if (held.rule().equals(name) && keeping.isOf(held)) {
          explanations.givenUp(this, keeping.change(held), memory);
        }
      }
    }
    outcomes.counter().addEvaluated(transaction.release(name));
  }

  /** A change that waited for the end of its transaction. */
  @Nullable Outcome evaluate(
      HeldChange held, CommitFacts facts, Workspace workspace, Memory memory) {
    Change change = keeping.change(held);
    if (!keeping.fits(held)) {
      return refused(
          change,
          workspace,
          new EvaluationException(
              Codes.OTHER_RULES, "the rule or its table was changed within the transaction"));
    }
    facts.of(this);
    workspace.evaluation.transaction(facts);
    try {
      return evaluate(change, workspace, memory);
    } finally {
      workspace.evaluation.transaction(TransactionFacts.NONE);
    }
  }

  /** A change that waited, and whose event would be one too many. */
  @Nullable Outcome refuse(HeldChange held, Workspace workspace) {
    return refused(
        keeping.change(held),
        workspace,
        new EvaluationException(
            Codes.LARGE_TRANSACTION,
            "the events at the end of its transaction come to more than "
                + (Transactions.mostEventBytes(isShadow()) >> 20)
                + " MiB"));
  }

  /** A change about which the rule cannot be asked. */
  private @Nullable Outcome refused(Change change, Workspace workspace, EvaluationException why) {
    if (workspace.explanations != null) {
      workspace.explanations.refused(this, change, RuleFailure.of(why));
    }
    return outcomes.failure(change, workspace, why);
  }

  private @Nullable Outcome noRoom(Change change, Workspace workspace) {
    return outcomes.failure(
        change,
        workspace,
        new EvaluationException(
            Codes.LARGE_TRANSACTION,
            "the transaction is too large to wait for its end: more than "
                + (OpenTransaction.room(isShadow()) >> 20)
                + " MiB would have to be kept; of its changes from this one on the rule makes no"
                + " events"));
  }

  /** The transaction wants no event: what is remembered is as if a snapshot had read the row. */
  private @Nullable Outcome skip(Change change, Workspace workspace, Memory memory) {
    outcomes.counter().addSkipped();
    Episodes episodes = memories.episodes();
    if (episodes != null) {
      EpisodeEvents silent =
          new EpisodeEvents.Silent(outcomes, memories.windows(), workspace, memory);
      return episodes.follow(change, workspace.evaluation, memory, silent);
    }
    Remembering remembering = memories.remembering();
    if (remembering != null) {
      RuleMemory own = remembering.of(memory, change.origin().commitTime());
      workspace.evaluation.begin(change);
      try {
        String key = making.key().of(change, workspace);
        LastFired last = remembering.recall(own, key, change);
        remembering.seen(own, key, last, change);
      } catch (RuntimeException e) {
        return null; // Without a key, or room for it, there is nothing to remember.
      }
    }
    return null;
  }

  private @Nullable Outcome decide(Change change, Workspace workspace, Memory memory) {
    Episodes episodes = memories.episodes();
    if (episodes != null) {
      outcomes.counter().addEvaluated();
      return episodes.evaluate(change, workspace.evaluation, memory, events(workspace, memory));
    }
    if (memories.remembering() != null) {
      return evaluate(change, workspace, memories.remembering(), memory);
    }
    if (!trigger.concerns(change)) {
      return null;
    }
    workspace.evaluation.begin(change);
    Windows windows = memories.windows();
    if (windows != null) {
      windows.add(change, making.key().of(change, workspace), workspace.evaluation, memory);
    }
    return holds(workspace) ? outcomes.event(change, workspace) : null;
  }

  private @Nullable Outcome evaluate(
      Change change, Workspace workspace, Remembering remembering, Memory memory) {
    Instant now = change.origin().commitTime();
    RuleMemory own = remembering.of(memory, now);
    workspace.evaluation.begin(change);
    boolean concerned = trigger.concerns(change);
    String key;
    LastFired last;
    try {
      key = making.key().of(change, workspace);
      last = remembering.recall(own, key, change);
    } catch (RuntimeException e) {
      if (concerned) {
        throw e;
      }
      // Only looked at, for what to remember: without a key, or room for it, there is nothing.
      return null;
    }
    Outcome outcome = null;
    try {
      Windows windows = memories.windows();
      boolean asked = concerned && !remembering.silences(last, now);
      if (asked || (concerned && windows != null)) {
        workspace.evaluation.remember(remembering.row(last, change));
      }
      if (concerned && windows != null) {
        windows.add(change, key, workspace.evaluation, memory);
      }
      if (asked && holds(workspace)) {
        byte[] fired = remembering.firing(own, key, change);
        outcome = outcomes.event(change, workspace);
        own.put(key, fired, now);
      }
    } finally {
      // A row that is gone is forgotten, also where its event cannot be made.
      remembering.seen(own, key, outcome == null ? last : null, change);
    }
    return outcome;
  }

  private boolean holds(Workspace workspace) {
    outcomes.counter().addEvaluated();
    Expression when = trigger.when();
    Truth truth = when == null ? Truth.TRUE : when.test(workspace.evaluation);
    if (truth.unknown()) {
      outcomes.counter().addUnknown();
    }
    return truth == Truth.TRUE;
  }

  /** Something is due for one of its keys. */
  @Nullable Outcome due(RuleMemory.Due due, Workspace workspace, Memory memory) {
    Episodes episodes = memories.episodes();
    if (episodes == null) {
      return null;
    }
    Explanations explanations = workspace.explanations;
    EpisodeEvents events = events(workspace, memory);
    return explanations == null
        ? episodes.due(due, memory, events)
        : explanations.elapsed(this, due, () -> episodes.due(due, memory, events));
  }

  private EpisodeEvents events(Workspace workspace, Memory memory) {
    return new EpisodeEvents(outcomes, memories.windows(), workspace, memory);
  }
}
