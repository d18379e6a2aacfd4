package io.rowbell.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A source that cannot go on. Its message is for people: what, where, why, and what to do next. */
public final class SourceException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What kind of failure it is; decides the process's exit code. */
  public enum Kind {
    /** The server cannot be reached or does not let us in. */
    UNREACHABLE,
    /** The database is not set up as it must be. */
    MISCONFIGURED,
    /** The slot and the journal do not fit together: going on would lose changes. */
    POSITION_MISMATCH,
    /** Another process that stood by follows the database now: this one must end. */
    TAKEN_OVER,
    /** The stream broke in a way that is not known to heal. */
    FAILED
  }

  private final Kind kind;
  private final transient List<Finding> findings;

  /**
   * @param kind what kind of failure
   * @param message what, where, why, what next
   * @param cause what the driver threw, if it did
   */
  public SourceException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.findings = List.of();
  }

  /**
   * A refusal to start.
   *
   * @param kind what kind of failure
   * @param findings why, at least one
   */
  public SourceException(Kind kind, List<Finding> findings) {
    super(findings.get(0).message());
    this.kind = kind;
    this.findings = List.copyOf(findings);
  }

  /** What kind of failure it is. */
  public Kind kind() {
    return kind;
  }

  /** Every reason to refuse, if the source was inspected; else empty. */
  public List<Finding> findings() {
    return findings;
  }
}
