package io.rowbell.language.expression;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A condition, or a part of one, and what it came to for one change.
 *
 * @param label which row it was asked of ({@code after}, {@code before}) if it is a part of {@code
 *     becomes}, {@code let} if it stands behind a name; else empty
 * @param text as the rule has it, on one line
 * @param operator {@code and}, {@code or}, {@code not}, {@code choice} or {@code becomes} of its
 *     parts, else empty
 * @param result a truth
 * @param detail the values that were compared, as {@code 4.99 >= 5}; null if it compares none
 * @param parts the conditions it is made of
 * @param readings the values it reads, without those of its parts
 */
public record Explained(
    String label,
    String text,
    String operator,
    ShownValue result,
    @Nullable String detail,
    List<Explained> parts,
    List<Reading> readings) {
  public Explained {
    parts = List.copyOf(parts);
    readings = List.copyOf(readings);
  }

  /** Where a value is from. */
  public enum Source {
    COLUMN,
    LAST,
    LET,
    CONSTANT,
    FACT,
    WINDOW
  }

  /**
   * A value that was read.
   *
   * @param name as the rule has it, for example {@code last.price}
   */
  public record Reading(String name, ShownValue value, Source source) {}
}
