package io.rowbell.language;

import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Text;

/** The template of a topic with <code>{table}</code> replaced by the rule's table. */
final class TableInText implements Text {
  private static final String HOLE = "{table}";

  private final Text written;
  private final String value;
  private final int[] offsets;

  private TableInText(Text written, String value, int[] offsets) {
    this.written = written;
    this.value = value;
    this.offsets = offsets;
  }

  /**
   * @param table the name that stands instead, its own braces kept
   */
  static Text of(Text written, String table) {
    String name = table.replace("{", "{{").replace("}", "}}");
    String source = written.value();
    StringBuilder value = new StringBuilder();
    int holes = (source.length() - source.replace(HOLE, "").length()) / HOLE.length();
    int[] offsets = new int[source.length() + holes * name.length() + 1];
    int at = 0;
    while (at < source.length()) {
      boolean escaped = source.startsWith("{{", at);
      boolean hole = !escaped && source.startsWith(HOLE, at);
      String next =
          hole ? name : source.substring(at, Math.min(at + (escaped ? 2 : 1), source.length()));
      for (int i = 0; i < next.length(); i++) {
        offsets[value.length() + i] = hole ? at : at + i;
      }
      value.append(next);
      at += hole ? HOLE.length() : next.length();
    }
    offsets[value.length()] = source.length();
    return new TableInText(written, value.toString(), offsets);
  }

  @Override
  public String value() {
    return value;
  }

  @Override
  public Location at(int offset) {
    return written.at(offsets[offset]);
  }
}
