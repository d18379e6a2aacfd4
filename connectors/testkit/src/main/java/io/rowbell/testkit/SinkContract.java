package io.rowbell.testkit;

import static io.rowbell.testkit.Samples.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link Sink} promises. A sink's test extends this and says how one is made, and what
 * its destination has seen.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
public abstract class SinkContract {
  private static final int MANY = 500;

  /** Opens a sink to a destination that takes everything; the same destination within one test. */
  protected abstract Sink open() throws Exception;

  /**
   * The ids of the events that the destination has seen in this test, in the order of their
   * arrival, repeated ones included. Waits for what is on its way.
   */
  protected abstract List<EventId> arrived() throws Exception;

  /** A sink to a destination that is not there; empty if that cannot be. */
  protected abstract Optional<Sink> openUnreachable() throws Exception;

  /** An event that the destination will never accept; empty if it takes every one. */
  protected abstract Optional<DomainEvent> unacceptable();

  private static void deliver(Sink sink, List<DomainEvent> events)
      throws SinkException, InterruptedException {
    int size = sink.maxBatch();
    for (int from = 0; from < events.size(); from += size) {
      sink.deliver(List.copyOf(events.subList(from, Math.min(events.size(), from + size))));
    }
  }

  private static List<EventId> ids(List<DomainEvent> events) {
    return events.stream().map(DomainEvent::id).toList();
  }

  @Test
  void onceDeliverHasReturnedTheEventsAreThereInOrder() throws Exception {
    List<DomainEvent> events =
        IntStream.range(0, MANY).mapToObj(i -> event("OrderPaid", "7", i)).toList();
    try (Sink sink = open()) {
      assertThat(sink.maxBatch()).isPositive();
      deliver(sink, events);
      assertThat(arrived()).isEqualTo(ids(events));
    }
  }

  @Test
  void everyEventIsTakenWhateverIsInIt() throws Exception {
    List<DomainEvent> events =
        List.of(
            event("NoKey", null, 1),
            event("EmptyKey", "", 2),
            event("Öffnung", "schlüssel é€😀 'quoted' \n", 3),
            event("JustNull", "k", 4, EventData.ofJson("null")),
            event("Large", "k", 5, EventData.ofJson("\"" + "é".repeat(50_000) + "\"")));
    try (Sink sink = open()) {
      deliver(sink, events);
      assertThat(arrived()).containsExactlyInAnyOrderElementsOf(ids(events));
    }
  }

  @Test
  void anEventThatIsDeliveredAgainHasTheSameId() throws Exception {
    DomainEvent event = event("OrderPaid", "7", 1);
    try (Sink sink = open()) {
      sink.deliver(List.of(event));
    }
    try (Sink sink = open()) {
      sink.deliver(List.of(event));
      // A destination may drop the repetition; it may not take it for another event.
      assertThat(arrived()).isNotEmpty().containsOnly(event.id());
    }
  }

  @Test
  void aDestinationThatIsNotThereMayBeTriedAgain() throws Exception {
    Optional<Sink> unreachable = openUnreachable();
    assumeTrue(unreachable.isPresent(), "the destination is always there");
    try (Sink sink = unreachable.get()) {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> sink.deliver(List.of(event("OrderPaid", "7", 1))))
            .isInstanceOf(RetryableException.class)
            .message()
            .isNotBlank()
            .doesNotContain("é€😀");
      }
    }
  }

  @Test
  void anEventThatIsNeverAcceptedIsNamedAndThoseBeforeItHaveArrived() throws Exception {
    Optional<DomainEvent> unacceptable = unacceptable();
    assumeTrue(unacceptable.isPresent(), "the destination takes every event");
    try (Sink sink = open()) {
      List<DomainEvent> events = new ArrayList<>();
      if (sink.maxBatch() > 1) {
        events.add(event("OrderPaid", "7", 1));
      }
      List<DomainEvent> before = List.copyOf(events);
      events.add(unacceptable.get());
      if (sink.maxBatch() > 2) {
        events.add(event("OrderPaid", "7", 2));
      }
      RejectedEventException rejection =
          catchThrowableOfType(RejectedEventException.class, () -> sink.deliver(events));
      assertThat(rejection.event()).isEqualTo(unacceptable.get().id());
      assertThat(arrived()).isEqualTo(ids(before));
      sink.deliver(List.of(event("OrderPaid", "7", 3)));
    }
  }

  @Test
  void closingTwiceIsClosing() throws Exception {
    Sink sink = open();
    sink.close();
    sink.close();
  }
}
