package io.rowbell.testkit;

import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import io.rowbell.spi.RejectedEventException;
import io.rowbell.spi.RetryableException;
import io.rowbell.spi.Sink;
import io.rowbell.spi.SinkException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The contract can be kept: by a list. */
class RecordingSinkTest extends SinkContract {
  private static final EventData REFUSED = EventData.ofJson("\"refused\"");

  private final List<EventId> arrived = new ArrayList<>();

  @Override
  protected Sink open() {
    return new Sink() {
      @Override
      public int maxBatch() {
        return 7;
      }

      @Override
      public void deliver(List<DomainEvent> events) throws SinkException {
        for (DomainEvent event : events) {
          if (event.data().equals(REFUSED)) {
            throw new RejectedEventException(event.id(), "refused", null);
          }
          arrived.add(event.id());
        }
      }

      @Override
      public void close() {}
    };
  }

  @Override
  protected List<EventId> arrived() {
    return arrived;
  }

  @Override
  protected Optional<Sink> openUnreachable() {
    return Optional.of(
        new Sink() {
          @Override
          public void deliver(List<DomainEvent> events) throws SinkException {
            throw new RetryableException("nobody there", null);
          }

          @Override
          public void close() {}
        });
  }

  @Override
  protected Optional<DomainEvent> unacceptable() {
    return Optional.of(Samples.event("Refused", "7", 99, REFUSED));
  }
}
