package io.rowbell.spi;

import io.rowbell.model.EventId;
import org.jspecify.annotations.Nullable;

/** The destination will never accept one of the events. */
public final class RejectedEventException extends SinkException {
  private static final long serialVersionUID = 1L;

  private final EventId event;

  /**
   * @param event which one
   * @param message why
   * @param cause what the client threw, if it did
   */
  public RejectedEventException(EventId event, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.event = event;
  }

  /** Which event was refused. */
  public EventId event() {
    return event;
  }
}
