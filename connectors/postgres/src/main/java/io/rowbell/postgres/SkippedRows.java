package io.rowbell.postgres;

import java.nio.ByteBuffer;

/**
 * Rows in succession that no rule can need: what is handed on of them is how many they are, so that
 * the others are counted as if these had come. Used by one thread.
 *
 * <p>Layout of the message: {@link WalMessages#SKIPPED}, the number of rows (4 bytes), how many of
 * the last ones share the last one's LSN (4), whether one is of a table that rules name (1). Its
 * LSN is the last one's.
 */
final class SkippedRows {
  private static final int BYTES = 1 + Integer.BYTES + Integer.BYTES + 1;

  private final ByteBuffer message = ByteBuffer.allocate(BYTES);
  private int rows;
  private int atLast;
  private long lastLsn;
  private boolean heard;

  /**
   * Counts a row.
   *
   * @param ofHeardTable whether rules name its table
   */
  void add(long lsn, boolean ofHeardTable) {
    atLast = rows > 0 && lsn == lastLsn ? atLast + 1 : 1;
    lastLsn = lsn;
    rows++;
    heard |= ofHeardTable;
  }

  /** Hands on what was counted, before anything else is. */
  void moveTo(Block.Writer block) {
    if (rows == 0) {
      return;
    }
    message
        .clear()
        .put(WalMessages.SKIPPED)
        .putInt(rows)
        .putInt(atLast)
        .put((byte) (heard ? 1 : 0));
    block.add(lastLsn, message.flip());
    rows = 0;
    heard = false;
  }
}
