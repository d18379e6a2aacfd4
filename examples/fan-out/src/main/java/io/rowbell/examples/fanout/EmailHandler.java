package io.rowbell.examples.fanout;

import io.rowbell.engine.EventHandler;
import io.rowbell.model.DomainEvent;

/** Welcomes a new user. */
public final class EmailHandler implements EventHandler {
  /** Made by the engine. */
  public EmailHandler() {}

  @Override
  public void handle(DomainEvent event) {
    Outbox.add("email: welcome, user " + event.key());
  }
}
