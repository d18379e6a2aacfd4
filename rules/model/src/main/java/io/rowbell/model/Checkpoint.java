package io.rowbell.model;

import java.util.Objects;

/**
 * How far the write-ahead log has been turned into durable events: the position D of the delivery
 * promise.
 *
 * <p>Usually D is the end of a commit: every transaction that committed at or before {@code
 * position} is in the journal, none after it. A transaction too large for one batch leaves
 * checkpoints inside itself: then the first {@code rows} raw decoded rows of transaction {@code
 * openXid}, the next to commit after {@code position}, are in the journal too.
 *
 * @param position the commit-end LSN of the last whole transaction
 * @param openXid the transaction that is partly in the journal, or 0
 * @param rows how many of its raw rows, counted before any rule; 0 exactly if {@code openXid} is 0
 */
public record Checkpoint(Position position, long openXid, long rows)
    implements Comparable<Checkpoint> {
  public Checkpoint {
    Objects.requireNonNull(position, "position");
    if (rows < 0 || (openXid == 0) != (rows == 0)) {
      throw new IllegalArgumentException(
          "a checkpoint inside a transaction has an xid and rows: " + openXid + ", " + rows);
    }
  }

  /** The checkpoint after a whole transaction. */
  public static Checkpoint at(Position position) {
    return new Checkpoint(position, 0, 0);
  }

  /** Orders by position, then by rows within the open transaction. */
  @Override
  public int compareTo(Checkpoint other) {
    int order = position.compareTo(other.position);
    return order != 0 ? order : Long.compare(rows, other.rows);
  }

  /** For example {@code 0/16B3748}, or {@code 0/16B3748+5000 of 771} inside transaction 771. */
  @Override
  public String toString() {
    return openXid == 0 ? position.toString() : position + "+" + rows + " of " + openXid;
  }
}
