package io.rowbell.language;

import io.rowbell.language.expression.Evaluation;
import io.rowbell.language.expression.Window;
import io.rowbell.language.memory.Buckets;
import io.rowbell.language.memory.Memory;
import io.rowbell.language.memory.RuleMemory;
import io.rowbell.model.Change;
import io.rowbell.model.TableSchema;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The functions over time of one rule. What a change gives to them is added before anything else of
 * the rule is evaluated, so it does not depend on what the rule makes of the change. Immutable;
 * what was given is in a {@link Memory}, for each key by itself, beside what else the rule
 * remembers.
 */
final class Windows {
  /** A bucket more, in bytes; another guess would only cost a copy. */
  private static final int ROOM = 64;

  private final String rule;
  private final long fingerprint;
  private final List<Window> windows;
  private final Duration reach;

  private Windows(String rule, long fingerprint, List<Window> windows) {
    this.rule = rule;
    this.fingerprint = fingerprint;
    this.windows = windows;
    this.reach =
        windows.stream()
            .map(window -> Buckets.reach(window.span()))
            .max(Comparator.naturalOrder())
            .orElseThrow()
            .plus(RuleMemory.SLACK);
  }

  /** The windows of a declared rule; null if it has none. */
  static @Nullable Windows of(
      RuleDeclaration rule, @Nullable TableSchema table, EventKey key, List<Window> windows) {
    if (windows.isEmpty()) {
      return null;
    }
    List<String> meaning = Remembering.meaning(rule, table, key, List.of());
    windows.forEach(window -> meaning.add(window.meaning()));
    return new Windows(rule.name().value(), Fingerprint.of(meaning), windows);
  }

  long fingerprint() {
    return fingerprint;
  }

  /** Takes over what was given before. */
  void open(Memory memory) {
    RuleMemory unused = memory.windowsOf(rule, fingerprint);
  }

  /**
   * Adds what a change gives, and lets the rule's expressions read the windows with it. The rows of
   * a snapshot give nothing: when they came to be is not known.
   *
   * @param evaluation of the change, begun
   */
  void add(Change change, @Nullable String key, Evaluation evaluation, Memory memory) {
    @Nullable Object[] given = new @Nullable Object[windows.size()];
    if (!change.origin().snapshot()) {
      // All of them first: if one fails, none was given anything.
      for (int i = 0; i < given.length; i++) {
        given[i] = windows.get(i).given(evaluation);
      }
    }
    read(change.origin().commitTime(), given, key, evaluation, memory);
  }

  /** Lets the rule's expressions read the windows as they are at a time. */
  void look(Instant now, @Nullable String key, Evaluation evaluation, Memory memory) {
    read(now, new @Nullable Object[windows.size()], key, evaluation, memory);
  }

  private void read(
      Instant now,
      @Nullable Object[] given,
      @Nullable String key,
      Evaluation evaluation,
      Memory memory) {
    RuleMemory own = memory.windowsOf(rule, fingerprint);
    own.expire(reach, now);
    ByteBuffer body = own.get(key);
    Buckets[] all = new Buckets[given.length];
    Window.Total[] totals = new Window.Total[given.length];
    boolean added = false;
    for (int i = 0; i < given.length; i++) {
      Window window = windows.get(i);
      Object value = given[i];
      Buckets buckets = Buckets.read(body, window.span());
      buckets.advance(now);
      added |= value != null && buckets.add(now, value, window::together);
      totals[i] = new Window.Total(buckets.count(), buckets.total(window::together));
      all[i] = buckets;
    }
    if (added) {
      keep(own, key, all, now, body == null ? 0 : body.limit());
    }
    evaluation.windows(totals);
  }

  /**
   * @param before how many bytes there were
   */
  private static void keep(
      RuleMemory own, @Nullable String key, Buckets[] all, Instant now, int before) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(before + ROOM);
    Instant latest = now;
    for (Buckets buckets : all) {
      buckets.write(out);
      latest = buckets.latest(latest);
    }
    own.put(key, out.toByteArray(), latest);
  }
}
