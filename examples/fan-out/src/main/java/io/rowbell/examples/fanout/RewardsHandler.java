package io.rowbell.examples.fanout;

import io.rowbell.engine.EventHandler;
import io.rowbell.model.DomainEvent;
import java.io.IOException;

/** Gives bonus points; its service is down for the first calls. */
public final class RewardsHandler implements EventHandler {
  private static final int DOWN_FOR_CALLS = 3;

  private int calls;

  /** Made by the engine. */
  public RewardsHandler() {}

  @Override
  public void handle(DomainEvent event) throws IOException {
    calls++;
    if (calls <= DOWN_FOR_CALLS) {
      Outbox.add("rewards: down");
      throw new IOException("the rewards service does not answer");
    }
    Outbox.add("rewards: 100 points for user " + event.key());
  }
}
