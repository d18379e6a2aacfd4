package io.rowbell.language.expression;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.parser.CelParser;
import dev.cel.parser.CelParserFactory;
import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A parsed expression and where its parts stand in the text.
 *
 * <p>CEL's macros stay calls: the checker expands them itself, with types. CEL counts code points,
 * a {@link Text} counts chars; offsets here are chars.
 */
final class Syntax {
  static final int MAX_BYTES = 4096;
  static final int MAX_DEPTH = 50;

  private static final String READ_ON =
      "docs/rule-language.md shows expressions; the mistake may be just before this place";
  private static final Pattern UNEXPECTED =
      Pattern.compile("(?s)(?:mismatched|extraneous) input '(.*)' expecting .*");
  private static final Pattern NO_TOKEN = Pattern.compile("(?s)token recognition error at: '(.*)'");

  private final Text text;
  private final CelExpr root;
  private final Map<Long, Integer> positions;

  private Syntax(Text text, CelExpr root, Map<Long, Integer> positions) {
    this.text = text;
    this.root = root;
    this.positions = positions;
  }

  /** Loads the parser and lets it parse once, which takes a tenth of a second. */
  static void warmUp() {
    CelValidationResult unused = ParserHolder.PARSER.parse("a.b == 1 && c in ['d']");
  }

