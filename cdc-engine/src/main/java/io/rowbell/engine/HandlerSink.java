package io.rowbell.engine;

import io.rowbell.model.DomainEvent;
import io.rowbell.spi.RetryableException;
import io.rowbell.spi.Sink;
import io.rowbell.spi.SinkException;
import java.util.List;

/**
 * Delivers to a handler in this process. Whatever the handler throws may be retried, unless it says
 * otherwise.
 */
final class HandlerSink implements Sink {
  private final EventHandler handler;
  private final boolean owned;

  private HandlerSink(EventHandler handler, boolean owned) {
    this.handler = handler;
    this.owned = owned;
  }

  /** A handler that is closed with the sink, if it can be. */
  static HandlerSink owned(EventHandler handler) {
    return new HandlerSink(handler, true);
  }

  /** A handler that belongs to the caller: it is used again when the journal is opened anew. */
  static HandlerSink borrowed(EventHandler handler) {
    return new HandlerSink(handler, false);
  }

  @Override
  public void deliver(List<DomainEvent> events) throws SinkException, InterruptedException {
    for (DomainEvent event : events) {
      try {
        handler.handle(event);
      } catch (SinkException e) {
        throw e;
      } catch (Exception e) {
        throw new RetryableException("the handler threw " + e, e);
      } finally {
        // A handler's interrupt is its own matter; when the engine interrupts it has set its own
        // mark before.
        Thread.interrupted();
      }
    }
  }

  /** Closes the handler if it is owned and can be closed. */
  @Override
  public void close() {
    if (owned && handler instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        throw new IllegalStateException(
            "handler " + handler.getClass().getName() + " failed to close", e);
      }
    }
  }
}
