package io.rowbell.testkit;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import io.rowbell.model.Position;
import io.rowbell.spi.Batch;
import io.rowbell.spi.StateChange;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Events and batches to test with. The same arguments always make the same. */
public final class Samples {
  /** The database that all of them come from. */
  public static final DatabaseId DATABASE = new DatabaseId("7512345678901234567", "shop");

  /** The topic of all of them. */
  public static final String TOPIC = "shop.events";

  private static final Instant TIME = Instant.parse("2026-11-20T08:15:30.123456Z");

  private Samples() {}

  /**
   * An event.
   *
   * @param number tells it apart from every other; its data is {@code {"n":number}} and more
   */
  public static DomainEvent event(String type, @Nullable String key, int number) {
    return event(type, key, number, EventData.ofJson("{\"n\":" + number + ",\"note\":\"é€😀\"}"));
  }

  /** An event with data of one's own. */
  public static DomainEvent event(String type, @Nullable String key, int number, EventData data) {
    return new DomainEvent(
        id(number),
        "/shop/public.orders",
        type,
        1,
        key,
        TIME.plusNanos(1_000L * number),
        TOPIC,
        Map.of(),
        data);
  }

  /** The id of the event of a number. */
  public static EventId id(int number) {
    return new EventId(new UUID(0x8000L | ((long) number << 32), 0x8000_0000_0000_0000L | number));
  }

  /** A dead letter about the event of a number. */
  public static DeadLetter deadLetter(
      @Nullable String subscriber, @Nullable String key, int number) {
    return new DeadLetter(
        id(number),
        subscriber,
        "OrderPaid",
        TOPIC,
        key,
        TIME.plusNanos(1_000L * number),
        "X401",
        "no such destination: 'é€😀'",
        EventData.ofJson("{\"n\":" + number + "}"));
  }

  /** A batch that brings the journal to a position, with nothing but events. */
  public static Batch batch(long lsn, DomainEvent... events) {
    return batch(lsn, List.of(events));
  }

  /** A batch that brings the journal to a position, with nothing but events. */
  public static Batch batch(long lsn, List<DomainEvent> events) {
    return new Batch(events, List.of(), List.of(), DATABASE, Checkpoint.at(new Position(lsn)));
  }

  /** A batch that brings the journal to a position, with nothing but state. */
  public static Batch stateBatch(long lsn, StateChange... state) {
    return new Batch(
        List.of(), List.of(), List.of(state), DATABASE, Checkpoint.at(new Position(lsn)));
  }
}
