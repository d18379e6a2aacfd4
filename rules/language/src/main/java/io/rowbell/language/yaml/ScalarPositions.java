package io.rowbell.language.yaml;

import io.rowbell.language.yaml.YamlScalar.Style;

/**
 * Finds for every character of a scalar's value where it stands in the file, by reading the
 * scalar's source once more beside its value (YAML 1.2.2, chapters 7.3 and 8.1).
 */
final class ScalarPositions {
  private final String text;
  private final int end;
  private final String value;
  private final int[] positions;
  private int filled;

  private ScalarPositions(String text, int end, String value) {
    this.text = text;
    this.end = end;
    this.value = value;
    this.positions = new int[value.length() + 1];
  }

  /**
   * @param start where the scalar begins in the text, its quote or block indicator included
   * @param end after its last character, the closing quote included
   * @return offsets into the text: one for each character of the value, and one for its end
   */
  static int[] of(String text, int start, int end, Style style, String value) {
    ScalarPositions scalar;
    switch (style) {
      case LITERAL, FOLDED -> {
        scalar = new ScalarPositions(text, end, value);
        scalar.block(start);
      }
      default -> {
        boolean quoted = style != Style.PLAIN;
        scalar = new ScalarPositions(text, quoted ? end - 1 : end, value);
        scalar.flow(quoted ? start + 1 : start, style);
      }
    }
    return scalar.finish(start);
  }

  private int[] finish(int start) {
    // Both readers follow the parser's folding, so they fill the value exactly; should a form of
    // line folding ever differ, what is left points at the place reached.
    int last = filled == 0 ? start : positions[filled - 1];
    while (filled < value.length()) {
      positions[filled++] = last;
    }
    if (value.isEmpty()) {
      positions[0] = start;
    } else {
      int at = positions[value.length() - 1];
      positions[value.length()] = isBreak(text, at) ? at : Math.min(at + 1, Math.max(end, at));
    }
    return positions;
  }

  private void put(int position) {
    if (filled < value.length()) {
      positions[filled++] = position;
    }
  }

  private void flow(int from, Style style) {
    int at = from;
    while (at < end) {
      char c = text.charAt(at);
      if (isBlank(c) || isBreak(text, at)) {
        at = fold(at, false);
      } else if (c == '\'' && style == Style.SINGLE_QUOTED) {
        put(at);
        at += 2;
      } else if (c == '\\' && style == Style.DOUBLE_QUOTED) {
        at = escape(at);
      } else {
        put(at);
        at++;
      }
    }
  }

  /**
   * White space within a line is kept, around line breaks it is dropped; one break is a space, more
   * are one fewer. After an escaped break every further one counts.
   */
  private int fold(int from, boolean afterEscapedBreak) {
    int at = from;
    int breaks = afterEscapedBreak ? 1 : 0;
    int firstBreak = -1;
    while (at < end && (isBlank(text.charAt(at)) || isBreak(text, at))) {
      if (isBreak(text, at)) {
        if (breaks > 0) {
          put(at);
        } else {
          firstBreak = at;
        }
        breaks++;
        at += breakLength(at);
      } else {
        at++;
      }
    }
    if (breaks == 0) {
      for (int i = from; i < at; i++) {
        put(i);
      }
    } else if (breaks == 1 && !afterEscapedBreak) {
      put(firstBreak);
    }
    return at;
  }

  private int escape(int at) {
    if (at + 1 < end && isBreak(text, at + 1)) {
      return fold(at + 1 + breakLength(at + 1), true);
    }
    int digits = at + 1 < end ? "x u   U".indexOf(text.charAt(at + 1)) + 2 : 1;
    put(at);
    if (digits == 8 && Integer.parseUnsignedInt(text, at + 2, at + 10, 16) > 0xFFFF) {
      put(at);
    }
    return at + 2 + (digits > 1 ? digits : 0);
  }

  /** Blocks have no escapes: every character stands in the file, some white space is dropped. */
  private void block(int start) {
    int at = start;
    while (at < end && !isBreak(text, at)) {
      at++;
    }
    at += at < end ? breakLength(at) : 0;
    while (filled < value.length()) {
      int wordInValue = skipWhite(value, filled, value.length());
      int word = skipWhite(text, at, end);
      // A deeper indentation is kept, the block's own dropped: read it from the word backwards.
      int kept = wordInValue;
      int lower = word;
      if (wordInValue < value.length()) {
        while (kept > filled
            && lower > at
            && isBlank(value.charAt(kept - 1))
            && value.charAt(kept - 1) == text.charAt(lower - 1)) {
          positions[--kept] = --lower;
        }
      }
      while (filled < kept) {
        if (value.charAt(filled) == '\n') {
          while (at < lower && !isBreak(text, at)) {
            at++;
          }
        }
        put(Math.min(at, Math.max(lower, start)));
        at += at < lower ? breakLength(at) : 0;
      }
      filled = wordInValue;
      at = word;
      while (filled < value.length() && !isWhite(value.charAt(filled))) {
        put(Math.min(at++, text.length()));
      }
    }
  }

  private static int skipWhite(String text, int from, int to) {
    int at = from;
    while (at < to && isWhite(text.charAt(at))) {
      at++;
    }
    return at;
  }

  private static boolean isWhite(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  private static boolean isBreak(String text, int at) {
    return at < text.length() && "\n\r\u0085".indexOf(text.charAt(at)) >= 0;
  }

  private int breakLength(int at) {
    return text.startsWith("\r\n", at) ? 2 : 1;
  }
}
