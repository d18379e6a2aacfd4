package io.rowbell.engine.migration;

import java.util.ArrayList;
import java.util.List;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLLexer;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser;

/**
 * One statement of an SQL file.
 *
 * @param text the statement without its semicolon
 * @param line where it begins, from 1
 */
record SqlStatement(String text, int line) {
  /** The statements of a file; what stands between dollar signs, quotes or in comments is whole. */
  static List<SqlStatement> split(String sql) {
    List<SqlStatement> statements = new ArrayList<>();
    SQLLexer lexer = lexer(sql);
    Token first = null;
    for (Token token = lexer.nextToken(); token.getType() != Token.EOF; token = lexer.nextToken()) {
      if (token.getChannel() != Token.DEFAULT_CHANNEL) {
        continue;
      }
      if (token.getType() == SQLLexer.SEMI_COLON) {
        if (first != null) {
          statements.add(of(sql, first, token.getStartIndex()));
        }
        first = null;
      } else if (first == null) {
        first = token;
      }
    }
    if (first != null) {
      statements.add(of(sql, first, sql.codePointCount(0, sql.length())));
    }
    return statements;
  }

  /** ANTLR counts code points. */
  private static SqlStatement of(String sql, Token first, int end) {
    int from = sql.offsetByCodePoints(0, first.getStartIndex());
    return new SqlStatement(sql.substring(from, sql.offsetByCodePoints(0, end)), first.getLine());
  }

  private static SQLLexer lexer(String sql) {
    SQLLexer lexer = new SQLLexer(CharStreams.fromString(sql));
    lexer.removeErrorListeners();
    return lexer;
  }

  /** Its tree; null if it is not the SQL that the parser knows. */
  SQLParser.@Nullable StatementContext parse() {
    SQLParser parser = new SQLParser(new CommonTokenStream(lexer(text)));
    parser.removeErrorListeners();
    List<String> errors = new ArrayList<>();
    parser.addErrorListener(
        new BaseErrorListener() {
          @Override
          public void syntaxError(
              Recognizer<?, ?> recognizer,
              @Nullable Object symbol,
              int line,
              int column,
              String message,
              @Nullable RecognitionException e) {
            errors.add(message);
          }
        });
    SQLParser.SqlContext tree = parser.sql();
    return errors.isEmpty() && tree.statement().size() == 1 ? tree.statement(0) : null;
  }

  /** The source of a part of the tree. */
  String source(ParserRuleContext part) {
    int from = text.offsetByCodePoints(0, part.getStart().getStartIndex());
    int to = text.offsetByCodePoints(0, part.getStop().getStopIndex() + 1);
    return text.substring(from, to);
  }
}
