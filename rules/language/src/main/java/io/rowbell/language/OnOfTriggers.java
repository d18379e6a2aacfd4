package io.rowbell.language;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is written in {@code on} instead of what SQL writes in {@code CREATE TRIGGER}. */
final class OnOfTriggers {
  private static final Pattern UPDATE_OF =
      Pattern.compile("(?i)(?:(?:before|after)\\s+)?update\\s+of\\s+(.+?)\\s+on\\s+(\\S+)");
  private static final Pattern WITH_PREPOSITION =
      Pattern.compile(
          "(?i)(?:before|after)?\\s*((?:insert|update|delete|truncate)(?:\\s+or\\s+(?:insert|update|delete|truncate))*+)"
              + "\\s+(?:(?:into|from|on)\\s+)?(\\S+)");
  private static final Pattern COMMAS =
      Pattern.compile("(?i)((?:insert|update|delete|truncate)(?:\\s*,\\s*\\w+)++)\\s+(\\S+)");

  private OnOfTriggers() {}

  /**
   * @return empty if it is nothing of the kind
   */
  static Optional<String> help(String on) {
    String text = on.strip();
    Matcher matcher = UPDATE_OF.matcher(text);
    if (matcher.matches()) {
      return Optional.of("write 'update " + matcher.group(2) + "(" + matcher.group(1) + ")'");
    }
    matcher = WITH_PREPOSITION.matcher(text);
    if (matcher.matches()) {
      return Optional.of("write '" + matcher.group(1) + " " + matcher.group(2) + "'");
    }
    matcher = COMMAS.matcher(text);
    return matcher.matches()
        ? Optional.of(
            "write '"
                + matcher.group(1).replaceAll("\\s*,\\s*", " or ")
                + " "
                + matcher.group(2)
                + "'")
        : Optional.empty();
  }
}
