package io.rowbell.language.memory;

import io.rowbell.model.Row;
import io.rowbell.model.TableSchema;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a rule with {@code last} or {@code cooldown} remembers of a key: when it fired last, and the
 * values that some columns had then. A key that was only seen so far has values and no time.
 */
public final class LastFired {
  private static final long NEVER = Long.MIN_VALUE;

  private final @Nullable Instant firedAt;
  private final ByteBuffer values;

  private LastFired(@Nullable Instant firedAt, ByteBuffer values) {
    this.firedAt = firedAt;
    this.values = values;
  }

  /** Reads what {@link #write} wrote. */
  public static LastFired read(ByteBuffer body) {
    long seconds = body.getLong();
    int nanos = body.getInt();
    return new LastFired(
        seconds == NEVER ? null : Instant.ofEpochSecond(seconds, nanos), body.slice());
  }

  /**
   * @param firedAt when the rule fired; null if it has only seen the key
   * @param row whose values are remembered
   * @param columns which, in the order in which they are read again
   */
  public static byte[] write(@Nullable Instant firedAt, @Nullable Row row, int[] columns) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ByteBuffer.allocate(12)
            .putLong(firedAt == null ? NEVER : firedAt.getEpochSecond())
            .putInt(firedAt == null ? 0 : firedAt.getNano())
            .array());
    for (int column : columns) {
      Values.write(out, row == null ? null : row.get(column));
    }
    return out.toByteArray();
  }

  /** When the rule fired; null if it has only seen the key. */
  public @Nullable Instant firedAt() {
    return firedAt;
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
