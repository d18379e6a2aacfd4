package io.rowbell.language.expression;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How large a pattern of {@code matches()} becomes when it is compiled: {@code a{100}} is a hundred
 * parts, and repetitions within each other multiply. RE2 bounds each repetition and not what they
 * make together, so that a pattern of a line could take all memory.
 *
 * <p>An estimate in parts, each of which may look at each character of a text; at most a few too
 * many. What is no pattern is measured, too, and left for RE2 to refuse.
 */
final class PatternSize {
  /** The most parts. */
  static final int MOST = 5_000;

  private static final long BEYOND = MOST + 1L;
  private static final Pattern REPETITION = Pattern.compile("\\{(\\d{1,9})(,(\\d{0,9}))?}");
  private static final Pattern GROUP =
      Pattern.compile("\\((?:\\?(?:P?<\\w+>|[a-zA-Z]*-?[a-zA-Z]*:?))?");
  private static final Pattern CLASS =
      Pattern.compile("\\[\\^?]?(?:\\[:\\^?\\w+:]|\\\\(?s:.)|[^]\\\\])*+]?");
  private static final Pattern ESCAPE =
      Pattern.compile("\\\\(?:Q(?s:.*?)(?:\\\\E|\\z)|[pPx]\\{[^}]*}|(?s:.)|\\z)");

  private final String source;

  /** The sizes of the sequences that are open, the innermost first. */
  private final Deque<Long> outer = new ArrayDeque<>();

  private long sequence;

  /** What a repetition would repeat. */
  private long last;

  private PatternSize(String source) {
    this.source = source;
  }

  /** Whether it is larger than {@link #MOST}. */
  static boolean isTooLarge(String source) {
    return new PatternSize(source).measure() > MOST;
  }

  private long measure() {
    for (int at = 0; at < source.length(); ) {
      at = next(at);
    }
    while (!outer.isEmpty()) {
      close();
    }
    return sequence + last;
  }

  private int next(int at) {
    switch (source.charAt(at)) {
      case '(' -> {
        outer.push(sequence + last);
        sequence = 0;
        last = 0;
        return end(GROUP, at);
      }
      case '|', '^', '$' -> {
        return part(0, at + 1);
      }
      case ')' -> {
        close();
        return at + 1;
      }
      case '[' -> {
        return part(1, end(CLASS, at));
      }
      case '\\' -> {
        int end = end(ESCAPE, at);
        return part(Math.max(1, source.startsWith("\\Q", at) ? end - at : 1), end);
      }
      case '{' -> {
        Matcher repetition = REPETITION.matcher(source).region(at, source.length());
        if (repetition.lookingAt()) {
          last = Math.min(BEYOND, Math.max(last, 1) * times(repetition));
          return repetition.end();
        }
        return part(1, at + 1);
      }
      default -> {
        return part(1, at + 1);
      }
    }
  }

  private static long times(Matcher repetition) {
    String most = repetition.group(3);
    long least = Long.parseLong(repetition.group(1));
    return most == null || most.isEmpty()
        ? Math.max(1, least + (repetition.group(2) == null ? 0 : 1))
        : Math.max(1, Math.max(least, Long.parseLong(most)));
  }

  private int part(long size, int end) {
    sequence = Math.min(BEYOND, sequence + last);
    last = size;
    return end;
  }

  private void close() {
    last = Math.min(BEYOND, sequence + last + 1);
    sequence = outer.isEmpty() ? 0 : outer.pop();
  }

  private int end(Pattern what, int at) {
    Matcher matcher = what.matcher(source).region(at, source.length());
    return matcher.lookingAt() ? matcher.end() : at + 1;
  }
}
