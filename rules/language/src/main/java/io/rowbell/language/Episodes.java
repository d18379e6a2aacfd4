package io.rowbell.language;

import io.rowbell.language.expression.Evaluation;
import io.rowbell.language.expression.Expression;
import io.rowbell.language.expression.Template;
import io.rowbell.language.expression.Truth;
import io.rowbell.language.memory.Episode;
import io.rowbell.language.memory.Episode.Phase;
import io.rowbell.language.memory.Memory;
import io.rowbell.language.memory.RuleMemory;
import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.EventId;
import io.rowbell.model.Operation;
import io.rowbell.model.Origin;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a rule with {@code while} does, for each key by itself: nothing → pending, when {@code
 * while} becomes true → active with an event, when it has been true for long enough → nothing
 * again, when {@code until} is true, with the event {@code resolved} if there is one. Immutable;
 * where each key is stands in a {@link Memory}.
 *
 * @param rule the rule's name
 * @param fingerprint of what gives its memory a meaning
 * @param table the version of the table it was compiled against
 * @param columns what is remembered of a row: all that the event reads
 * @param ofRow whether the key is the primary key, so that a deleted row ends its episode and a
 *     value that was not logged is the one last seen
 * @param holds the condition
 * @param until the condition that ends it; null for when {@code holds} is no longer true
 * @param duration how long it must hold
 * @param resolved the type of the event at its end, or null for none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared or shown
