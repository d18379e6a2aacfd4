package io.rowbell.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class EventIdTest {
  private static final DatabaseId DATABASE = new DatabaseId("7300000000000000001", "shop");
  private static final Origin ORIGIN =
      new Origin(
          771, Instant.parse("2026-11-20T10:15:30.123456Z"), Position.parse("0/16B3748"), 0, null);

  @Test
  void theSameChangeAlwaysHasTheSameId() {
    // Written down: an id must survive every release, or replays would double events.
    assertThat(EventId.of(DATABASE, ORIGIN, "OrderPlaced", 0))
        .hasToString("54e5c764-5fe7-82a6-aba8-99f0e3065b06");
    assertThat(EventId.ofText(DATABASE, "outbox", "42"))
        .hasToString("4a3bfefe-25ec-8f46-bbc9-293a2d5e92a6");
    assertThat(
            EventId.ofSnapshotRow(
                DATABASE, "initial", new TableId("public", "orders"), "42", "OrderPlaced", 0))
        .hasToString("5a7e97a5-0029-8af2-ae6d-4ff1ae515eac");
  }

  @Test
  void aMessageOutsideOfTransactionsHasTheSameIdWheneverItIsReceived() {
    Origin first = received("2026-11-20T10:15:30Z", "0/16B3748");
    Origin again = received("2026-11-20T10:15:31Z", "0/16B3748");
    Origin other = received("2026-11-20T10:15:30Z", "0/16B3749");
    EventId id = EventId.of(DATABASE, first, "Reported", 0);
    assertThat(EventId.of(DATABASE, again, "Reported", 0)).isEqualTo(id);
    assertThat(EventId.of(DATABASE, other, "Reported", 0)).isNotEqualTo(id);
    assertThat(id).hasToString("922ad1ef-b674-811c-9acb-2c3af3617ca7");
  }

  private static Origin received(String time, String position) {
    return new Origin(0, Instant.parse(time), Position.parse(position), 0, null);
  }

  @Test
  void anotherDatabaseRuleOrTextIsAnotherEvent() {
    EventId id = EventId.ofText(DATABASE, "outbox", "42");

    assertThat(EventId.ofText(DATABASE, "outbox", "43")).isNotEqualTo(id);
    assertThat(EventId.ofText(DATABASE, "outbox4", "2")).isNotEqualTo(id);
    assertThat(EventId.ofText(new DatabaseId("7300000000000000001", "shop2"), "outbox", "42"))
        .isNotEqualTo(id);
    assertThat(EventId.ofText(new DatabaseId("1", "shop"), "outbox", "42")).isNotEqualTo(id);
  }

  @Test
  void isAUuidOfVersionEight() {
    EventId id = EventId.ofText(DATABASE, "outbox", "42");

    assertThat(id.value().version()).isEqualTo(8);
    assertThat(id.value().variant()).isEqualTo(2);
    assertThat(EventId.parse(id.toString())).isEqualTo(id);
  }
}
