package io.rowbell.language;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.issue.Text;
import io.rowbell.model.Operation;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code on}.
 *
 * <pre>
 * on    := op ("or" op)* table ("(" column ("," column)* ")")? | "message" prefix
 * op    := "insert" | "update" | "delete" | "truncate" | "snapshot"
 * table := (schema ".")? name
 * </pre>
 *
 * A name is folded to lower case unless it stands between double quotes, as in SQL. A prefix is
 * taken as it is.
 */
final class OnParser {
  private static final String EXAMPLE = "write for example 'insert or update orders'";
  private static final List<String> OPERATIONS =
      List.of("insert", "update", "delete", "truncate", "snapshot", "message");

  /** Words that begin a condition elsewhere. */
  private static final List<String> CONDITIONS = List.of("where", "when", "if");

  private final Text text;
  private final String value;
  private final Problems problems;
  private int at;

  private OnParser(Text text, Problems problems) {
    this.text = text;
    this.value = text.value();
    this.problems = problems;
  }

  /**
   * @return null if the text does not follow the grammar: an issue is noted
   */
  static @Nullable OnClause parse(Text text, Problems problems) {
    return new OnParser(text, problems).clause();
  }

  /**
   * Reads the {@code on} of a rule with {@code while}: a table, of which it sees every change.
   *
   * @return null if it is anything else: an issue is noted
   */
  static @Nullable OnClause parseTable(Text text, Problems problems) {
    OnParser parser = new OnParser(text, problems);
    Name first = parser.name();
    boolean alone = parser.atEnd() || parser.value.charAt(parser.at) == '.';
    if (first != null && !alone && !first.quoted()) {
      boolean list = parser.value.charAt(parser.at) == '(';
      problems.error(
          Codes.TOGETHER,
          list ? text.at(parser.at) : first.text().at(0),
          (list ? "a column list" : "an operation")
              + " does not go with 'while', which sees every change of the table",
          "write the table alone");
      return null;
    }
    parser.at = 0;
    return parser.table(
        EnumSet.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.TRUNCATE));
  }

  /**
   * Reads the value of a name under {@code with}.
   *
   * <pre>
   * child := table "by" column ("=" column)?
   * </pre>
   *
   * @return null if the text does not follow the grammar: an issue is noted
   */
  static @Nullable ChildClause parseChild(Text name, Text text, Problems problems) {
    OnParser parser = new OnParser(text, problems);
    OnClause.Table table = parser.tableName(EnumSet.of(Operation.INSERT));
    Name by = table == null ? null : parser.name();
    Name column = by == null || !by.isWord("by") ? null : parser.name();
    Name parent = null;
    if (column != null && !parser.atEnd() && parser.value.charAt(parser.at) == '=') {
      parser.at++;
      parent = parser.name();
      column = parent == null ? null : column;
    }
    if (table == null || column == null || !parser.atEnd()) {
      problems.error(
          Codes.BAD_VALUE,
          text.at(0),
          "'" + text.value() + "' does not say which rows belong to a row",
          "write the child table and its column, for example 'order_lines by order_id'");
      return null;
    }
    return new ChildClause(
        name,
        text,
        table,
        new OnClause.ListedColumn(column.value(), column.text()),
        parent == null ? null : new OnClause.ListedColumn(parent.value(), parent.text()));
  }

  private OnClause.@Nullable Table tableName(Set<Operation> operations) {
    skipSpace();
    int from = at;
    Name name = name();
    Name schema = null;
    if (name != null && at < value.length() && value.charAt(at) == '.') {
      at++;
      schema = name;
      name = name();
    }
    return name == null
        ? null
        : new OnClause.Table(
            operations,
            schema == null ? null : schema.value(),
            name.value(),
            new TextSlice(text, from, at),
            List.of());
  }

  /** A name as written and as meant. */
  private record Name(Text text, String value, boolean quoted) {
    boolean isWord(String word) {
      return !quoted && value.equals(word);
    }
  }

  private @Nullable OnClause clause() {
    Name first = name();
    if (first == null) {
      return fail("an operation is expected here", EXAMPLE);
    }
    if (first.isWord("message")) {
      return messages();
    }
    Set<Operation> operations = EnumSet.noneOf(Operation.class);
    Name word = first;
    while (true) {
      if (!operation(word, operations)) {
        return null;
      }
      int back = at;
      Name next = name();
      if (next == null || !next.isWord("or")) {
        at = back;
        break;
      }
      word = name();
      if (word == null) {
        return fail("an operation is expected after 'or'", EXAMPLE);
      }
    }
    return table(operations);
  }

  private boolean operation(Name word, Set<Operation> operations) {
    if (word.isWord("message")) {
      at = 0;
      fail("'message' cannot be combined with other operations", "make it a rule of its own");
      return false;
    }
    if (word.quoted() || !OPERATIONS.contains(word.value())) {
      unknownOperation(word, operations.isEmpty());
      return false;
    }
    if (!operations.add(Operation.valueOf(word.value().toUpperCase(Locale.ROOT)))) {
      problems.error(
          Codes.BAD_ON, word.text().at(0), "'" + word.value() + "' stands twice", "remove one");
      return false;
    }
    return true;
  }

  private void unknownOperation(Name word, boolean first) {
    boolean alone = first && (atEnd() || value.charAt(at) == '.' || value.charAt(at) == '(');
    if (alone) {
      problems.error(
          Codes.BAD_ON,
          word.text().at(0),
          "an operation must stand before the table '" + word.text().value() + "'",
          "write for example 'insert or update "
              + word.text().value()
              + "'; a table alone belongs to 'while'");
      return;
    }
    problems.error(
        Codes.BAD_ON,
        word.text().at(0),
        "there is no operation '" + word.text().value() + "'",
        OnOfTriggers.help(value)
            .or(() -> Suggestions.didYouMean(word.value(), OPERATIONS))
            .orElse("the operations are " + String.join(", ", OPERATIONS)));
  }

  private @Nullable OnClause messages() {
    skipSpace();
    int from = at;
    if (from < value.length() && value.charAt(from) == '"') {
      Name prefix = name();
      if (prefix == null) {
        return fail("this quote does not close around a prefix", "write 'message \"<prefix>\"'");
      }
      return end() ? new OnClause.Messages(prefix.value()) : null;
    }
    String prefix = value.substring(from).strip();
    if (prefix.isEmpty()) {
      return fail("the prefix of the messages is expected here", "write 'message <prefix>'");
    }
    if (prefix.chars().anyMatch(Character::isWhitespace)) {
      return fail(
          "a prefix with spaces in it stands between double quotes",
          "write 'message \"" + prefix + "\"'");
    }
    at = value.length();
    return new OnClause.Messages(prefix);
  }

  private @Nullable OnClause table(Set<Operation> operations) {
    skipSpace();
    int from = at;
    Name name = name();
    if (name == null) {
      return fail("a table is expected here", OnOfTriggers.help(value).orElse(EXAMPLE));
    }
    Name schema = null;
    if (at < value.length() && value.charAt(at) == '.') {
      at++;
      schema = name;
      name = name();
      if (name == null) {
        return fail("a table is expected after the schema", EXAMPLE);
      }
    }
    Text tableText = new TextSlice(text, from, at);
    List<OnClause.ListedColumn> columns = new ArrayList<>();
    skipSpace();
    if (at < value.length() && value.charAt(at) == '(') {
      if (!operations.contains(Operation.UPDATE)) {
        return fail(
            "a column list asks which columns an update changed, and there is no 'update' here",
            "remove the list, or add 'update'");
      }
      if (!columns(columns)) {
        return null;
      }
    }
    return end()
        ? new OnClause.Table(
            operations, schema == null ? null : schema.value(), name.value(), tableText, columns)
        : null;
  }

  private boolean columns(List<OnClause.ListedColumn> columns) {
    do {
      at++;
      Name column = name();
      if (column == null) {
        fail("a column is expected here", "write for example 'update orders(status, total)'");
        return false;
      }
      columns.add(new OnClause.ListedColumn(column.value(), column.text()));
      skipSpace();
    } while (at < value.length() && value.charAt(at) == ',');
    if (at == value.length() || value.charAt(at) != ')') {
      fail("')' or ',' is expected here", "write for example 'update orders(status, total)'");
      return false;
    }
    at++;
    return true;
  }

  private boolean end() {
    if (atEnd()) {
      return true;
    }
    int from = at;
    Name next = name();
    at = from;
    boolean condition = next != null && CONDITIONS.stream().anyMatch(next::isWord);
    fail(
        "nothing more is expected here",
        condition ? "conditions go into 'when'" : OnOfTriggers.help(value).orElse(EXAMPLE));
    return false;
  }

  private boolean atEnd() {
    skipSpace();
    return at == value.length();
  }

  /** The next name, or null if there is none; an unclosed quote ends with the text. */
  private @Nullable Name name() {
    skipSpace();
    int from = at;
    if (at < value.length() && value.charAt(at) == '"') {
      return quoted(from);
    }
    while (at < value.length() && isNamePart(value.charAt(at), at == from)) {
      at++;
    }
    return at == from
        ? null
        : new Name(
            new TextSlice(text, from, at),
            value.substring(from, at).toLowerCase(Locale.ROOT),
            /* quoted= */ false);
  }

  private @Nullable Name quoted(int from) {
    StringBuilder name = new StringBuilder();
    int next = from + 1;
    while (next < value.length()) {
      char c = value.charAt(next);
      if (c == '"') {
        if (!value.startsWith("\"\"", next)) {
          if (name.isEmpty()) {
            return null;
          }
          at = next + 1;
          return new Name(new TextSlice(text, from, at), name.toString(), /* quoted= */ true);
        }
        next++;
      }
      name.append(c);
      next++;
    }
    return null;
  }

  private static boolean isNamePart(char c, boolean first) {
    return Character.isLetter(c)
        || c == '_'
        || Character.isSurrogate(c)
        || (!first && (Character.isDigit(c) || c == '$'));
  }

  private void skipSpace() {
    while (at < value.length() && Character.isWhitespace(value.charAt(at))) {
      at++;
    }
  }

  private @Nullable OnClause fail(String message, String help) {
    skipSpace();
    problems.error(Codes.BAD_ON, text.at(at), message, help);
    return null;
  }
}
