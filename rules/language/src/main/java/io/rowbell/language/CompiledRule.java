package io.rowbell.language;

import io.rowbell.language.expression.Equality;
import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.expression.Expression;
import io.rowbell.language.expression.Template;
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
import io.rowbell.model.EventId;
import io.rowbell.model.Operation;
import io.rowbell.model.Row;
import io.rowbell.model.RowPredicate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One rule, checked against one version of its table. Immutable but for its counter. */
final class CompiledRule {
  /**
   * What a rule listens to.
   *
   * @param operations at least one
   * @param columns the indexes of the listed columns; empty for any
   */
  @SuppressWarnings("ArrayRecordComponent") // read in the hottest loop, never compared or shown
  record Trigger(Set<Operation> operations, int[] columns, @Nullable Expression when) {
    /** Whether a change is one that the rule listens to. */
    boolean concerns(Change change) {
      return operations.contains(change.operation())
          && !(change instanceof Change.Updated update && !listedColumnDiffers(update));
    }

    /**
     * Asked again of a rule that is likely to match, so that an unreadable value is its failure.
     */
    private boolean listedColumnDiffers(Change.Updated update) {
      for (int column : columns) {
        if (Row.differs(update.before(), update.after(), column)) {
          return true;
        }
      }
      return columns.length == 0;
    }
  }

  /**
   * How the rule's event is made.
   *
   * @param rowKey tells the row from every other of its table
   * @param toldRow the same for dead letters: none if it is private
   */
  record Making(
      Template type,
      Template topic,
      EventKey key,
      EventKey rowKey,
      EventKey toldRow,
      @Nullable Expression id,
      EventPayload payload,
      int version) {}

