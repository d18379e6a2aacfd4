package io.rowbell.engine.cli;

/** How results are written. */
enum Format {
  /** For programs. */
  JSON,
  /** For people. */
  TABLE;

  /** As it is given on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
