package io.rowbell.language;

import io.rowbell.language.Explanation.Condition;
import io.rowbell.language.expression.CanonicalText;
import io.rowbell.language.expression.Expression;
import io.rowbell.language.memory.Episode;
import io.rowbell.language.memory.Episode.Phase;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Explains what a change does to the state that a rule with {@code while} waits for. */
final class StateExplainer {
  private final Episodes episodes;
  private final Memory memory;
  private final Change change;
  private final @Nullable String key;
  private final @Nullable Episode before;

  /**
   * @param memory as it is before the change, and then after it; what was due is done
   * @param key the change's
   */
  StateExplainer(Episodes episodes, Memory memory, Change change, @Nullable String key) {
    this.episodes = episodes;
    this.memory = memory;
    this.change = change;
    this.key = key;
    this.before = episode();
  }

  private @Nullable Episode episode() {
    ByteBuffer body = episodes.of(memory).get(key);
    return body == null ? null : Episode.read(body, episodes.table(), episodes.columns());
  }

  /**
   * The conditions that the change is asked, in the phase that its key is in.
   *
   * @param begun is called with the change once it has begun
   */
  List<Condition> conditions(Workspace workspace, Consumer<Change> begun) {
    if (Rows.current(change) == null || change.operation() == Operation.DELETE) {
      return List.of();
    }
    Change seen =
        before != null && episodes.ofRow() ? episodes.completed(change, before.row()) : change;
    workspace.evaluation.begin(seen);
    begun.accept(seen);
    Expression until = episodes.until();
    return until != null && before != null && before.phase() == Phase.ACTIVE
        ? List.of(new Condition("until", until.explain(workspace.evaluation)))
        : List.of(new Condition("while", episodes.holds().explain(workspace.evaluation)));
  }

  /** What has become of the key's state, once the change was evaluated; null if there is none. */
  @Nullable String state() {
    Episode after = episode();
    if (before == null) {
      return after == null ? null : begun(after);
    }
    String since = CanonicalText.of(before.start().commitTime());
    if (after == null) {
      return before.phase() == Phase.PENDING
          ? "pending since "
              + since
              + ", and over before it had lasted "
              + text(episodes.duration())
          : "active since "
              + since
              + ", and over"
              + (episodes.resolved() == null ? ": the rule names no event for that" : "");
    }
    return goesOn(episodes, after);
  }

  /** How far a state is that had begun before. */
  static String goesOn(Episodes episodes, Episode now) {
    String since = CanonicalText.of(now.start().commitTime());
    return switch (now.phase()) {
      case PENDING -> "pending since " + since + ": " + due(episodes, now);
      case ACTIVE -> "active since " + since + ": the next event comes after it has ended";
      case ENDED -> "active since " + since + ", and over: every row is gone";
    };
  }

  private String begun(Episode after) {
    return after.phase() == Phase.PENDING
        ? "pending from now on: " + due(episodes, after)
        : "active from now on"
            + (change.origin().snapshot() ? ": what a snapshot finds is no event" : "");
  }

  private static String due(Episodes episodes, Episode pending) {
    Instant due = pending.start().commitTime().plus(episodes.duration());
    return "due at " + CanonicalText.of(due) + " if it lasts";
  }

  static String text(Duration duration) {
    return duration.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
  }
}
