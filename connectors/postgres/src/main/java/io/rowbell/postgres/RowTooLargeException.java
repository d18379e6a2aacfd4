package io.rowbell.postgres;

import java.sql.SQLException;

/**
 * A row or logical message that the heap may not hold as often as is needed to make an event of it.
 */
final class RowTooLargeException extends SQLException {
  private static final long serialVersionUID = 1L;

  /** What a row needs beside itself: it is copied on its way, its text and an event are made. */
  private static final int COPIES = 6;

  private static final long MIB = 1 << 20;

  private RowTooLargeException(String message) {
    super(message);
  }

  /**
   * The largest message that a heap takes.
   *
   * @param heap how large it may grow, in bytes
   */
  static long largest(long heap) {
    return heap / COPIES;
  }

  /**
   * @param bytes of the row, without what no rule reads
   * @param heap how large it may grow, in bytes
   * @param place where it stands in the log
   */
  static RowTooLargeException of(long bytes, long heap, String place) {
    return new RowTooLargeException(
        "a row or message of %d MiB at %s cannot be read within a heap of %d MiB: nothing is lost, and nothing comes after it until it is. Give Java -Xmx%dm or more (a container: %d MiB of memory), or let rules do without its large columns: what none reads is left out"
            .formatted(
                mebibytes(bytes),
                place,
                mebibytes(heap),
                mebibytes(bytes * COPIES) + 1,
                2 * (mebibytes(bytes * COPIES) + 1)));
  }

  private static long mebibytes(long bytes) {
    return (bytes + MIB - 1) / MIB;
  }
}
