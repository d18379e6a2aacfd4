package io.rowbell.postgres;

import java.util.Arrays;

/**
 * Where the columns of a pgoutput tuple stand, without anything being made of them. Used again for
 * one row after the other, by one thread.
 */
final class RawTuple {
  private final boolean old;
  private byte[] bytes = new byte[0];
  private int[] starts = new int[16];
  private int count;

  /**
   * @param old whether it is for rows before an update or delete
   */
  RawTuple(boolean old) {
    this.old = old;
  }

  /**
   * Finds the columns.
   *
   * @param at where the tuple begins
   * @return where it ends
   */
  int find(byte[] message, int at) {
    bytes = message;
    count = (message[at] & 0xFF) << 8 | (message[at + 1] & 0xFF);
    if (count > starts.length) {
      starts = new int[count];
    }
    int place = at + Short.BYTES;
    for (int i = 0; i < count; i++) {
      starts[i] = place;
      byte mark = message[place++];
      if (mark == WalMessages.TEXT || mark == WalMessages.BINARY) {
        place += Integer.BYTES + WalMessages.int32(message, place);
      }
    }
    return place;
  }

  int count() {
    return count;
  }

  boolean isText(int column) {
    return mark(column) == WalMessages.TEXT;
  }

  /** Whether it is certainly null: of an old row null is also said of what was not logged. */
  boolean isNull(int column) {
    return !old && mark(column) == WalMessages.NULL;
  }

  private byte mark(int column) {
    return bytes[starts[column]];
  }

  /** The array in which a text stands. */
  byte[] bytes() {
    return bytes;
  }

  /** Where a column's text begins. */
  int textStart(int column) {
    return starts[column] + 1 + Integer.BYTES;
  }

  /** Where a column's text ends. */
  int textEnd(int column) {
    return textStart(column) + WalMessages.int32(bytes, starts[column] + 1);
  }

  /**
   * Whether a column of the row before and this one, after it, may hold different values. What is
   * unchanged in the log is the old value, or not known, and then it counts as not different.
   */
  boolean mayDiffer(RawTuple before, int column) {
    byte now = mark(column);
    if (now == WalMessages.UNCHANGED) {
      return false;
    }
    if (now == WalMessages.TEXT && before.isText(column)) {
      return !Arrays.equals(
          bytes,
          textStart(column),
          textEnd(column),
          before.bytes,
          before.textStart(column),
          before.textEnd(column));
    }
    return now != WalMessages.NULL || before.mark(column) != WalMessages.NULL;
  }
}
