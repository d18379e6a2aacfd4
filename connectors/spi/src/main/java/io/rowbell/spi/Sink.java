package io.rowbell.spi;

import io.rowbell.model.DomainEvent;
import java.util.List;

/**
 * Delivers domain events to one destination.
 *
 * <p>Returning is acknowledging: once {@link #deliver} returns, the cursor moves past the events.
 * An event delivered again has the same {@link DomainEvent#id()}. Called from one thread at a time.
 * Do not retry here: the subscriber does, with back-off, without holding other keys.
 */
public interface Sink extends AutoCloseable {
  /** How many events one call may carry; 1 unless the destination takes several at once. */
  default int maxBatch() {
    return 1;
  }

  /**
   * @param events at least one, in commit order for each key
   * @throws RetryableException if the same list may succeed later; some events may have arrived
   * @throws RejectedEventException if the destination will never accept the named event; events
   *     before it in the list have arrived, those after it have not
   */
  void deliver(List<DomainEvent> events) throws SinkException, InterruptedException;

  @Override
  void close();
}