  /** A snapshot reads all rows, and a truncated table has none. */
  private static final Set<Operation> OF_ROWS =
      EnumSet.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE);

  private final RuleDeclaration declaration;
  private final String name;
  private final EventOrigin source;
  private final Trigger trigger;
  private final Making making;
  private final EventMaker maker;
  private final Keeping keeping;
  private final @Nullable Remembering remembering;
  private final @Nullable Episodes episodes;
  private final @Nullable Windows windows;
  private final @Nullable BeforeCommit beforeCommit;
  private final RuleCounter counter;
  private final OnError onError;
  private final boolean shadow;

  CompiledRule(
      RuleDeclaration declaration,
      DatabaseId database,
      EventOrigin source,
      Trigger trigger,
      Making making,
      Keeping keeping,
      @Nullable Remembering remembering,
      @Nullable Episodes episodes,
      @Nullable Windows windows,
      RuleCounter counter) {
    this.declaration = declaration;
    this.name = declaration.name().value();
    this.source = source;
    this.trigger = trigger;
    this.making = making;
    this.maker = new EventMaker(name, database, source, making);
    this.keeping = keeping;
    this.remembering = remembering;
    this.episodes = episodes;
    this.windows = windows;
    this.beforeCommit = keeping.untilCommit() ? beforeCommit() : null;
    this.counter = counter;
    this.onError = declaration.settings().onError();
    this.shadow = declaration.settings().isShadow();
  }

  /**
   * A rule that remembers more than when it fired must see every change, in their order; and those
   * who ask what its condition comes to want to know it at the commit.
   */
  private @Nullable BeforeCommit beforeCommit() {
    if (trigger.when() != null && trigger.when().isObserved()) {
      return null;
    }
    if (remembering == null) {
      return remembers() ? null : new BeforeCommit(trigger, null);
    }
    return remembering.isCooldownOnly() && windows == null
        ? new BeforeCommit(trigger, making.key())
        : null;
  }

  String name() {
    return name;
  }

  RuleDeclaration declaration() {
    return declaration;
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

  /** Takes over what it remembered before. */
  void open(Memory memory) {
    if (remembering != null) {
      remembering.open(memory);
    } else if (episodes != null) {
      RuleMemory unused = episodes.of(memory);
    }
    if (windows != null) {
      windows.open(memory);
    }
  }

  /** What its memory is bound to: where that is another, it begins afresh. */
  List<Long> memoryBonds() {
    List<Long> bonds = new ArrayList<>();
    if (remembering != null) {
      bonds.add(remembering.fingerprint());
    }
    if (episodes != null) {
      bonds.add(episodes.fingerprint());
    }
    if (windows != null) {
      bonds.add(windows.fingerprint());
    }
    return bonds;
  }

  @Nullable Episodes episodes() {
    return episodes;
  }

  @Nullable Remembering remembering() {
    return remembering;
  }

  @Nullable Windows windows() {
    return windows;
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
    return trigger.operations().contains(operation)
        || (remembering != null && remembering.observes(operation))
        || (episodes != null && operation == Operation.SNAPSHOT);
  }

  /** The columns of which one must differ for it to be asked about an update; none for any. */
  int[] updateColumns() {
    return remembering != null && remembering.observes(Operation.UPDATE)
        ? new int[0]
        : trigger.columns();
  }

  /**
   * What a new row must hold for the rule to need to see it; empty for a rule that remembers or
   * waits for the commit: it must see more than it fires for.
   */
  List<Equality> equalities() {
    Expression when = trigger.when();
    return when == null || remembers() || keeping.untilCommit() ? List.of() : when.equalities();
  }

  /** Whether what it makes of a change depends on those before. */
  private boolean remembers() {
    return remembering != null || episodes != null || windows != null;
  }

  RuleCounter counter() {
    return counter;
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
        !remembers()
            && !keeping.untilCommit()
            && trigger.columns().length == 0
            && OF_ROWS.containsAll(trigger.operations());
    return byConditionAlone && trigger.when() != null ? trigger.when().rows() : null;
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
      if (!skipped
          && beforeCommit != null
          && beforeCommit.rulesOut(change, workspace, counter, transaction.changes())) {
        return null;
      }
      boolean first = transaction.held().isEmpty();
      if (!(skipped && (first || !remembers()))) {
        if (keeping.hold(name, change, transaction, shadow)) {
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
      return failed(change, workspace, e);
    }
  }

  /** What a rule in shadow makes is told, and goes nowhere. */
  private Outcome told(Outcome made) {
    return shadow ? new Outcome.Shadow(name, made) : made;
  }

  /**
   * Of how many changes a transaction may be for what waits for its end to be of use; {@link
   * Long#MAX_VALUE} for any number.
   */
  long mostChanges() {
    return beforeCommit == null || remembers() ? Long.MAX_VALUE : beforeCommit.mostChanges();
  }

  /** The transaction has become too large for what waits for its end to be of use. */
  void giveUp(OpenTransaction transaction) {
    counter.addEvaluated(transaction.release(name));
  }

  /** A change that waited for the end of its transaction. */
  @Nullable Outcome evaluate(
      HeldChange held, CommitFacts facts, Workspace workspace, Memory memory) {
    Change change = keeping.change(held);
    if (!keeping.fits(held)) {
      return failed(
          change,
          workspace,
          new EvaluationException(
              Codes.OTHER_RULES, "the rule or its table was changed within the transaction"));
    }
    facts.of(keeping);
    workspace.evaluation.transaction(facts);
    try {
      return evaluate(change, workspace, memory);
    } finally {
      workspace.evaluation.transaction(TransactionFacts.NONE);
    }
  }

  /** A change that waited, and whose event would be one too many. */
  @Nullable Outcome refuse(HeldChange held, Workspace workspace) {
    return failed(
        keeping.change(held),
        workspace,
        new EvaluationException(
            Codes.LARGE_TRANSACTION,
            "the events at the end of its transaction come to more than "
                + (Transactions.MAX_EVENT_BYTES >> 20)
                + " MiB"));
  }

  private @Nullable Outcome noRoom(Change change, Workspace workspace) {
    return failed(
        change,
        workspace,
        new EvaluationException(
            Codes.LARGE_TRANSACTION,
            "the transaction is too large to wait for its end: more than "
                + (OpenTransaction.MAX_BYTES >> 20)
                + " MiB would have to be kept; of its changes from this one on the rule makes no"
                + " events"));
  }

  /** The transaction wants no event: what is remembered is as if a snapshot had read the row. */
  private @Nullable Outcome skip(Change change, Workspace workspace, Memory memory) {
    counter.addSkipped();
    if (episodes != null) {
      return episodes.follow(
          change, workspace.evaluation, memory, new SilentEvents(workspace, memory));
    }
    if (remembering != null) {
      RuleMemory own = remembering.of(memory, change.origin().commitTime());
      workspace.evaluation.begin(change);
      String key;
      try {
        key = making.key().of(change, workspace);
      } catch (RuntimeException e) {
        return null; // Without a key there is nothing to remember.
      }
      LastFired unused = remembering.recall(own, key, change);
      remembering.seen(own, key, change);
    }
    return null;
  }

  private @Nullable Outcome decide(Change change, Workspace workspace, Memory memory) {
    if (episodes != null) {
      counter.addEvaluated();
      return episodes.evaluate(
          change, workspace.evaluation, memory, new EpisodeEvents(workspace, memory));
    }
    if (remembering != null) {
      return evaluate(change, workspace, remembering, memory);
    }
    if (!trigger.concerns(change)) {
      return null;
    }
    workspace.evaluation.begin(change);
    if (windows != null) {
      windows.add(change, making.key().of(change, workspace), workspace.evaluation, memory);
    }
    return holds(workspace) ? fire(change, workspace) : null;
  }

  /** Whatever goes wrong is this rule's failure, and no other's. */
  private @Nullable Outcome failed(Change change, Workspace workspace, RuntimeException e) {
    RuleFailure failure = RuleFailure.of(e);
    counter.addFailed();
    if (workspace.explanations != null) {
      workspace.explanations.failed(this, change, failure);
    }
    return switch (onError) {
      case SKIP -> null;
      case HALT -> told(new Outcome.Halt(name, failure.code(), failure.reason(), change.origin()));
      case DLQ -> told(new Outcome.Dead(maker.letter(change, workspace, failure)));
    };
  }

  private @Nullable Outcome evaluate(
      Change change, Workspace workspace, Remembering remembering, Memory memory) {
    Instant now = change.origin().commitTime();
    RuleMemory own = remembering.of(memory, now);
    workspace.evaluation.begin(change);
    boolean concerned = trigger.concerns(change);
    String key;
    try {
      key = making.key().of(change, workspace);
    } catch (RuntimeException e) {
      if (concerned) {
        throw e;
      }
      // Only looked at, for what to remember: without a key there is nothing.
      return null;
    }
    LastFired last = remembering.recall(own, key, change);
    Outcome outcome = null;
    boolean asked = concerned && !remembering.silences(last, now);
    if (asked || (concerned && windows != null)) {
      workspace.evaluation.remember(remembering.row(last, change));
    }
    if (concerned && windows != null) {
      windows.add(change, key, workspace.evaluation, memory);
    }
    if (asked && holds(workspace)) {
      byte[] fired = remembering.firing(own, key, change);
      outcome = fire(change, workspace);
      own.put(key, fired, now);
    }
    remembering.seen(own, key, change);
    return outcome;
  }

  private boolean holds(Workspace workspace) {
    counter.addEvaluated();
    Expression when = trigger.when();
    Truth truth = when == null ? Truth.TRUE : when.test(workspace.evaluation);
    if (truth.unknown()) {
      counter.addUnknown();
    }
    return truth == Truth.TRUE;
  }

  private Outcome fire(Change change, Workspace workspace) {
    return fire(change, workspace, maker.id(change, workspace), making.type());
  }

  private Outcome fire(Change change, Workspace workspace, EventId id, Template type) {
    Outcome event = new Outcome.Event(maker.event(change, workspace, id, type));
    counter.addFired();
    return told(event);
  }

  /** Something is due for one of its keys. */
  @Nullable Outcome due(RuleMemory.Due due, Workspace workspace, Memory memory) {
    if (episodes == null) {
      return null;
    }
    Explanations explanations = workspace.explanations;
    EpisodeEvents events = new EpisodeEvents(workspace, memory);
    return explanations == null
        ? episodes.due(due, memory, events)
        : explanations.elapsed(this, due, () -> episodes.due(due, memory, events));
  }

  /** Makes none. */
  private final class SilentEvents extends EpisodeEvents {
    SilentEvents(Workspace workspace, Memory memory) {
      super(workspace, memory);
    }

    /** Nothing is given to windows. */
    @Override
    public void ask(Change change, @Nullable String key) {
      begin(change, key);
    }

    @Override
    public @Nullable Outcome make(Change change, EventId id, @Nullable Template type) {
      return null;
    }
  }

  /** Makes the events of a rule with {@code while}. */
  private class EpisodeEvents implements Episodes.Events {
    private final Workspace workspace;
    private final Memory memory;

    EpisodeEvents(Workspace workspace, Memory memory) {
      this.workspace = workspace;
      this.memory = memory;
    }

    @Override
    public @Nullable String key(Change change) {
      return making.key().of(change, workspace);
    }

    @Override
    public void ask(Change change, @Nullable String key) {
      workspace.evaluation.begin(change);
      if (windows != null) {
        windows.add(change, key, workspace.evaluation, memory);
      }
    }

    /** Begins a change of which windows are given nothing. */
    final void begin(Change change, @Nullable String key) {
      workspace.evaluation.begin(change);
      if (windows != null) {
        windows.look(change.origin().commitTime(), key, workspace.evaluation, memory);
      }
    }

    @Override
    public EventId id(Change change, int output) {
      return maker.changeId(change, workspace, output);
    }

    /** What has begun or ended has done so, whether the event can be made or not. */
    @Override
    public @Nullable Outcome make(Change change, EventId id, @Nullable Template type) {
      try {
        workspace.evaluation.begin(change);
        begin(change, windows == null ? null : making.key().of(change, workspace));
        return fire(change, workspace, id, type == null ? making.type() : type);
      } catch (RuntimeException e) {
        return failed(change, workspace, e);
      }
    }
  }
}
