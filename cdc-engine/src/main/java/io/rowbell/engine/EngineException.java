package io.rowbell.engine;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why an engine cannot start or go on. Its message is for people and complete: what, where, why,
 * what next.
 */
public final class EngineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  /**
   * @param exitCode how a process should end because of it
   * @param message what, where, why, what next; may have several lines
   * @param cause what was thrown, if anything was
   */
  public EngineException(ExitCode exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = Objects.requireNonNull(exitCode, "exitCode");
  }

  /** How a process should end because of it. */
  public ExitCode exitCode() {
    return exitCode;
  }
}
