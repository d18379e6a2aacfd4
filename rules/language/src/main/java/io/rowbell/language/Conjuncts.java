package io.rowbell.language;

import io.rowbell.language.issue.Text;
import java.util.ArrayList;
import java.util.List;

/** The operands of {@code &&} at the top of a condition, as they were written. */
final class Conjuncts {
  private Conjuncts() {}

  /** At least one: the whole text if there is no {@code &&} at its top. */
  static List<Text> of(Text condition) {
    String source = condition.value();
    List<Text> operands = new ArrayList<>();
    int from = 0;
    int depth = 0;
    for (int at = 0; at < source.length(); at++) {
      char c = source.charAt(at);
      if (c == '\'' || c == '"') {
        at = Brackets.quoteEnd(source, at);
      } else if (c == '(' || c == '[' || c == '{') {
        depth++;
      } else if (c == ')' || c == ']' || c == '}') {
        depth--;
      } else if (depth == 0 && (c == '?' || source.startsWith("||", at))) {
        return List.of(condition);
      } else if (depth == 0 && source.startsWith("&&", at)) {
        operands.add(stripped(condition, from, at));
        from = at + 2;
        at++;
      }
    }
    operands.add(stripped(condition, from, source.length()));
    return operands;
  }

  private static Text stripped(Text text, int from, int to) {
    String source = text.value();
    int start = from;
    int end = to;
    while (start < end && Character.isWhitespace(source.charAt(start))) {
      start++;
    }
    while (end > start && Character.isWhitespace(source.charAt(end - 1))) {
      end--;
    }
    return new TextSlice(text, start, end);
  }
}
