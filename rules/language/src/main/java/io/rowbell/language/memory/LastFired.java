package io.rowbell.language.memory;

import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a rule with {@code last} or {@code cooldown} remembers of a key: when it fired last, and the
 * values that some columns had then. A key that was only seen so far has values and no time.
 */
public final class LastFired {
  private static final long NEVER = Long.MIN_VALUE;
  private static final int TIME_BYTES = Long.BYTES + Integer.BYTES;

  /** In place of the nanoseconds, for a key that was only seen and of which a value is missing. */
  private static final int LACKS_VALUES = 1;

  private final @Nullable Instant firedAt;
  private final boolean lacksValues;
  private final ByteBuffer values;

  private LastFired(@Nullable Instant firedAt, boolean lacksValues, ByteBuffer values) {
    this.firedAt = firedAt;
    this.lacksValues = lacksValues;
    this.values = values;
  }

  /** Reads what {@link #write} wrote. */
  public static LastFired read(ByteBuffer body) {
    long seconds = body.getLong();
    int nanos = body.getInt();
    return seconds == NEVER
        ? new LastFired(null, nanos == LACKS_VALUES, body.slice())
        : new LastFired(Instant.ofEpochSecond(seconds, nanos), false, body.slice());
  }

  /**
   * @param firedAt when the rule fired; null if it has only seen the key
   * @param row whose values are remembered
   * @param columns which, in the order in which they are read again
   */
  public static byte[] write(@Nullable Instant firedAt, @Nullable Row row, int[] columns) {
    boolean lacksValues = false;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[TIME_BYTES]);
    for (int column : columns) {
      Object value = row == null ? null : row.get(column);
      lacksValues |= value == Row.NOT_LOGGED;
      Values.write(out, value);
    }
    byte[] bytes = out.toByteArray();
    ByteBuffer.wrap(bytes)
        .putLong(firedAt == null ? NEVER : firedAt.getEpochSecond())
        .putInt(firedAt == null ? (lacksValues ? LACKS_VALUES : 0) : firedAt.getNano());
    return bytes;
  }

  /** When the rule fired; null if it has only seen the key. */
  public @Nullable Instant firedAt() {
    return firedAt;
  }

  /** Whether the key was only seen, by a change that did not log all values. */
  public boolean lacksValues() {
    return lacksValues;
  }

  /**
   * The same with values that it lacks and a later row has.
   *
   * @param columns those given to {@link #write}
   * @return null if that row has none of them
   */
  public byte @Nullable [] completed(Row later, int[] columns) {
    Row known = row(later.schema(), columns);
    boolean any =
        Arrays.stream(columns)
            .anyMatch(c -> known.get(c) == Row.NOT_LOGGED && later.get(c) != Row.NOT_LOGGED);
    return any ? write(firedAt, new Completed(known, later), columns) : null;
  }

  private record Completed(Row known, Row later) implements Row {
    @Override
    public TableSchema schema() {
      return later.schema();
    }

    @Override
    public @Nullable Object get(int column) {
      Object value = known.get(column);
      return value == NOT_LOGGED ? later.get(column) : value;
    }
  }

  /**
   * The values as a row of the table.
   *
   * @param columns those given to {@link #write}
   */
  public Row row(TableSchema table, int[] columns) {
    return RememberedRow.read(values.duplicate(), table, columns);
  }
}
