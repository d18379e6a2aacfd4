package io.rowbell.model;

/**
 * A place in PostgreSQL's write-ahead log (an LSN), compared as the unsigned number that it is.
 *
 * @param lsn the 64 bits of the LSN
 */
public record Position(long lsn) implements Comparable<Position> {
  /** The LSN that PostgreSQL calls invalid; before every other. */
  public static final Position ZERO = new Position(0);

  /**
   * Reads PostgreSQL's text form.
   *
   * @param text two hexadecimal numbers of at most eight digits and a slash, for example {@code
   *     0/16B3748}
   * @throws IllegalArgumentException if {@code text} is anything else
   */
  public static Position parse(String text) {
    int slash = text.indexOf('/');
    try {
      if (slash < 1 || slash > 8 || text.length() - slash - 1 > 8) {
        throw new NumberFormatException();
      }
      long high = Long.parseUnsignedLong(text, 0, slash, 16);
      long low = Long.parseUnsignedLong(text, slash + 1, text.length(), 16);
      return new Position((high << 32) | low);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no WAL position: it looks like 0/16B3748", e);
    }
  }

  @Override
  public int compareTo(Position other) {
    return Long.compareUnsigned(lsn, other.lsn);
  }

  /** How many bytes of WAL lie between {@code earlier} and this position. */
  public long bytesSince(Position earlier) {
    return lsn - earlier.lsn;
  }

  /** PostgreSQL's text form, for example {@code 0/16B3748}. */
  @Override
  public String toString() {
    return Long.toHexString(lsn >>> 32).toUpperCase(java.util.Locale.ROOT)
        + "/"
        + Long.toHexString(lsn & 0xFFFF_FFFFL).toUpperCase(java.util.Locale.ROOT);
  }
}
