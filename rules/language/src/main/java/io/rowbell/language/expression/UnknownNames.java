package io.rowbell.language.expression;

import io.rowbell.language.issue.Location;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What was likely meant by a name that neither exists nor is near to one that does. */
final class UnknownNames {
  private static final Pattern CAPITALS = Pattern.compile("[A-Z][A-Z0-9_]*");
  private static final Pattern PATH = Pattern.compile("[A-Za-z_][\\w.]*\\.(\\w+)");
  private static final Map<String, String> WORDS =
      Map.of(
          "OLD", "write before for the row before the change",
          "NEW", "write after for the row after the change",
          "CURRENT_TIMESTAMP", "use ts, the commit time");

  private UnknownNames() {}

  /**
   * Help for a name in an expression.
   *
   * @param at where it stands
   * @param table the rule's table
   */
  static @Nullable String help(String name, Location at, String table) {
    int end = at.column() - 1 + name.length();
    String rest = end <= at.lineText().length() ? at.lineText().substring(end).strip() : "";
    boolean hasMembers = rest.startsWith(".") || rest.startsWith("[");
    String word = name.toUpperCase(Locale.ROOT);
    if (WORDS.containsKey(word) && (hasMembers || word.equals(name))) {
      return WORDS.get(word);
    }
    if (hasMembers && name.equals(table)) {
      return "a column stands without its table";
    }
    return CAPITALS.matcher(name).matches() && !hasMembers
        ? "text stands between quotes: '" + name + "'"
        : null;
  }

  /** Help for an entry of {@code data} that is only a name. */
  static @Nullable String helpForEntry(String name) {
    Matcher path = PATH.matcher(name);
    if (path.matches()) {
      return "write a name for it: " + path.group(1) + ": " + name;
    }
    return name.contains("(") ? "write a name for it: <name>: " + name : null;
  }
}
