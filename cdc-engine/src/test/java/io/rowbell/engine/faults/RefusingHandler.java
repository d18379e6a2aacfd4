package io.rowbell.engine.faults;

import io.rowbell.engine.EventHandler;
import io.rowbell.model.DomainEvent;

/** Takes everything but the events of one key. */
public final class RefusingHandler implements EventHandler {
  static final String REFUSED = "BAD";

  /** As the configuration needs it. */
  public RefusingHandler() {}

  @Override
  public void handle(DomainEvent event) {
    if (REFUSED.equals(event.key())) {
      throw new IllegalStateException("not today");
    }
  }
}
