package io.rowbell.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.UUID;

/**
 * The identity of an event: the same change under the same rule always has the same one, whatever
 * was killed, cut, restarted or replayed in between.
 *
 * <p>The first 128 bits of a SHA-256 over what names the change, written as a UUID of version 8
 * (RFC 9562). An LSN alone would not do: the rows of one COPY share theirs.
 *
 * @param value the UUID
 */
public record EventId(UUID value) {
  /**
   * The id of the event that a rule makes of a change from the log.
   *
   * @param database where the change was made
   * @param origin which change
   * @param rule the rule's name
   * @param output which of the rule's events for this change, from 0
   */
  public static EventId of(DatabaseId database, Origin origin, String rule, int output) {
    // A message outside of transactions is named by its position: its time is only when it came.
    Instant time = origin.xid() == 0 ? Instant.EPOCH : origin.commitTime();
    ByteBuffer numbers =
        ByteBuffer.allocate(36)
            .putLong(origin.xid())
            .putLong(time.getEpochSecond())
            .putInt(time.getNano())
            .putLong(origin.position().lsn())
            .putInt(origin.index())
            .putInt(output);
    return digest(numbers.array(), database.systemIdentifier(), database.database(), rule);
  }

  /**
   * The id of the event that a rule makes of a row read by a snapshot.
   *
   * @param database where the row was read
   * @param backfill the snapshot's name
   * @param table the row's table
   * @param key the row's key as text
   * @param rule the rule's name
   * @param output which of the rule's events for this row, from 0
   */
  public static EventId ofSnapshotRow(
      DatabaseId database, String backfill, TableId table, String key, String rule, int output) {
    byte[] number = ByteBuffer.allocate(4).putInt(output).array();
    return digest(
        number,
        database.systemIdentifier(),
        database.database(),
        backfill,
        table.schema(),
        table.name(),
        key,
        rule);
  }

  /**
   * The id that a rule chose for its event by {@code id}: the same text always gives the same id.
   *
   * @param database where the change was made
   * @param rule the rule's name
   * @param text what the rule's {@code id} gave
   */
  public static EventId ofText(DatabaseId database, String rule, String text) {
    return digest(new byte[0], database.systemIdentifier(), database.database(), rule, text);
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException if it is no UUID
   */
  public static EventId parse(String text) {
    return new EventId(UUID.fromString(text));
  }

  private static EventId digest(byte[] numbers, String... names) {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    sha256.update(numbers);
    for (String name : names) {
      byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
      // The length first, so that no two lists of names run together to the same bytes.
      sha256.update(ByteBuffer.allocate(4).putInt(bytes.length).array());
      sha256.update(bytes);
    }
    ByteBuffer hash = ByteBuffer.wrap(sha256.digest());
    long high = (hash.getLong() & ~0xF000L) | 0x8000L;
    long low = (hash.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new EventId(new UUID(high, low));
  }

  /** The UUID's text. */
  @Override
  public String toString() {
    return value.toString();
  }
}
