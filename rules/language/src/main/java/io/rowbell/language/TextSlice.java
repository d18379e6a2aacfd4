package io.rowbell.language;

import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Text;

/**
 * A part of a text.
 *
 * @param whole the text
 * @param from where the part begins
 * @param to where it ends
 */
record TextSlice(Text whole, int from, int to) implements Text {
  @Override
  public String value() {
    return whole.value().substring(from, to);
  }

  @Override
  public Location at(int offset) {
    return whole.at(from + offset);
  }
}
