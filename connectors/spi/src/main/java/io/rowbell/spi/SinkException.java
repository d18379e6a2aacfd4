package io.rowbell.spi;

import org.jspecify.annotations.Nullable;

/** A delivery that failed. Its message says what, where and why, without the event's data. */
public abstract sealed class SinkException extends Exception
    permits RetryableException, RejectedEventException {
  private static final long serialVersionUID = 1L;

  SinkException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
