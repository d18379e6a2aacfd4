package io.rowbell.engine;

/** How a process of ours ends, for scripts and supervisors. */
public enum ExitCode {
  /** All went well. */
  OK(0),
  /** A check or a test of the user's found something. */
  CHECK_FAILED(1),
  /** The command line is wrong. */
  USAGE(2),
  /** The configuration, the rules or the database's set-up is wrong. */
  CONFIGURATION(3),
  /** The database cannot be reached or does not let us in. */
  SOURCE_UNREACHABLE(4),
  /** The journal cannot go on: full for good, damaged, fenced, not permitted. */
  DESTINATION_FATAL(5),
  /** The slot and the journal do not fit together: going on would lose changes. */
  POSITION_MISMATCH(6),
  /** A fault of Rowbell's own. */
  INTERNAL(70),
  /** The pipeline hung, or did not end: the process was ended as it was. */
  HUNG(71);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  /** The number the process exits with. */
  public int code() {
    return code;
  }
}
