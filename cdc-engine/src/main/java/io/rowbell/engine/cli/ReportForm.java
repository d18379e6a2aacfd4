package io.rowbell.engine.cli;

/** How a report is written. */
enum ReportForm {
  /** For people. */
  TEXT,
  /** For programs. */
  JSON;

  /** As it is given on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
