package io.rowbell.examples.fanout;

import io.rowbell.engine.EventHandler;
import io.rowbell.model.DomainEvent;

/** Counts registrations; gets the masked address only, because the rule lets no other out. */
public final class AnalyticsHandler implements EventHandler {
  /** Made by the engine. */
  public AnalyticsHandler() {}

  @Override
  public void handle(DomainEvent event) {
    Outbox.add("analytics: " + event.data());
  }
}
