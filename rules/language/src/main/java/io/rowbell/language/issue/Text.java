package io.rowbell.language.issue;

/** A text that was written in a file, and where each of its characters stands there. */
public interface Text {
  /** The text as it is meant: unquoted, unfolded. */
  String value();

  /**
   * Where a character of the value stands in the file.
   *
   * @param offset from 0 to the length of the value
   */
  Location at(int offset);

  /**
   * A text of its own, for tests and for expressions given on the command line: it is its whole
   * file.
   */
  static Text of(String file, String value) {
    return new Text() {
      @Override
      public String value() {
        return value;
      }

      @Override
      public Location at(int offset) {
        int start = value.lastIndexOf('\n', Math.max(offset - 1, 0)) + 1;
        if (offset == 0) {
          start = 0;
        }
        int end = value.indexOf('\n', start);
        int line = 1 + (int) value.substring(0, start).chars().filter(c -> c == '\n').count();
        return new Location(
            file, line, offset - start + 1, value.substring(start, end < 0 ? value.length() : end));
      }
    };
  }
}
