package io.rowbell.postgres;

import io.rowbell.model.RowPredicate;
import io.rowbell.model.RowPredicate.All;
import io.rowbell.model.RowPredicate.Any;
import io.rowbell.model.RowPredicate.Compare;
import io.rowbell.model.RowPredicate.Null;
import io.rowbell.model.RowPredicate.Operator;
import io.rowbell.model.SqlIdentifier;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Row filters as SQL. Reads what it writes in the form in which {@code pg_get_expr} gives it back,
 * with its casts and parentheses, and nothing that could mean something else: a filter that cannot
 * be read is nobody's plan.
 */
final class FilterSql {
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:(\"(?:[^\"]|\"\")*+\")|('(?:[^']|'')*+')|(\\d+(?:\\.\\d+)?)|([A-Za-z_][\\w$]*)"
              + "|(::|<=|>=|<>|[()<>=-])|(\\S))");
  private static final Map<String, Operator> OPERATORS =
      Map.of(
          "=", Operator.EQUAL,
          "<>", Operator.NOT_EQUAL,
          "<", Operator.LESS,
          "<=", Operator.LESS_OR_EQUAL,
          ">", Operator.GREATER,
          ">=", Operator.GREATER_OR_EQUAL);

  /** What a column may be cast to without another value coming out. */
  private static final Set<String> COLUMN_CASTS = Set.of("text", "numeric");

  private static final Set<String> INTEGERS = Set.of("smallint", "integer", "bigint");
  private static final Set<String> TEXTS = Set.of("text", "character varying");
  private static final Set<String> KEYWORDS =
      Set.of("and", "or", "not", "is", "null", "distinct", "from", "true", "false");

  /** What is read; its kind decides what it can stand for. */
  private record Token(Kind kind, String text) {
    boolean is(String wanted) {
      return kind != Kind.QUOTED && kind != Kind.TEXT && text.equals(wanted);
    }
  }

  private enum Kind {
    QUOTED,
    TEXT,
    NUMBER,
    WORD,
    SYMBOL,
    OTHER
  }

  /** The text is no filter that we would write. */
  private static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private final List<Token> tokens;
  private int place;

  private FilterSql(String sql) {
    this.tokens = tokens(sql);
  }

  /** The condition of a WHERE, without the parentheses around it. */
  static String write(RowPredicate predicate) {
    if (predicate instanceof All all) {
      return joined(all.parts(), " AND ");
    }
    if (predicate instanceof Any any) {
      return joined(any.parts(), " OR ");
    }
    if (predicate instanceof Null test) {
      return SqlIdentifier.quoteAlways(test.column())
          + (test.wanted() ? " IS NULL" : " IS NOT NULL");
    }
    Compare compare = (Compare) predicate;
    return SqlIdentifier.quoteAlways(compare.column())
        + operator(compare.operator())
        + constant(compare.constant());
  }

  private static String joined(List<RowPredicate> parts, String word) {
    return parts.stream()
        .map(
            part ->
                part instanceof All || part instanceof Any ? "(" + write(part) + ")" : write(part))
        .collect(Collectors.joining(word));
  }

  private static String operator(Operator operator) {
    return switch (operator) {
      case EQUAL -> " = ";
      case NOT_EQUAL -> " IS DISTINCT FROM ";
      case LESS -> " < ";
      case LESS_OR_EQUAL -> " <= ";
      case GREATER -> " > ";
      case GREATER_OR_EQUAL -> " >= ";
    };
  }

  private static String constant(Object constant) {
    return constant instanceof BigDecimal number
        ? number.toPlainString()
        : constant instanceof String text
            ? "'" + text.replace("'", "''") + "'"
            : constant.toString();
  }

  /** All names that a filter could mean columns by. */
  static Set<String> names(String sql) {
    Set<String> names = new TreeSet<>();
    for (Token token : tokens(sql)) {
      if (token.kind() == Kind.WORD || token.kind() == Kind.QUOTED) {
        names.add(token.text());
      }
    }
    return names;
  }

  /** Reads a filter of the catalog; empty if it is not of the form that we write. */
  static Optional<RowPredicate> read(String sql) {
    FilterSql reader = new FilterSql(sql);
    try {
      RowPredicate predicate = reader.any();
      return reader.place == reader.tokens.size() ? Optional.of(predicate) : Optional.empty();
    } catch (Unreadable e) {
      return Optional.empty();
    }
  }

  private static List<Token> tokens(String sql) {
    List<Token> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(sql.strip());
    while (matcher.lookingAt()) {
      tokens.add(token(matcher));
      matcher.region(matcher.end(), matcher.regionEnd());
    }
    return tokens;
  }

