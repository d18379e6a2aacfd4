package io.rowbell.language.fuzz;

import java.util.Random;

/** A file with a few random faults. */
final class Mutation {
  private static final String[] PIECES = {
    " ",
    "\n",
    "  ",
    "\t",
    "'",
    "\"",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    ": ",
    " #",
    "!",
    "&",
    "*",
    "|",
    ">",
    "?",
    "-",
    "- ",
    "%",
    "@",
    "`",
    "\\",
    ".",
    "null",
    "before.",
    "in",
    "or",
    "1e9",
    "9223372036854775808",
    "\u00e9",
    "\uD83D\uDE00",
    "\u0000",
    "\u0085",
    "\u2028",
    "\uFEFF",
    "\uD83D",
    "\r",
    "row",
    "vars",
    "==",
    "<<: ",
    "---\n",
    "...\n",
    "? ",
    "!!map ",
    "&a ",
    "*a",
    "%YAML 1.2\n",
    "while",
    "last.x",
    "{{",
    "((((((((((",
    "[[[[[[[[[["
  };

  private Mutation() {}

  static String of(String original, Random random) {
    StringBuilder file = new StringBuilder(original);
    for (int i = random.nextInt(4); i >= 0 && file.length() > 0; i--) {
      int at = random.nextInt(file.length());
      int end = Math.min(file.length(), at + 1 + random.nextInt(12));
      String piece = PIECES[random.nextInt(PIECES.length)];
      switch (random.nextInt(6)) {
        case 0 -> file.insert(at, piece);
        case 1 -> file.delete(at, end);
        case 2 -> file.replace(at, at + 1, piece);
        case 3 -> file.insert(at, piece.repeat(1 + random.nextInt(200)));
        case 4 -> file.setCharAt(at, (char) random.nextInt(256));
        default -> file.insert(random.nextInt(file.length()), file.substring(at, end));
      }
    }
    return file.toString();
  }
}
