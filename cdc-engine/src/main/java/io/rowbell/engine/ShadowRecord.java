package io.rowbell.engine;

import io.rowbell.language.Outcome;
import io.rowbell.language.ShadowRule;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one rule in shadow would have sent, beside what the live one did: how often of each, and the
 * last of them. In memory only. Written by one thread, read by any.
 */
final class ShadowRecord {
  private static final int SAMPLES = 20;

  /** Longer data is cut, so that what is kept is bounded. */
  private static final int DATA_BYTES = 2_000;

  private final ShadowRule rule;
  private final Instant since;
  private final Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);
  private final Deque<Sample> samples = new ArrayDeque<>();
  private final Counterparts counterparts;
  private volatile @Nullable String misfit;

  /** What the shadow and the live rule made of one change. */
  enum Verdict {
    /** The same event, but for its id and its rule. That one is in the journal: it is no sample. */
    SAME,
    /** Both an event for the key, of another type, topic, version or data. */
    DIFFERENT,
    ONLY_LIVE,
    ONLY_SHADOW,
    /** The shadow could not be evaluated. */
    FAILED,
    /**
     * One of them, and what the other made is not known: it was not seen, there was no room to wait
     * for it, or the shadow did not fit the tables.
     */
    NOT_COMPARED;

    /** For people. */
    String words() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /**
   * One change.
   *
   * @param would what the shadow would have sent, or null
   * @param live what the live rule sent, or null
   * @param problem why the shadow failed, or null
   */
  record Sample(
      Verdict verdict,
      Instant time,
      @Nullable String key,
      @Nullable Told would,
      @Nullable Told live,
      @Nullable String problem) {}

  /** An event, as far as it is kept. */
  record Told(String type, String position, String data) {
    static Told of(DomainEvent event) {
      byte[] bytes = event.data().bytes();
      String data =
          bytes.length <= DATA_BYTES
              ? new String(bytes, StandardCharsets.UTF_8)
              : new String(bytes, 0, DATA_BYTES, StandardCharsets.UTF_8) + "…";
      return new Told(event.type(), ShadowRecord.position(event), data);
    }
  }

  ShadowRecord(ShadowRule rule, Instant since) {
    this.rule = rule;
    this.since = since;
    this.counterparts = new Counterparts(rule.within());
    this.misfit = rule.misfit();
  }

  /** Why the rule is not evaluated: what of it does not fit the tables; null if it is. */
  @Nullable String misfit() {
    return misfit;
  }

  /** The rule does not fit the tables any more, or, with null, fits them again. */
  void misfit(@Nullable String why) {
    if (misfit != null) {
      counterparts.missed();
    }
    misfit = why;
  }

  /** Not all that was made of the transaction at hand was noted. */
  void missed() {
    counterparts.missed();
  }

  ShadowRule rule() {
    return rule;
  }

  Instant since() {
    return since;
  }

  synchronized long count(Verdict verdict) {
    return counts.getOrDefault(verdict, 0L);
  }

  /** The oldest first. */
  synchronized List<Sample> samples() {
    return List.copyOf(samples);
  }

  /**
   * Takes note of what all rules made of some changes.
   *
   * @param outcomes in their order
   * @param now a time before which every commit has been seen; null if it is not known
   * @param open whether more of the last change's transaction follows
   */
  void note(List<Outcome> outcomes, @Nullable Instant now, boolean open) {
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Event fired
          && Objects.equals(fired.event().extensions().get("rule"), rule.live())) {
        compare(fired.event(), /* live= */ true);
      } else if (outcome instanceof Outcome.Shadow shadow && shadow.rule().equals(rule.rule())) {
        note(shadow.would());
      }
    }
    if (now != null) {
      counterparts.at(now);
    }
    if (misfit != null) {
      counterparts.missed();
    }
    add(counterparts.alone(open));
  }

  private void note(Outcome would) {
    if (would instanceof Outcome.Event fired) {
      compare(fired.event(), /* live= */ false);
    } else if (would instanceof Outcome.Dead dead) {
      DeadLetter letter = dead.letter();
      failed(letter.time(), letter.key(), letter.code() + " " + letter.reason());
    } else if (would instanceof Outcome.Halt halt) {
      failed(halt.origin().commitTime(), null, halt.code() + " " + halt.reason());
    }
  }

  private void compare(DomainEvent event, boolean live) {
    DomainEvent other = counterparts.of(event, live).orElse(null);
    if (other == null) {
      // The counterpart may be one of this batch that is still to come, however late it is.
      add(counterparts.withoutRoom());
    } else if (live) {
      add(isSame(other, event) ? Verdict.SAME : Verdict.DIFFERENT, event, other, event);
    } else {
      add(isSame(event, other) ? Verdict.SAME : Verdict.DIFFERENT, event, event, other);
    }
  }

  private void add(List<Counterparts.Alone> events) {
    for (Counterparts.Alone alone : events) {
      DomainEvent event = alone.event();
      Verdict verdict =
          !alone.compared()
              ? Verdict.NOT_COMPARED
              : alone.live() ? Verdict.ONLY_LIVE : Verdict.ONLY_SHADOW;
      add(verdict, event, alone.live() ? null : event, alone.live() ? event : null);
    }
  }

  private static boolean isSame(DomainEvent one, DomainEvent other) {
    return one.type().equals(other.type())
        && one.topic().equals(other.topic())
        && one.version() == other.version()
        && one.data().equals(other.data());
  }

  private static String position(DomainEvent event) {
    return event.extensions().getOrDefault("position", "");
  }

  private void add(
      Verdict verdict, DomainEvent about, @Nullable DomainEvent would, @Nullable DomainEvent live) {
    add(
        new Sample(
            verdict,
            about.time(),
            about.key(),
            would == null ? null : Told.of(would),
            live == null ? null : Told.of(live),
            null));
  }

  private void failed(Instant time, @Nullable String key, String problem) {
    add(new Sample(Verdict.FAILED, time, key, null, null, problem));
  }

  private synchronized void add(Sample sample) {
    counts.merge(sample.verdict(), 1L, Long::sum);
    if (sample.verdict() != Verdict.SAME && sample.verdict() != Verdict.NOT_COMPARED) {
      samples.add(sample);
      if (samples.size() > SAMPLES) {
        samples.remove();
      }
    }
  }
}