  private static Token token(Matcher matcher) {
    if (matcher.group(1) != null) {
      return new Token(Kind.QUOTED, unquoted(matcher.group(1), "\""));
    }
    if (matcher.group(2) != null) {
      return new Token(Kind.TEXT, unquoted(matcher.group(2), "'"));
    }
    if (matcher.group(3) != null) {
      return new Token(Kind.NUMBER, matcher.group(3));
    }
    if (matcher.group(4) != null) {
      return new Token(Kind.WORD, matcher.group(4).toLowerCase(Locale.ROOT));
    }
    return matcher.group(5) != null
        ? new Token(Kind.SYMBOL, matcher.group(5))
        : new Token(Kind.OTHER, matcher.group(6));
  }

  private static String unquoted(String text, String quote) {
    return text.substring(1, text.length() - 1).replace(quote + quote, quote);
  }

  private RowPredicate any() throws Unreadable {
    List<RowPredicate> parts = new ArrayList<>(List.of(all()));
    while (accept("or")) {
      parts.add(all());
    }
    return RowPredicate.any(parts);
  }

  private RowPredicate all() throws Unreadable {
    List<RowPredicate> parts = new ArrayList<>(List.of(one()));
    while (accept("and")) {
      parts.add(one());
    }
    return RowPredicate.all(parts);
  }

  private RowPredicate one() throws Unreadable {
    if (peek(0).is("(") && !(peek(2).is(")") && peek(3).is("::"))) {
      expect("(");
      RowPredicate inner = any();
      expect(")");
      return inner;
    }
    String column = column();
    if (accept("is")) {
      boolean not = accept("not");
      if (accept("null")) {
        return new Null(column, !not);
      }
      expect("distinct");
      expect("from");
      Compare differs = new Compare(column, Operator.NOT_EQUAL, constant());
      return not ? new Compare(column, Operator.EQUAL, differs.constant()) : differs;
    }
    Operator operator = OPERATORS.get(peek(0).text());
    if (peek(0).kind() != Kind.SYMBOL || operator == null) {
      throw new Unreadable();
    }
    place++;
    Compare compare = new Compare(column, operator, constant());
    return operator == Operator.NOT_EQUAL
        ? RowPredicate.all(List.of(compare, new Null(column, false)))
        : compare;
  }

  private String column() throws Unreadable {
    if (accept("(")) {
      String column = name();
      expect(")");
      expect("::");
      if (!COLUMN_CASTS.contains(type())) {
        throw new Unreadable();
      }
      return column;
    }
    return name();
  }

  private String name() throws Unreadable {
    Token token = peek(0);
    boolean word = token.kind() == Kind.WORD && !KEYWORDS.contains(token.text());
    if (!word && token.kind() != Kind.QUOTED) {
      throw new Unreadable();
    }
    place++;
    return token.text();
  }

  private Object constant() throws Unreadable {
    Object value = bareConstant();
    while (accept("::")) {
      value = cast(value, type());
    }
    return value;
  }

  private Object bareConstant() throws Unreadable {
    if (accept("(")) {
      Object value = constant();
      expect(")");
      return value;
    }
    boolean negative = accept("-");
    Token token = peek(0);
    place++;
    if (token.kind() == Kind.NUMBER) {
      BigDecimal number = new BigDecimal(token.text());
      return negative ? number.negate() : number;
    }
    if (!negative && token.kind() == Kind.TEXT) {
      return token.text();
    }
    if (!negative && (token.is("true") || token.is("false"))) {
      return token.is("true");
    }
    throw new Unreadable();
  }

  private static Object cast(Object value, String type) throws Unreadable {
    if (TEXTS.contains(type) && value instanceof String) {
      return value;
    }
    boolean integer = INTEGERS.contains(type);
    if (integer || type.equals("numeric")) {
      BigDecimal number = number(value).stripTrailingZeros();
      if (!integer || number.scale() <= 0) {
        return number;
      }
    }
    throw new Unreadable();
  }

  private static BigDecimal number(Object value) throws Unreadable {
    try {
      return value instanceof BigDecimal known ? known : new BigDecimal(value.toString());
    } catch (NumberFormatException e) {
      throw new Unreadable();
    }
  }

  private String type() throws Unreadable {
    Token token = peek(0);
    place++;
    if (token.kind() != Kind.WORD || peek(0).is("(")) {
      throw new Unreadable();
    }
    if (token.is("character")) {
      expect("varying");
      if (peek(0).is("(")) {
        throw new Unreadable();
      }
      return "character varying";
    }
    return token.text();
  }

  private Token peek(int ahead) {
    return place + ahead < tokens.size() ? tokens.get(place + ahead) : new Token(Kind.OTHER, "");
  }

  private boolean accept(String text) {
    if (!peek(0).is(text)) {
      return false;
    }
    place++;
    return true;
  }

  private void expect(String text) throws Unreadable {
    if (!accept(text)) {
      throw new Unreadable();
    }
  }
}
