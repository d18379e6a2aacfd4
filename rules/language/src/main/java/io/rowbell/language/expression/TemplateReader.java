package io.rowbell.language.expression;

import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads text with {@code {expr}} holes. */
final class TemplateReader {
  private final ExpressionCompiler compiler;
  private final Text text;
  private final Problems problems;
  private final List<Object> parts = new ArrayList<>();
  private final StringBuilder literal = new StringBuilder();
  private boolean sound = true;

  TemplateReader(ExpressionCompiler compiler, Text text, Problems problems) {
    this.compiler = compiler;
    this.text = text;
    this.problems = problems;
  }

  /** The template; null after a problem. */
  @Nullable Template read() {
    String value = text.value();
    int i = 0;
    while (i < value.length()) {
      char c = value.charAt(i);
      boolean twice = i + 1 < value.length() && value.charAt(i + 1) == c;
      if ((c == '{' || c == '}') && twice) {
        literal.append(c);
        i += 2;
      } else if (c == '$' && i + 1 < value.length() && value.charAt(i + 1) == '{') {
        problems.error(
            "E100", text.at(i), "this '$' would stay in the text", "a hole is written {symbol}");
        sound = false;
        i++;
      } else if (c == '{') {
        i = hole(i);
      } else if (c == '}') {
        problems.error(
            "E100", text.at(i), "this '}' closes nothing", "a brace that is meant is written '}}'");
        sound = false;
        i++;
      } else {
        literal.append(c);
        i++;
      }
    }
    flush();
    return sound ? new Template(parts) : null;
  }

  private int hole(int start) {
    int end = end(start + 1);
    if (end < 0) {
      problems.error(
          "E100",
          text.at(start),
          "this '{' is not closed",
          "a brace that is meant is written '{{'");
      sound = false;
      return text.value().length();
    }
    flush();
    Expression expression = compiler.scalar(new Part(text, start + 1, end), problems);
    if (expression == null) {
      sound = false;
    } else if (expression.constant() && isEmpty(expression)) {
      problems.error(
          "E109",
          text.at(start + 1),
          "this always fails: the hole has no value",
          "write the text that is meant");
      sound = false;
    } else {
      parts.add(expression);
    }
    return end + 1;
  }

  private static boolean isEmpty(Expression constant) {
    try {
      return constant.evaluate(new Evaluation()) == null;
    } catch (EvaluationException e) {
      return true;
    }
  }

  /** Where the hole ends: not inside quotes, not inside a map. */
  private int end(int start) {
    int depth = 0;
    char quote = 0;
    String value = text.value();
    for (int i = start; i < value.length(); i++) {
      char c = value.charAt(i);
      if (quote != 0) {
        if (c == '\\') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '{') {
        depth++;
      } else if (c == '}' && depth-- == 0) {
        return i;
      }
    }
    return -1;
  }

  private void flush() {
    if (literal.length() > 0) {
      parts.add(literal.toString());
      literal.setLength(0);
    }
  }

  /** A part of a text, with its places. */
  private record Part(Text whole, int start, int end) implements Text {
    @Override
    public String value() {
      return whole.value().substring(start, end);
    }

    @Override
    public Location at(int offset) {
      return whole.at(start + offset);
    }
  }
}
