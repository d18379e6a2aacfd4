package io.rowbell.spi;

import org.jspecify.annotations.Nullable;

/**
 * A journal that cannot go on. Its message is for people: what, where, why, and what to do next.
 */
public final class JournalException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What can be done about it. */
  public enum Kind {
    /**
     * It may heal: close, open anew, go on from the journal's own position. The outcome may be
     * unknown.
     */
    UNAVAILABLE,
    /** Another writer has taken over: this process must end. */
    FENCED,
    /** There is no room: nothing is read from the database until there is. */
    FULL,
    /**
     * It will not heal by itself: damaged, of another pipeline, not permitted, wrongly configured.
     */
    FATAL
  }

  private final Kind kind;

  /**
   * @param kind what can be done about it
   * @param message what, where, why, what next
   * @param cause what the driver threw, if it did
   */
  public JournalException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What can be done about it. */
  public Kind kind() {
    return kind;
  }
}
