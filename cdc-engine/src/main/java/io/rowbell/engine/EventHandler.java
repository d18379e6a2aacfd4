package io.rowbell.engine;

import io.rowbell.model.DomainEvent;

/**
 * Code of the user's that is called with events, in the engine's own process.
 *
 * <p>Named in the configuration, a class needs a public constructor without parameters. Called from
 * one thread of its own; for each key in commit order. An event may come again after a crash, with
 * the same id.
 */
@FunctionalInterface
public interface EventHandler {
  /**
   * Handles one event. Returning is acknowledging.
   *
   * @throws io.rowbell.spi.RejectedEventException if it never will be handled: it goes to the dead
   *     letters at once, and its key is parked
   * @throws Exception if it may be handled later: it is tried again with back-off, other keys go
   *     on, and when the retries are used up it goes to the dead letters and its key is parked
   */
  void handle(DomainEvent event) throws Exception;
}
