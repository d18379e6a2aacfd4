package io.rowbell.sqlite;

import io.rowbell.model.EventId;
import java.nio.ByteBuffer;
import java.util.UUID;

/** Event ids as the 16 bytes of the UUID. */
final class EventIds {
  private EventIds() {}

  static byte[] bytes(EventId id) {
    UUID uuid = id.value();
    return ByteBuffer.allocate(16)
        .putLong(uuid.getMostSignificantBits())
        .putLong(uuid.getLeastSignificantBits())
        .array();
  }

  static EventId of(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new EventId(new UUID(buffer.getLong(), buffer.getLong()));
  }
}
