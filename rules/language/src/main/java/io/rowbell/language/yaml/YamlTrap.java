package io.rowbell.language.yaml;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A value that is a fine expression and no YAML: found from where the parser stopped.
 *
 * @param start where the value begins
 * @param end where its line ends
 * @param caret the character to point at
 * @param message what YAML makes of it
 */
record YamlTrap(int start, int end, int caret, String message) {
  static final String QUOTE_IT =
      "write the whole value between quotes, or after '|' on a line of its own";

  /** {@code key: value}, after list dashes; the value is group 1. */
  private static final Pattern KEY_AND_VALUE =
      Pattern.compile(
          "^[ \\t]*(?:-[ \\t]+)*+(?:[^\\s:#'\"\\[\\]{}]+|\"[^\"]*\"|'[^']*')[ \\t]*:[ \\t]+(\\S.*?)[ \\t]*,?[ \\t]*$");

  /** What a rule listens to, its operations written as a list. */
  private static final Pattern OPERATIONS_AND_TABLE = operationsAndTable();

  private static Pattern operationsAndTable() {
    String operation = "\\s*(?:insert|update|delete|truncate|snapshot)\\s*";
    return Pattern.compile("\\[(" + operation + "(?:," + operation + ")*+)\\]\\s*([\\w\".]\\S*)");
  }

  /**
   * @param found the values that were found before
   * @return null if the parser stopped for another reason
   */
  static @Nullable YamlTrap find(SourceText source, YamlEngineException e, Set<Integer> found) {
    if (!(e instanceof MarkedYamlEngineException marked)
        || marked.getProblemMark().isEmpty()
        || marked.getProblem() == null) {
      return null;
    }
    int at = source.offset(marked.getProblemMark().get().getIndex());
    int from = marked.getContextMark().map(mark -> source.offset(mark.getIndex())).orElse(at);
    String context = marked.getContext() == null ? "" : marked.getContext();
    Stop stop = new Stop(at, from, marked.getProblem(), context);
    YamlTrap trap = onLine(source, source.line(at), stop);
    if (trap == null && source.line(from) != source.line(at)) {
      trap = onLine(source, source.line(from), new Stop(from, from, stop.problem(), context));
    }
    return trap == null || found.contains(trap.start()) ? null : trap;
  }

  /**
   * Where and why the parser stopped.
   *
   * @param from where what it was reading began
   */
  private record Stop(int at, int from, String problem, String context) {
    boolean afterValue() {
      return problem.contains("<block end>");
    }

    /** Something was read as the header of a block: {@code >} or {@code |}. */
    boolean asBlock() {
      return problem.contains("chomping") || problem.contains("a comment or a line break");
    }
  }

  private static @Nullable YamlTrap onLine(SourceText source, int line, Stop stop) {
    String text = source.lineText(line);
    Matcher matcher = text.length() > 4096 ? null : KEY_AND_VALUE.matcher(text);
    if (matcher == null || !matcher.matches()) {
      return null;
    }
    int start = source.lineStart(line) + matcher.start(1);
    int end = source.lineStart(line) + matcher.end(1);
    char first = matcher.group(1).charAt(0);
    if (stop.at() < start || (end - start < 2 && first != '*')) {
      return null;
    }
    String beginning = beginning(first);
    if (beginning != null) {
      return new YamlTrap(start, end, start, beginning);
    }
    return switch (first) {
      case '"', '\'' ->
          stop.afterValue() || stop.asBlock()
              ? new YamlTrap(
                  start,
                  end,
                  start,
                  "YAML reads a value that begins with a quote only as far as the closing quote")
              : null;
      case '{', '[' -> inFlow(source, start, end, stop);
      case '>', '|' ->
          stop.asBlock()
              ? new YamlTrap(
                  start,
                  end,
                  start,
                  "YAML reads a value that begins with '" + first + "' as a block")
              : null;
      default ->
          stop.problem().contains("mapping values are not allowed")
              ? new YamlTrap(start, end, stop.at(), "YAML reads ': ' as the end of a key")
              : null;
    };
  }

  /** What YAML makes of a value's first character, whatever follows; null if nothing special. */
  private static @Nullable String beginning(char first) {
    return switch (first) {
      case '!' -> "YAML reads a value that begins with '!' as a tag";
      case '&' -> "YAML reads a value that begins with '&' as an anchor";
      case '*' -> "YAML reads a value that begins with '*' as an alias";
      case '%', '@', '`' -> "YAML lets no value begin with '" + first + "'";
      default -> null;
    };
  }

  private static @Nullable YamlTrap inFlow(SourceText source, int start, int end, Stop stop) {
    if (stop.afterValue()) {
      char first = source.text().charAt(start);
      String what = first == '{' ? "a mapping" : "a list";
      return new YamlTrap(
          start, end, start, "YAML reads a value that begins with '" + first + "' as " + what);
    }
    if (stop.at() >= end) {
      return null;
    }
    boolean scanned = stop.context().startsWith("while scanning a");
    int caret = scanned && stop.from() >= start ? stop.from() : stop.at();
    String beginning = beginning(source.text().charAt(caret));
    if (beginning != null) {
      return new YamlTrap(start, end, caret, beginning);
    }
    return stop.problem().contains("expected ','")
        ? new YamlTrap(
            start,
            end,
            stop.at(),
            "between { } or [ ] YAML ends a value at each of , : [ ] { }, so it cannot read on here")
        : null;
  }

  void report(SourceText source, Problems problems) {
    problems.error(
        Codes.YAML_TRAP, source.at(caret), message, help(source.text().substring(start, end)));
  }

  private static String help(String value) {
    if (value.equals("*")) {
      return "write 'row' for every column";
    }
    Matcher list = OPERATIONS_AND_TABLE.matcher(value);
    return list.matches()
        ? "write '"
            + list.group(1).strip().replaceAll("\\s*,\\s*", " or ")
            + " "
            + list.group(2)
            + "'"
        : QUOTE_IT;
  }

  /** The text with an empty quoted value instead, every other character where it was. */
  String blank(String text) {
    String nothing = end - start < 2 ? "_" : "''" + " ".repeat(end - start - 2);
    return text.substring(0, start) + nothing + text.substring(end);
  }
}
