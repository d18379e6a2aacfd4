package io.rowbell.language.issue;

import java.util.Objects;

/**
 * A place in a file.
 *
 * @param file as the user named it
 * @param line from 1
 * @param column from 1, in characters
 * @param lineText the whole line, without its end
 */
public record Location(String file, int line, int column, String lineText) {
  public Location {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(lineText, "lineText");
  }

  /** {@code file:line:column}. */
  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
