package io.rowbell.spi;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The destination may accept the same events later. */
public final class RetryableException extends SinkException {
  private static final long serialVersionUID = 1L;

  private final @Nullable Duration after;

  /**
   * @param message what failed and why
   * @param cause what the client threw, if it did
   */
  public RetryableException(String message, @Nullable Throwable cause) {
    this(message, cause, null);
  }

  /**
   * @param message what failed and why
   * @param cause what the client threw, if it did
   * @param after how long the destination asked to wait, if it did
   */
  public RetryableException(String message, @Nullable Throwable cause, @Nullable Duration after) {
    super(message, cause);
    this.after = after;
  }

  /** How long the destination asked to wait; the retry policy's delay if that is longer. */
  public Optional<Duration> after() {
    return Optional.ofNullable(after);
  }
}
