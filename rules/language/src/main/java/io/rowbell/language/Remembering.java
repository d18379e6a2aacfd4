package io.rowbell.language;

import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.issue.Text;
import io.rowbell.language.memory.LastFired;
import io.rowbell.language.memory.Memory;
import io.rowbell.language.memory.RuleMemory;
import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.Operation;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import io.rowbell.model.UnreadableValueException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a rule with {@code last} or {@code cooldown} remembers: for each key when it fired last, and
 * the values that {@code last.x} reads. Immutable; what is remembered is in a {@link Memory}.
 */
final class Remembering {
  private final String rule;
  private final long fingerprint;
  private final int[] columns;
  private final Set<Operation> observed;
  private final @Nullable Duration cooldown;
  private final Duration forgetAfter;

  private Remembering(
      String rule,
      long fingerprint,
      int[] columns,
      Set<Operation> observed,
      @Nullable Duration cooldown,
      Duration forgetAfter) {
    this.rule = rule;
    this.fingerprint = fingerprint;
    this.columns = columns;
    this.observed = observed;
    this.cooldown = cooldown;
    this.forgetAfter = forgetAfter;
  }

  /**
   * What a rule must remember; null if that is nothing.
   *
   * @param reads is told what must be seen of the table beside what the rule listens to
   */
  static @Nullable Remembering of(
      RuleDeclaration rule, @Nullable TableSchema table, EventKey key, TableReads reads) {
    Duration cooldown = rule.memory().cooldown();
    Duration forgetAfter = rule.memory().forgetAfter();
    Duration kept = cooldown == null ? null : cooldown.plus(RuleMemory.SLACK);
    String name = rule.name().value();
    if (table == null || reads.lastColumns().isEmpty()) {
      // When a key may fire again, there is nothing left to remember of it.
      return kept == null
          ? null
          : new Remembering(
              name,
              Fingerprint.of(meaning(rule, table, key, List.of())),
              new int[0],
              Set.of(),
              cooldown,
              kept);
    }
    List<Column> columns =
        reads.lastColumns().stream()
            .map(column -> table.column(table.indexOf(column).orElseThrow()))
            .toList();
    Set<Operation> observed = EnumSet.of(Operation.INSERT, Operation.UPDATE);
    if (key instanceof EventKey.Primary) {
      observed.add(Operation.TRUNCATE);
      if (table.identity().containsAll(table.primaryKey())) {
        observed.add(Operation.DELETE);
      }
    }
    reads.observe(observed);
    // The rows of a snapshot are remembered if there is one; none is asked for.
    observed.add(Operation.SNAPSHOT);
    return new Remembering(
        name,
        Fingerprint.of(meaning(rule, table, key, columns)),
        columns.stream().mapToInt(column -> table.indexOf(column.name()).orElseThrow()).toArray(),
        observed,
        cooldown,
        kept == null || kept.compareTo(forgetAfter) < 0 ? forgetAfter : kept);
  }

  /** What is remembered stays true while the key and the remembered columns stay what they are. */
  static List<String> meaning(
      RuleDeclaration rule, @Nullable TableSchema table, EventKey key, List<Column> columns) {
    Text chosen = rule.output().key();
    List<String> parts = new ArrayList<>();
    parts.add(table == null ? "" : table.id().sql());
    parts.add(chosen != null ? chosen.value() : table == null ? "" : primaryKey(table));
    key.definitions().forEach((name, meaning) -> parts.add(name + " = " + meaning));
    for (Column column : columns) {
      parts.add(column.name());
      parts.add(column.type().sqlName());
    }
    return parts;
  }

  /** Whether a change that does not make the rule fire leaves no trace. */
  boolean isCooldownOnly() {
    return columns.length == 0;
  }

  /** Whether it must see changes that the rule does not listen to. */
  boolean observes(Operation operation) {
    return observed.contains(operation);
  }

  /** By name: a column's index may change. */
  private static String primaryKey(TableSchema table) {
    return table.primaryKey().stream().map(index -> table.column(index).name()).toList().toString();
  }

  long fingerprint() {
    return fingerprint;
  }

  /** Takes over what was remembered before. */
  void open(Memory memory) {
    RuleMemory unused = memory.of(rule, fingerprint);
  }

  /** The rule's memory, without what is too old at {@code now}. */
  RuleMemory of(Memory memory, Instant now) {
    RuleMemory own = memory.of(rule, fingerprint);
    own.expire(forgetAfter, now);
    return own;
  }

  /**
   * What is remembered of a change's key. A row that is seen for the first time is remembered as it
   * is now, if {@code last} is asked for.
   *
   * @return null if nothing was remembered before this change
   */
  @Nullable LastFired recall(RuleMemory own, @Nullable String key, Change change) {
    ByteBuffer body = own.get(key);
    if (body != null) {
      return LastFired.read(body);
    }
    Row row = Rows.current(change);
    if (columns.length > 0 && row != null && change.operation() != Operation.DELETE) {
      own.put(key, LastFired.write(null, row, columns), change.origin().commitTime());
    }
    return null;
  }

  /** Whether the rule may fire for a key of which this is remembered. */
  boolean silences(@Nullable LastFired last, Instant now) {
    if (last == null) {
      return columns.length > 0;
    }
    Instant until = silentUntil(last);
    return until != null && now.isBefore(until);
  }

  /** When the cooldown ends for a key of which this is remembered; null if there is none. */
  @Nullable Instant silentUntil(@Nullable LastFired last) {
    Instant firedAt = last == null ? null : last.firedAt();
    return cooldown == null || firedAt == null ? null : firedAt.plus(cooldown);
  }

  /** The row that {@code last.x} reads. */
  @Nullable Row row(@Nullable LastFired last, Change change) {
    return last != null && columns.length > 0 && change instanceof Change.TableChange row
        ? last.row(row.table(), columns)
        : null;
  }

  /**
   * The rule has seen the change; rows that are gone are forgotten. A value that was not logged
   * when the key was seen for the first time is the first one that is.
   *
   * @param last what was remembered before, if that still holds
   */
  void seen(RuleMemory own, @Nullable String key, @Nullable LastFired last, Change change) {
    Row row = Rows.current(change);
    if (change.operation() == Operation.TRUNCATE && observes(Operation.TRUNCATE)) {
      own.forgetAll();
    } else if (change.operation() == Operation.DELETE && observes(Operation.DELETE)) {
      own.forget(key);
    } else if (last != null && last.lacksValues() && row != null) {
      complete(own, key, last, row);
    }
  }

  private void complete(RuleMemory own, @Nullable String key, LastFired last, Row row) {
    try {
      byte[] completed = last.completed(row, columns);
      if (completed != null) {
        own.put(key, completed, own.writtenAt(key));
      }
    } catch (EvaluationException | UnreadableValueException e) {
      // It cannot be remembered, and is as unknown as it was: this change does not depend on it.
    }
  }

  /**
   * What is to be remembered when the rule fires, for {@link RuleMemory#put}.
   *
   * @throws EvaluationException X402 if that is more than the journal takes
   */
  byte[] firing(RuleMemory own, @Nullable String key, Change change) {
    byte[] body = LastFired.write(change.origin().commitTime(), Rows.current(change), columns);
    own.requireRoom(key, body);
    return body;
  }
}
