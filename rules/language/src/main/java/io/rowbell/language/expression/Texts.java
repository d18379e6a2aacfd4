package io.rowbell.language.expression;

import java.util.Arrays;

/** Text measured and ordered in code points, as PostgreSQL's collation {@code C} and CEL do. */
final class Texts {
  /** PostgreSQL's own bound is 1 GB; more than this is a rule that runs away. */
  private static final int MAX_LENGTH = 1 << 24;

  private Texts() {}

  /** Orders by code point: by UTF-16 alone, an emoji would come before some letters. */
  static int compare(String a, String b) {
    int shorter = Math.min(a.length(), b.length());
    for (int i = 0; i < shorter; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean surrogates = Character.isSurrogate(x) == Character.isSurrogate(y);
        return surrogates ? x - y : Character.isSurrogate(x) ? 1 : -1;
      }
    }
    return a.length() - b.length();
  }

  /** The part between two code points, clipped to the text. */
  static String substring(String text, long from, long to) {
    int length = text.codePointCount(0, text.length());
    int start = (int) Math.max(0, Math.min(from, length));
    int end = (int) Math.max(start, Math.min(to, length));
    int first = text.offsetByCodePoints(0, start);
    return text.substring(first, text.offsetByCodePoints(first, end - start));
  }

  /**
   * Both, one behind the other.
   *
   * @throws EvaluationException with X407 if the text would be longer than any column's
   */
  static String concat(String a, String b) {
    bound((long) a.length() + b.length());
    return a.concat(b);
  }

  /**
   * Both, one behind the other.
   *
   * @throws EvaluationException with X407 if they would be longer than any text may be
   */
  static byte[] concat(byte[] a, byte[] b) {
    bound((long) a.length + b.length);
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /**
   * With every occurrence of a part replaced.
   *
   * @throws EvaluationException with X407 if the text would be longer than any column's
   */
  static String replace(String text, String part, String other) {
    long growth = (long) other.length() - part.length();
    if (growth > 0) {
      long occurrences = part.isEmpty() ? text.length() + 1L : count(text, part);
      bound(text.length() + occurrences * growth);
    }
    return text.replace(part, other);
  }

  private static long count(String text, String part) {
    long count = 0;
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
      count++;
    }
    return count;
  }

  private static void bound(long length) {
    if (length > MAX_LENGTH) {
      throw new EvaluationException("X407", "the text grows beyond " + MAX_LENGTH + " characters");
    }
  }

  /** Without Unicode's white space at its ends. */
  static String trim(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (end > start && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  /** How many code points a text has. */
  static long size(String text) {
    return text.codePointCount(0, text.length());
  }
}
