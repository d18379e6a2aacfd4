package io.rowbell.language.expression;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the language has instead of the words and operators of SQL, however they are spelt. */
final class ForeignWords {
  /** What stands before a foreign operator, if it is a name or a path. */
  private static final Pattern OPERAND =
      Pattern.compile("(?<![\\w.'\"\\])])([A-Za-z_][\\w.]*)\\s+$");

  private static final Pattern AFTER_NOT = Pattern.compile("(?i)(?<![\\w.])not\\s+$");

  /** What is written instead of several words; {@code %s} is the operand before them. */
  private record Phrase(Pattern words, String instead) {
    static Phrase of(String words, String instead) {
      return new Phrase(Pattern.compile("(?is)" + words + "\\b.*"), instead);
    }
  }

  private static final List<Phrase> PHRASES =
      List.of(
          Phrase.of("is\\s+not\\s+null", "write %s != null"),
          Phrase.of("is\\s+null", "write %s == null"),
          Phrase.of("is\\s+not", "write %s != ..."),
          Phrase.of("i?like", "write startsWith(%s, '...'), endsWith, contains or matches"),
          Phrase.of("not\\s+i?like", "write !startsWith(%s, '...'), endsWith, contains or matches"),
          Phrase.of("not\\s+in", "write !(%s in ['a', 'b'])"),
          Phrase.of("between", "write %1$s >= a && %1$s <= b"));

  /** What stands before what is unexpected. */
  private static final Map<Pattern, String> LEADS =
      Map.of(
          Pattern.compile("(?i)(?<![\\w.])select\\s+$"),
          "a rule sees the row that changed, and asks no other rows",
          Pattern.compile("(?i)(?<![\\w.])count\\s*\\($"),
          "a rule sees the row that changed, and asks no other rows; count_over(condition, '5m') counts"
              + " changes",
          Pattern.compile("(?i)(?<![\\w.])case\\s+$"),
          "write condition ? a : b",
          Pattern.compile("(?i)(?<![\\w.])in\\s*\\([^()]*$"),
          "a list stands between brackets: x in ['a', 'b']");

  /** A length of time as rules write it where there are no expressions: {@code 90s}. */
  private static final Pattern LENGTH = Pattern.compile("(?<![\\w.])(\\d+)$");

  private static final Pattern UNIT = Pattern.compile("(?s)(ms|[dhms])\\b.*");

  private static final Map<String, String> WORDS =
      Map.of(
          "and", "write &&",
          "or", "write ||",
          "not", "write !",
          "is", "compare with ==",
          "=", "compare with ==",
          "<>", "write !=",
          "&", "write &&",
          "|", "write ||",
          "$", "a column stands without '$'",
          "@", "a column stands without '@'");

  private ForeignWords() {}

  /**
   * Help for something unexpected.
   *
   * @param offset where it stands in the source
   * @return null if it is no foreign word
   */
  static @Nullable String help(String source, int offset, String found) {
    String before = source.substring(0, offset);
    String rest = source.substring(offset);
    for (Map.Entry<Pattern, String> lead : LEADS.entrySet()) {
      if (lead.getKey().matcher(before).find()) {
        return lead.getValue();
      }
    }
    Matcher length = LENGTH.matcher(before);
    Matcher unit = UNIT.matcher(rest);
    if (length.find() && unit.matches()) {
      return "a length of time stands between quotes: '" + length.group(1) + unit.group(1) + "'";
    }
    if (rest.startsWith("::")) {
      return "write string(x), decimal(x), int(x) or timestamp(x)";
    }
    for (Phrase phrase : PHRASES) {
      if (phrase.words().matcher(rest).matches()) {
        Matcher operand = OPERAND.matcher(before);
        return String.format(phrase.instead(), operand.find() ? operand.group(1) : "x");
      }
    }
    return AFTER_NOT.matcher(before).find()
        ? WORDS.get("not")
        : WORDS.get(found.toLowerCase(Locale.ROOT));
  }
}
