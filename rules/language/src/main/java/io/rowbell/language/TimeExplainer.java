package io.rowbell.language;

import io.rowbell.language.Explanation.About;
import io.rowbell.language.Explanation.Reason;
import io.rowbell.language.expression.CanonicalText;
import io.rowbell.language.memory.Episode;
import io.rowbell.language.memory.Episode.Phase;
import io.rowbell.language.memory.Memory;
import io.rowbell.language.memory.RuleMemory;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Explains what passing time does to the states that a rule with {@code while} waits for. */
record TimeExplainer(CompiledRule rule, Episodes episodes) {
  /**
   * A time has come for a key.
   *
   * @param due as it was before; its body is read
   */
  Explanation elapsed(
      RuleMemory.Due due, @Nullable Outcome outcome, @Nullable RuleFailure failure) {
    Episode episode = Episode.read(due.body(), episodes.table(), episodes.columns());
    String since = CanonicalText.of(episode.start().commitTime());
    String because =
        episode.phase() == Phase.ENDED
            ? "active since " + since + ", and over: every row is gone"
            : "pending since "
                + since
                + ", and has lasted "
                + StateExplainer.text(episodes.duration());
    return new Answer(rule, outcome, failure)
        .explained(about(episode, due.at()), Reason.TIME, because, List.of(), null);
  }

  /** For what the rule still waits: the state that is due next, or else one that is active. */
  Explanation waiting(Memory memory, Instant now) {
    Episode episode =
        episodes.of(memory).all().stream()
            .map(body -> Episode.read(body, episodes.table(), episodes.columns()))
            .min(
                Comparator.comparing((Episode each) -> each.phase() != Phase.PENDING)
                    .thenComparing(each -> each.start().commitTime()))
            .orElse(null);
    String because =
        episode == null ? "nothing is pending" : StateExplainer.goesOn(episodes, episode);
    return new Answer(rule, null, null)
        .explained(about(episode, now), Reason.TIME, because, List.of(), null);
  }

  private About about(@Nullable Episode episode, Instant time) {
    String table = RuleExplainer.name(episodes.table());
    return episode == null
        ? new About(table, "wait", null, time, null)
        : new About(
            table + (episode.key() == null ? "" : " key=" + episode.key()),
            episode.operation().word(),
            episode.start().position(),
            time,
            episode.key());
  }
}
