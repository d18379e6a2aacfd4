package io.rowbell.engine.cli;

import java.util.Map;

/**
 * What is known of the place where output goes.
 *
 * @param colours whether results may be coloured
 * @param width how many columns a line may have; large if it is no terminal
 */
record Terminal(boolean colours, int width) {
  private static final int UNLIMITED = 1 << 16;

  /** No terminal at all: a file, a pipe, a test. */
  static final Terminal NONE = new Terminal(false, UNLIMITED);

  /**
   * What the launcher found out and passed on in system properties: Java 17 cannot tell whether its
   * standard output is a terminal.
   *
   * @param environment {@code NO_COLOR} counts if it is not empty, as does {@code TERM=dumb}
   */
  static Terminal detect(Map<String, String> environment) {
    if (!System.getProperty("rowbell.terminal", "").equals("out")) {
      return NONE;
    }
    boolean plain =
        !environment.getOrDefault("NO_COLOR", "").isEmpty()
            || environment.getOrDefault("TERM", "").equals("dumb");
    return new Terminal(!plain, columns());
  }

  private static int columns() {
    int columns = Integer.getInteger("rowbell.terminal.width", 0);
    return columns >= 40 ? columns : 100;
  }

  /** A text in a colour; itself if there are none. */
  String paint(Colour colour, String text) {
    return colours ? colour.start + text + "\u001b[0m" : text;
  }

  /** What a text is painted in. */
  enum Colour {
    ERROR("\u001b[1;31m"),
    WARNING("\u001b[33m"),
    GOOD("\u001b[32m"),
    STRONG("\u001b[1m"),
    FAINT("\u001b[2m");

    private final String start;

    Colour(String start) {
      this.start = start;
    }
  }
}
