package io.rowbell.language.expression;

import dev.cel.common.ast.CelExpr;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The part of an expression's text that each part of its tree was read from. */
final class Slices {
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?s)//[^\n]*"
              + "|(?:[rR][bB]?|[bB][rR]?)?(?:'''.*?'''|\"\"\".*?\"\"\")"
              + "|[rR][bB]?'[^']*'|[bB]?[rR]'[^']*'|[rR][bB]?\"[^\"]*\"|[bB]?[rR]\"[^\"]*\""
              + "|[bB]?'(?:\\\\.|[^'\\\\])*+'|[bB]?\"(?:\\\\.|[^\"\\\\])*+\""
              + "|`[^`]*`|[A-Za-z_][A-Za-z0-9_]*"
              + "|[0-9]*\\.?[0-9]+(?:[eE][+-]?[0-9]+)?[uU]?|\\S");

  private final Syntax syntax;
  private final List<Token> tokens = new ArrayList<>();

  /** From its first character to the one after its last. */
  private record Token(int from, int to, char first) {
    boolean opens() {
      return first == '(' || first == '[' || first == '{';
    }

    boolean closes() {
      return first == ')' || first == ']' || first == '}';
    }
  }

  Slices(Syntax syntax) {
    this.syntax = syntax;
    Matcher matcher = TOKEN.matcher(syntax.source());
    while (matcher.find()) {
      if (!matcher.group().startsWith("//")) {
        tokens.add(
            new Token(matcher.start(), matcher.end(), syntax.source().charAt(matcher.start())));
      }
    }
  }

  /** The text of a part, on one line and without comments. */
  String of(CelExpr expr) {
    if (tokens.isEmpty()) {
      return syntax.source();
    }
    int first = at(syntax.start(expr));
    int last = last(expr);
    int open = 0;
    int unopened = 0;
    for (int i = first; i <= last; i++) {
      open += tokens.get(i).opens() ? 1 : tokens.get(i).closes() ? -1 : 0;
      unopened = Math.max(unopened, -open);
    }
    // What stands between brackets begins and ends inside of them, as the tree has it.
    open += unopened;
    first = Math.max(0, first - unopened);
    last = Math.min(tokens.size() - 1, last + open);
    StringBuilder text = new StringBuilder();
    for (int i = first; i <= last; i++) {
      boolean apart = i > first && tokens.get(i - 1).to() < tokens.get(i).from();
      text.append(apart ? " " : "")
          .append(syntax.source(), tokens.get(i).from(), tokens.get(i).to());
    }
    return text.toString().replace('\n', ' ');
  }

  /** The last token of a part, brackets around its operands left aside. */
  private int last(CelExpr expr) {
    int own = at(syntax.offset(expr));
    return switch (expr.getKind()) {
      case SELECT -> Math.min(own + 1, tokens.size() - 1);
      case LIST, MAP -> closing(own);
      case CALL -> {
        CelExpr.CelCall call = expr.call();
        boolean operator = call.function().startsWith("_") || call.function().startsWith("@");
        operator |= call.function().equals("!_") || call.function().equals("-_");
        yield operator && !call.function().equals("_[_]")
            ? last(call.args().get(call.args().size() - 1))
            : closing(own);
      }
      default -> own;
    };
  }

  /** The token at a place of the text. */
  private int at(int offset) {
    int index = 0;
    while (index + 1 < tokens.size() && tokens.get(index + 1).from() <= offset) {
      index++;
    }
    return index;
  }

  /** The bracket that closes the one at or after a token. */
  private int closing(int from) {
    int depth = 0;
    for (int i = from; i < tokens.size(); i++) {
      depth += tokens.get(i).opens() ? 1 : tokens.get(i).closes() ? -1 : 0;
      if (depth == 0 && tokens.get(i).closes()) {
        return i;
      }
    }
    return tokens.size() - 1;
  }
}
