package io.rowbell.language.yaml;

import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Text;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A scalar as text: whether it means a number, a word or an expression is its reader's to say. */
public final class YamlScalar implements YamlNode, Text {
  /** How a scalar was written. */
  public enum Style {
    PLAIN,
    SINGLE_QUOTED,
    DOUBLE_QUOTED,
    /** A block after {@code |}. */
    LITERAL,
    /** A block after {@code >}. */
    FOLDED
  }

  private final SourceText source;
  private final String value;
  private final Style style;
  private final int start;
  private final int end;
  private final boolean inFlow;
  private final boolean broken;
  // Worked out for the first message that needs it; a race only repeats the work.
  private int @Nullable [] positions;

  YamlScalar(
      SourceText source,
      String value,
      Style style,
      int start,
      int end,
      boolean inFlow,
      boolean broken) {
    this.source = source;
    this.value = value;
    this.style = style;
    this.start = start;
    this.end = end;
    this.inFlow = inFlow;
    this.broken = broken;
  }

  /** The text as it is meant: unquoted, unescaped, unfolded. */
  @Override
  public String value() {
    return value;
  }

  /** How it was written. */
  public Style style() {
    return style;
  }

  /** Whether it was written without quotes and not as a block. */
  public boolean isPlain() {
    return style == Style.PLAIN;
  }

  /** Whether nothing was written at all, as after {@code key:} or for a bare entry of a mapping. */
  public boolean isEmpty() {
    return isPlain() && value.isEmpty() && !broken;
  }

  /** Whether it stands between <code>{ }</code> or <code>[ ]</code>. */
  public boolean isInFlow() {
    return inFlow;
  }

  /**
   * Whether the reader has reported it already: its value is not what was meant, so a caller passes
   * it over in silence.
   */
  public boolean isBroken() {
    return broken;
  }

  /** Where it begins: for a quoted scalar its quote, for a block its {@code |} or {@code >}. */
  @Override
  public Location location() {
    return source.at(start);
  }

  @Override
  public Location at(int offset) {
    Objects.checkIndex(offset, value.length() + 1);
    int[] known = positions;
    if (known == null) {
      known = ScalarPositions.of(source.text(), start, end, style, value);
      positions = known;
    }
    return source.at(known[offset]);
  }

  /**
   * Where a comment begins on the line on which a plain scalar ends; null if there is none. An
   * author may have meant it as part of the text.
   */
  public @Nullable Location commentAfter() {
    if (!isPlain()) {
      return null;
    }
    String text = source.text();
    int at = end;
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
    return at > end && at < text.length() && text.charAt(at) == '#' ? source.at(at) : null;
  }

  @Override
  public String kind() {
    return isEmpty() ? "nothing" : "text";
  }

  @Override
  public String toString() {
    return value;
  }
}