record Episodes(
    String rule,
    long fingerprint,
    TableSchema table,
    int[] columns,
    boolean ofRow,
    Expression holds,
    @Nullable Expression until,
    Duration duration,
    @Nullable Template resolved) {

  /** The episodes of a declared rule. */
  static Episodes of(
      RuleDeclaration rule,
      TableSchema table,
      EventKey key,
      TableReads reads,
      RuleBinder.Lasting lasting) {
    RuleDeclaration.Lasting declared = Objects.requireNonNull(rule.lasting());
    List<Column> columns =
        reads.columns().stream()
            .map(name -> table.column(table.indexOf(name).orElseThrow()))
            .toList();
    List<String> meaning = Remembering.meaning(rule, table, key, columns);
    meaning.add("while");
    meaning.add(declared.holds().value());
    lasting.holds().definitions().forEach((name, text) -> meaning.add(name + " = " + text));
    return new Episodes(
        rule.name().value(),
        Fingerprint.of(meaning),
        table,
        columns.stream().mapToInt(column -> table.indexOf(column.name()).orElseThrow()).toArray(),
        key instanceof EventKey.Primary,
        lasting.holds(),
        lasting.until(),
        declared.duration(),
        lasting.resolved());
  }

  /** Makes the events; what goes wrong with one is the rule's affair. */
  interface Events {
    /** The key of the change that was begun. */
    @Nullable String key(Change change);

    /** Begins the change of which the conditions are asked. */
    void ask(Change change, @Nullable String key);

    /** An id of an event that a change begins. */
    EventId id(Change change, int output);

    /**
     * An event.
     *
     * @param type null for the rule's own
     */
    @Nullable Outcome make(Change change, EventId id, @Nullable Template type);
  }

  RuleMemory of(Memory memory) {
    return memory.of(rule, fingerprint);
  }

  /** Takes over what was remembered before: {@code for} may be another one by now. */
  void open(Memory memory) {
    RuleMemory own = of(memory);
    // They were all set by one version of the rule: the first tells of all.
    if (own.timers().filter(this::isPending).findFirst().filter(this::isOff).isPresent()) {
      own.timers().filter(this::isPending).toList().forEach(timer -> setTimer(own, timer));
    }
  }

  private boolean isPending(RuleMemory.Due timer) {
    return read(timer.body()).phase() == Phase.PENDING;
  }

  /** Whether it is set to another time than when the state has lasted long enough. */
  private boolean isOff(RuleMemory.Due timer) {
    return !timer.at().equals(dueAt(read(timer.body())).truncatedTo(ChronoUnit.MICROS));
  }

  private void setTimer(RuleMemory own, RuleMemory.Due timer) {
    Episode pending = read(timer.body());
    own.put(pending.key(), pending.write(columns), own.writtenAt(pending.key()), dueAt(pending));
  }

  private Instant dueAt(Episode pending) {
    return pending.start().commitTime().plus(duration);
  }

  private Episode read(ByteBuffer body) {
    return Episode.read(body.duplicate(), table, columns);
  }

  /** A change of the table. */
  @Nullable Outcome evaluate(Change change, Evaluation evaluation, Memory memory, Events events) {
    RuleMemory own = of(memory);
    if (change.operation() == Operation.TRUNCATE) {
      end(own, change.origin().commitTime());
      return null;
    }
    evaluation.begin(change);
    if (change.operation() == Operation.DELETE && !ofRow) {
      return null;
    }
    String key = events.key(change);
    ByteBuffer body = own.get(key);
    Episode episode = body == null ? null : Episode.read(body, table, columns);
    if (change.operation() == Operation.DELETE) {
      own.forget(key);
      return episode == null
          ? null
          : ended(episode, change(episode, at(episode, change.origin().commitTime())), events);
    }
    Change seen = episode != null && ofRow ? completed(change, episode.row()) : change;
    events.ask(seen, key);
    return episode == null
        ? begin(seen, evaluation, own, key, events)
        : goOn(episode, seen, evaluation, own, events);
  }

  /** A change of a transaction that wants no event, of its rows' end neither. */
  @Nullable Outcome follow(Change change, Evaluation evaluation, Memory memory, Events silent) {
    if (change.operation() != Operation.TRUNCATE) {
      return evaluate(change, evaluation, memory, silent);
    }
    of(memory).forgetAll();
    return null;
  }

  private @Nullable Outcome begin(
      Change change, Evaluation evaluation, RuleMemory own, @Nullable String key, Events events) {
    Row row = Rows.current(change);
    if (row == null || holds.test(evaluation) != Truth.TRUE) {
      return null;
    }
    Instant now = change.origin().commitTime();
    boolean atOnce = duration.isZero();
    Episode episode =
        new Episode(
            atOnce ? Phase.ACTIVE : Phase.PENDING,
            change.origin(),
            change.operation(),
            events.id(change, 0),
            events.id(change, 1),
            key,
            row);
    own.put(key, episode.write(columns), now, atOnce ? null : now.plus(duration));
    // What a snapshot finds has begun before we looked.
    return atOnce && !change.origin().snapshot()
        ? events.make(change, episode.fired(), null)
        : null;
  }

  private @Nullable Outcome goOn(
      Episode episode, Change change, Evaluation evaluation, RuleMemory own, Events events) {
    Row row = Rows.current(change);
    Expression end = episode.phase() == Phase.ACTIVE ? until : null;
    boolean over =
        end == null ? isOver(holds.test(evaluation)) : (end.test(evaluation) == Truth.TRUE);
    if (over || row == null) {
      own.forget(episode.key());
      return ended(episode, change, events);
    }
    own.put(
        episode.key(),
        episode.with(episode.phase(), row).write(columns),
        change.origin().commitTime(),
        episode.phase() == Phase.PENDING ? dueAt(episode) : null);
    return null;
  }

  /** A value that was not logged is the same as before: what held goes on. */
  private static boolean isOver(Truth held) {
    return held == Truth.FALSE || held == Truth.UNKNOWN;
  }

  /** Every row is gone: what is active ends as soon as anybody looks. */
  private void end(RuleMemory own, Instant now) {
    for (ByteBuffer body : own.all()) {
      Episode episode = Episode.read(body, table, columns);
      if (episode.phase() == Phase.PENDING) {
        own.forget(episode.key());
      } else {
        own.put(episode.key(), episode.with(Phase.ENDED, episode.row()).write(columns), now, now);
      }
    }
  }

  /** Something is due for a key: it has lasted long enough, or its row is gone. */
  @Nullable Outcome due(RuleMemory.Due due, Memory memory, Events events) {
    RuleMemory own = of(memory);
    Episode episode = Episode.read(due.body(), table, columns);
    Origin at = at(episode, due.at());
    if (episode.phase() == Phase.ENDED) {
      own.forget(episode.key());
      return ended(episode, change(episode, at), events);
    }
    own.put(
        episode.key(),
        episode.with(Phase.ACTIVE, episode.row()).write(columns),
        due.at(),
        /* dueAt= */ null);
    return events.make(change(episode, at), episode.fired(), null);
  }

  private @Nullable Outcome ended(Episode episode, Change change, Events events) {
    return episode.phase() == Phase.PENDING || resolved == null
        ? null
        : events.make(change, episode.resolved(), resolved);
  }

  private static Origin at(Episode episode, Instant time) {
    Origin start = episode.start();
    return new Origin(start.xid(), time, start.position(), start.index(), start.backfill());
  }

  /** What a timer tells of: the row as it was last seen, under the change that began it. */
  private static Change change(Episode episode, Origin at) {
    return episode.operation() == Operation.UPDATE
        ? new Change.Updated(at, episode.row(), episode.row())
        : new Change.Inserted(at, episode.row());
  }

  /** An unchanged value that PostgreSQL did not log is the one that was seen last. */
  Change completed(Change change, Row remembered) {
    if (change instanceof Change.Updated updated) {
      for (int column : columns) {
        if (updated.after().get(column) == Row.NOT_LOGGED) {
          Row after = new CompletedRow(updated.after(), remembered, columns);
          return new Change.Updated(updated.origin(), updated.before(), after);
        }
      }
    }
    return change;
  }

  private record CompletedRow(Row logged, Row remembered, int[] columns) implements Row {
    @Override
    public TableSchema schema() {
      return logged.schema();
    }

    @Override
    public @Nullable Object get(int column) {
      Object value = logged.get(column);
      if (value == Row.NOT_LOGGED) {
        for (int known : columns) {
          if (known == column) {
            return remembered.get(column);
          }
        }
      }
      return value;
    }
  }
}
