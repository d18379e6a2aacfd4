package io.rowbell.language;

/** Whether the quotes and brackets of an expression close: if not, YAML has cut it. */
final class Brackets {
  private Brackets() {}

  /** Whether a quote or a bracket is opened in the expression and not closed. */
  static boolean areOpen(String expression) {
    int depth = 0;
    for (int at = 0; at < expression.length(); at++) {
      char c = expression.charAt(at);
      if (c == '\'' || c == '"') {
        at = quoteEnd(expression, at);
        if (at == expression.length()) {
          return true;
        }
      } else if (c == '(' || c == '[' || c == '{') {
        depth++;
      } else if (c == ')' || c == ']' || c == '}') {
        depth--;
      }
    }
    return depth > 0;
  }

  /** The closing quote of the text literal that opens at an offset; the length if there is none. */
  static int quoteEnd(String expression, int from) {
    char quote = expression.charAt(from);
    int at = from + 1;
    while (at < expression.length() && expression.charAt(at) != quote) {
      at += expression.charAt(at) == '\\' ? 2 : 1;
    }
    return Math.min(at, expression.length());
  }
}
