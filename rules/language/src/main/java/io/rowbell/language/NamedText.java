package io.rowbell.language;

import io.rowbell.language.issue.Text;

/**
 * An expression and what its value is called: a {@code let}, or a field of {@code data}.
 *
 * @param name the name as written
 * @param text the expression; the name itself for a bare entry
 */
record NamedText(Text name, Text text) {
  /** Whether only the name was written. */
  boolean isBare() {
    return name == text;
  }
}
