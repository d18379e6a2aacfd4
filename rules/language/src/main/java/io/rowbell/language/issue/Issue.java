package io.rowbell.language.issue;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One problem of a file.
 *
 * @param severity whether the file can be used in spite of it
 * @param code the catalogue's code, for example {@code E101}
 * @param message what is wrong, in one sentence without a full stop
 * @param location where
 * @param help the next step, or null if the message says it all
 */
public record Issue(
    Severity severity, String code, String message, Location location, @Nullable String help) {
  public Issue {
    Objects.requireNonNull(severity, "severity");
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(location, "location");
  }

  /** Whether a file can be used in spite of an issue. */
  public enum Severity {
    ERROR,
    WARNING
  }

  /** How much of a long line is shown around its caret, in characters. */
  private static final int SHOWN = 200;

  /**
   * The message, the source line, a caret and the help, each on its own line, without a final line
   * end. Of a line longer than 200 characters only the part around the caret is shown.
   */
  public String render() {
    String number = String.format("%6d", location.line());
    String margin = " ".repeat(number.length());
    String line = location.lineText();
    int from = line.length() <= SHOWN ? 0 : Math.max(0, location.column() - 1 - SHOWN / 2);
    int to = Math.min(line.length(), from + SHOWN);
    StringBuilder text =
        new StringBuilder()
            .append(location)
            .append(": ")
            .append(severity == Severity.ERROR ? "error " : "warning ")
            .append(code)
            .append(": ")
            .append(message)
            .append('\n')
            .append(number)
            .append(from == 0 ? " | " : " | ...")
            .append(line, Math.min(from, to), to)
            .append(to == line.length() ? "\n" : "...\n")
            .append(margin)
            .append(from == 0 ? " | " : " |    ");
    // Tabs are kept, so that the caret stands under its character whatever a tab's width.
    for (int i = from; i < location.column() - 1; i++) {
      text.append(i < line.length() && line.charAt(i) == '\t' ? '\t' : ' ');
    }
    text.append('^');
    if (help != null) {
      text.append('\n').append(margin).append(" = help: ").append(help);
    }
    return text.toString();
  }
}
