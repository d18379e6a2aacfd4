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

  /** How far an episode is. */
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
   * Its form in the journal.
   *
   * @param columns the columns of the row that are remembered
   */
  public byte[] write(int[] columns) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Values.write(out, phase.name());
    Values.write(out, start.xid());
    Values.write(out, start.commitTime());
    Values.write(out, start.position().lsn());
    Values.write(out, (long) start.index());
    Values.write(out, start.backfill());
    Values.write(out, operation.name());
    Values.write(out, fired.toString());
    Values.write(out, resolved.toString());
    Values.write(out, key);
    for (int column : columns) {
      Values.write(out, row.get(column));
    }
    return out.toByteArray();
  }

  /** Reads what {@link #write} wrote, with the same columns. */
  public static Episode read(ByteBuffer body, TableSchema table, int[] columns) {
    Phase phase = Phase.valueOf((String) value(body));
    Origin start =
        new Origin(
            number(body),
            (Instant) value(body),
            new Position(number(body)),
            (int) number(body),
            (String) Values.read(body));
    return new Episode(
        phase,
        start,
        Operation.valueOf((String) value(body)),
        new EventId(UUID.fromString((String) value(body))),
        new EventId(UUID.fromString((String) value(body))),
        (String) Values.read(body),
        RememberedRow.read(body, table, columns));
  }

  private static long number(ByteBuffer body) {
    return (Long) value(body);
  }

  private static Object value(ByteBuffer body) {
    Object value = Values.read(body);
    if (value == null) {
      throw new IllegalStateException("an episode in the journal lacks a value");
    }
    return value;
  }
}
