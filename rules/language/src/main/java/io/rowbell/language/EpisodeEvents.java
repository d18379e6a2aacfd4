package io.rowbell.language;

import io.rowbell.language.expression.Template;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.EventId;
import org.jspecify.annotations.Nullable;

/** Makes the events of a rule with {@code while}. */
class EpisodeEvents implements Episodes.Events {
  private final RuleOutcomes outcomes;
  private final @Nullable Windows windows;
  private final Workspace workspace;
  private final Memory memory;

  EpisodeEvents(
      RuleOutcomes outcomes, @Nullable Windows windows, Workspace workspace, Memory memory) {
    this.outcomes = outcomes;
    this.windows = windows;
    this.workspace = workspace;
    this.memory = memory;
  }

  @Override
  public @Nullable String key(Change change) {
    return outcomes.maker().making().key().of(change, workspace);
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
    return outcomes.maker().changeId(change, workspace, output);
  }

  /** What has begun or ended has done so, whether the event can be made or not. */
  @Override
  public @Nullable Outcome make(Change change, EventId id, @Nullable Template type) {
    try {
      workspace.evaluation.begin(change);
      begin(change, windows == null ? null : key(change));
      Template own = outcomes.maker().making().type();
      return outcomes.event(change, workspace, id, type == null ? own : type);
    } catch (RuntimeException e) {
      return outcomes.failure(change, workspace, e);
    }
  }

  /** Makes none, and gives nothing to windows. */
  static final class Silent extends EpisodeEvents {
    Silent(RuleOutcomes outcomes, @Nullable Windows windows, Workspace workspace, Memory memory) {
      super(outcomes, windows, workspace, memory);
    }

    @Override
    public void ask(Change change, @Nullable String key) {
      begin(change, key);
    }

    @Override
    public @Nullable Outcome make(Change change, EventId id, @Nullable Template type) {
      return null;
    }
  }
}
