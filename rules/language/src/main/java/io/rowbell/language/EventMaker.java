package io.rowbell.language;

import io.rowbell.language.expression.CanonicalText;
import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.expression.Template;
import io.rowbell.language.issue.Codes;
import io.rowbell.model.Change;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import io.rowbell.model.Origin;
import io.rowbell.model.Row;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes the events and the dead letters of one rule. Immutable. */
final class EventMaker {
  private final String name;
  private final DatabaseId database;
  private final EventOrigin source;
  private final Making making;

  /**
   * @param name the rule's
   * @param source where its changes come from
   */
  EventMaker(String name, DatabaseId database, EventOrigin source, Making making) {
    this.name = name;
    this.database = database;
    this.source = source;
    this.making = making;
  }

  Making making() {
    return making;
  }

  /**
   * The event of a change that has begun.
   *
   * @param typeTemplate of its type
   */
  DomainEvent event(Change change, Workspace workspace, EventId id, Template typeTemplate) {
    String key = making.key().of(change, workspace);
    String type = typeTemplate.render(workspace.evaluation);
    String topic = making.topic().render(workspace.evaluation);
    String missing = making.payload().write(change, workspace);
    return new DomainEvent(
        id,
        source.uri(),
        type,
        making.version(),
        key,
        change.origin().commitTime(),
        topic,
        source.extensions(change, name, missing),
        EventData.ofJson(workspace.json.toByteArray()));
  }

  /** The id that the rule says, or the change's own. */
  EventId id(Change change, Workspace workspace) {
    if (making.id() != null) {
      Object value = making.id().evaluate(workspace.evaluation);
      if (value == null || value == Row.NOT_LOGGED) {
        throw new EvaluationException(
            Codes.NO_VALUE, value == null ? "the id is null" : "the id was not logged");
      }
      return EventId.ofText(database, name, CanonicalText.of(value));
    }
    return changeId(change, workspace, 0);
  }

  /**
   * The change's own id.
   *
   * @param output tells the events that a rule makes of one change apart
   */
  EventId changeId(Change change, Workspace workspace, int output) {
    return changeId(
        change, change.origin().snapshot() ? making.rowKey().of(change, workspace) : null, output);
  }

  /**
   * @param rowKey the row's primary key; read only for a row that a snapshot read
   */
  private EventId changeId(Change change, @Nullable String rowKey, int output) {
    Origin origin = change.origin();
    return origin.backfill() != null && change instanceof Change.TableChange row
        ? EventId.ofSnapshotRow(
            database, origin.backfill(), row.table().id(), String.valueOf(rowKey), name, output)
        : EventId.of(database, origin, name, output);
  }

  /**
   * The row is told by its key only: what was wrong with it may not be read, and may be private.
   */
  DeadLetter letter(Change change, Workspace workspace, RuleFailure failure) {
    // The rule may have failed before it began the change: the key is never that of another one.
    workspace.evaluation.begin(change);
    String key = readable(making.key(), change, workspace);
    String row = readable(making.toldRow(), change, workspace);
    Map<String, String> about = new TreeMap<>(source.extensions(change, name, null));
    workspace.json.reset().beginObject();
    about.forEach((attribute, value) -> workspace.json.name(attribute).value(value));
    workspace.json.name("key").value(row).endObject();
    EventData payload = EventData.ofJson(workspace.json.toByteArray());
    return new DeadLetter(
        changeId(change, readable(making.rowKey(), change, workspace), 0),
        null,
        name,
        source.place(),
        key,
        change.origin().commitTime(),
        failure.code(),
        failure.reason(),
        payload);
  }

  /** A key for a dead letter: null if the key is what cannot be evaluated. */
  private static @Nullable String readable(EventKey key, Change change, Workspace workspace) {
    try {
      return key.of(change, workspace);
    } catch (RuntimeException e) {
      return null;
    }
  }
}
