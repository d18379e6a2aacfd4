package io.rowbell.language.memory;

import io.rowbell.model.EventId;
import io.rowbell.model.Operation;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A time during which a rule's {@code while} holds for a key.
 *
 * @param phase how far it is
 * @param start the change with which it began
 * @param operation what that change was
 * @param fired the id of the event when it has lasted long enough
 * @param resolved the id of the event at its end
 * @param key the key; null for what has none
 * @param row the row as it was last seen
 */
public record Episode(
    Phase phase,
    Origin start,
    Operation operation,
    EventId fired,
    EventId resolved,
    @Nullable String key,
    Row row) {

  private static final int FIXED = 66;

  /** How far an episode is; in this order in journals. */
  public enum Phase {
    /** It has not lasted long enough. */
    PENDING,
    /** The event was made. */
    ACTIVE,
    /** Its row is gone; the event at its end is still to be made. */
    ENDED
  }

  /** The same with another phase and row. */
  public Episode with(Phase next, Row seen) {
    return new Episode(next, start, operation, fired, resolved, key, seen);
  }

  /**
   * Its form in the journal: what every episode has in {@value #FIXED} bytes, then the snapshot's
   * name, the key and the values of the row.
   *
   * @param columns the columns of the row that are remembered
   */
  public byte[] write(int[] columns) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteBuffer fixed =
        ByteBuffer.allocate(FIXED)
            .put(letter(phase))
            .put(letter(operation))
            .putLong(start.xid())
            .putLong(start.commitTime().getEpochSecond())
            .putInt(nanosOf(start.commitTime()))
            .putLong(start.position().lsn())
            .putInt(start.index());
    write(fixed, fired);
    write(fixed, resolved);
    out.writeBytes(fixed.array());
    Values.write(out, start.backfill());
    Values.write(out, key);
    for (int column : columns) {
      Values.write(out, row.get(column));
    }
    return out.toByteArray();
  }

  /** Reads what {@link #write} wrote, with the same columns. */
  public static Episode read(ByteBuffer body, TableSchema table, int[] columns) {
    Phase phase = byLetter(Phase.values(), body.get());
    Operation operation = byLetter(Operation.values(), body.get());
    long xid = body.getLong();
    Instant time = Instant.ofEpochSecond(body.getLong(), body.getInt());
    Position position = new Position(body.getLong());
    int index = body.getInt();
    EventId fired = id(body);
    EventId resolved = id(body);
    return new Episode(
        phase,
        new Origin(xid, time, position, index, (String) Values.read(body)),
        operation,
        fired,
        resolved,
        (String) Values.read(body),
        RememberedRow.read(body, table, columns));
  }

  /** The first letter tells each of a kind from the others. */
  private static byte letter(Enum<?> value) {
    return (byte) value.name().charAt(0);
  }

  private static <E extends Enum<E>> E byLetter(E[] values, byte letter) {
    for (E value : values) {
      if (letter(value) == letter) {
        return value;
      }
    }
    throw new IllegalStateException("an episode in the journal has an unknown letter: " + letter);
  }

  @SuppressWarnings("JavaInstantGetSecondsGetNano") // the seconds are written beside them
  private static int nanosOf(Instant time) {
    return time.getNano();
  }

  private static void write(ByteBuffer out, EventId id) {
    out.putLong(id.value().getMostSignificantBits()).putLong(id.value().getLeastSignificantBits());
  }

  private static EventId id(ByteBuffer body) {
    return new EventId(new UUID(body.getLong(), body.getLong()));
  }
}