  /**
   * Parses.
   *
   * @return null after a problem (E100, E120)
   */
  static @Nullable Syntax parse(Text text, Problems problems) {
    String source = text.value();
    if (source.isBlank()) {
      problems.error(
          "E100", text.at(0), "the expression is empty", "write what it is, or leave the key out");
      return null;
    }
    int bytes = source.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_BYTES) {
      problems.error(
          "E120",
          text.at(0),
          "the expression has " + bytes + " bytes; at most " + MAX_BYTES + " are allowed",
          "split it into let names");
      return null;
    }
    CelValidationResult result = ParserHolder.PARSER.parse(source);
    if (result.hasError()) {
      // The parser goes on after an error, but what it finds then mostly follows from the first.
      syntaxError(text, result.getErrors().get(0), problems);
      return null;
    }
    try {
      CelAbstractSyntaxTree tree = result.getAst();
      return new Syntax(text, tree.getExpr(), tree.getSource().getPositionsMap());
    } catch (CelValidationException e) {
      throw new IllegalStateException("a result without errors has a tree", e);
    }
  }

  /** A text that is no expression, but a name. */
  static Syntax nothing(Text text) {
    return new Syntax(text, CelExpr.newBuilder().build(), Map.of());
  }

  /** Whether the text is a name, and no expression. */
  boolean isName() {
    return root.getKind() == CelExpr.ExprKind.Kind.NOT_SET;
  }

  CelExpr root() {
    return root;
  }

  /** The text from which the expression was read. */
  String source() {
    return text.value();
  }

  /** Where an expression stands: its first character, or its operator, dot or bracket. */
  int offset(CelExpr expr) {
    return offset(expr.id());
  }

  int offset(long id) {
    int points = positions.getOrDefault(id, 0);
    return text.value().offsetByCodePoints(0, points);
  }

  Location at(CelExpr expr) {
    return text.at(offset(expr));
  }

  Location at(int offset) {
    return text.at(offset);
  }

  /** Where the field's name of {@code operand.field} stands. */
  Location atField(CelExpr select) {
    String source = text.value();
    int offset = offset(select) + 1;
    while (offset < source.length() && Character.isWhitespace(source.charAt(offset))) {
      offset++;
    }
    return text.at(offset);
  }

  /** Where the first character of an expression stands. */
  Location atStart(CelExpr expr) {
    return text.at(start(expr));
  }

  /** Where the name of a called function stands. */
  Location atFunction(CelExpr call) {
    int bracket = offset(call);
    String source = text.value();
    int end = bracket;
    while (end > 0 && Character.isWhitespace(source.charAt(end - 1))) {
      end--;
    }
    int start = Math.max(0, end - call.call().function().length());
    return text.at(start);
  }

  /**
   * A call as it is written: the same text is the same call. Where its end is not plain to see, it
   * is told by its place in the whole text.
   */
  String call(CelExpr expr) {
    String source = text.value();
    int start = start(expr);
    int depth = 0;
    char quote = 0;
    boolean plain = !source.contains("\\") && !source.contains("'''") && !source.contains("\"\"\"");
    for (int i = offset(expr); plain && i < source.length(); i++) {
      char c = source.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '(') {
        depth++;
      } else if (c == ')' && --depth == 0) {
        return source.substring(start, i + 1);
      }
    }
    return start + ":" + source;
  }

  /** The first character of an expression, brackets around its first operand left aside. */
  int start(CelExpr expr) {
    return switch (expr.getKind()) {
      case SELECT -> start(expr.select().operand());
      case CALL -> {
        var call = expr.call();
        if (call.target().isPresent()) {
          yield start(call.target().get());
        }
        boolean prefix = call.function().equals("!_") || call.function().equals("-_");
        boolean operator = call.function().startsWith("_") || call.function().startsWith("@");
        if (operator && !prefix) {
          yield start(call.args().get(0));
        }
        yield prefix ? offset(expr) : offset(expr) - call.function().length();
      }
      case CONSTANT -> start(expr.constant(), offset(expr));
      default -> offset(expr);
    };
  }

  /** CEL makes one constant of a minus and a number, and places it at the number. */
  private int start(CelConstant constant, int offset) {
    boolean negative =
        switch (constant.getKind()) {
          case INT64_VALUE -> constant.int64Value() < 0;
          case DOUBLE_VALUE -> constant.doubleValue() < 0;
          default -> false;
        };
    return negative ? text.value().lastIndexOf('-', offset) : offset;
  }

  private static void syntaxError(Text text, CelIssue issue, Problems problems) {
    String message = issue.getMessage();
    int offset = offset(text.value(), issue.getSourceLocation());
    String code = "E100";
    String help = null;
    Matcher unexpected = UNEXPECTED.matcher(message);
    Matcher noToken = NO_TOKEN.matcher(message);
    if (message.contains("recursion limit")) {
      code = "E120";
      offset = 0;
      message = "the expression is nested deeper than " + MAX_DEPTH;
      help = "split it into let names";
    } else if (unexpected.matches()) {
      String found = unexpected.group(1);
      message =
          found.equals("<EOF>") ? "the expression ends too early" : "unexpected '" + found + "'";
      help = ForeignWords.help(text.value(), offset, found);
    } else if (noToken.matches()) {
      String found = noToken.group(1).strip();
      if (found.startsWith("'") || found.startsWith("\"")) {
        message = "the text has no closing quote";
        help = "end it with the quote that it begins with";
      } else {
        message = "unexpected '" + found + "'";
        boolean letter = !found.isEmpty() && Character.isLetter(found.codePointAt(0));
        help =
            letter
                ? "a name with such letters is written after[\"...\"]"
                : ForeignWords.help(
                    text.value(), offset, found.substring(0, Math.min(1, found.length())));
      }
    } else if (message.startsWith("For input string")) {
      message = "this integer does not fit into 64 bits";
      help = "write it with a decimal point: it is numeric then, and exact";
    } else if (message.startsWith("no viable alternative")) {
      message = "this cannot be read here";
    }
    problems.error(code, text.at(offset), message, help == null ? READ_ON : help);
  }

  private static int offset(String source, CelSourceLocation location) {
    int start = 0;
    for (int line = 1; line < location.getLine(); line++) {
      start = source.indexOf('\n', start) + 1;
    }
    int points = Math.min(location.getColumn(), source.codePointCount(start, source.length()));
    return source.offsetByCodePoints(start, Math.max(points, 0));
  }

  /** Made at the first use: the parser's tables take a while to load. */
  private static final class ParserHolder {
    static final CelParser PARSER =
        CelParserFactory.standardCelParserBuilder()
            .setOptions(
                CelOptions.current()
                    .maxParseRecursionDepth(MAX_DEPTH)
                    // A column may be called "package" or "for".
                    .enableReservedIds(false)
                    .build())
            .build();
  }
}
