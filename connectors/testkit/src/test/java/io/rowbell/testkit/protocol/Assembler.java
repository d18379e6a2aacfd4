package io.rowbell.testkit.protocol;

import io.rowbell.testkit.protocol.WriteAheadLog.Item;
import io.rowbell.testkit.protocol.WriteAheadLog.ItemType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the stream's messages to batches: whole transactions, several if they are small; a part
 * of one that is too large. Says how far the log is done once that is durable.
 *
 * @param ready whole transactions that were not handed out yet
 * @param open rows of the transaction that is being read
 * @param xid that transaction; a space if none
 * @param rows how many of its rows were read, before any rule
 * @param rowsDone how many of them are durable or handed out
 * @param lastLsn of the row before
 * @param done D once all is durable that was handed out or is ready
 * @param moved whether {@code done} moved since the last batch
 * @param locate the LSN of the row behind which Debezium would go on; -1 if that is not looked for
 * @param mismatch whether the server sends something else than what comes after D
 */
record Assembler(
    List<Item> ready,
    List<Item> open,
    char xid,
    int rows,
    int rowsDone,
    int lastLsn,
    Checkpoint done,
    boolean moved,
    int locate,
    boolean mismatch) {
  private static final int MAX_ROWS = 2;
  private static final char NO_TRANSACTION = ' ';
  static final Assembler EMPTY = startingAt(Checkpoint.START);

  /** What is to be made durable in one step, and D once it is. */
  record Gathered(List<Item> items, Checkpoint to) {}

  private static Assembler startingAt(Checkpoint durable) {
    return new Assembler(List.of(), List.of(), NO_TRANSACTION, 0, 0, -1, durable, false, -1, false);
  }

  /** A stream starts at the durable position: what was not handed out comes again. */
  Assembler streamStarts(Checkpoint durable, WriteAheadLog log, Set<Flaw> flaws) {
    Assembler fresh = startingAt(durable);
    if (flaws.contains(Flaw.KEEP_PARTIAL_TRANSACTION)) {
      fresh = fresh.holding(List.of(), open);
    }
    if (flaws.contains(Flaw.KEEP_READ_TRANSACTIONS)) {
      fresh = fresh.holding(ready, fresh.open);
    }
    return flaws.contains(Flaw.LOCATE_LAST_ROW) && durable.isInside()
        ? fresh.locating(log.lastRow(durable))
        : fresh;
  }

  /** Reads one message. */
  Assembler read(Item item, Set<Flaw> flaws) {
    return switch (item.type) {
      case BEGIN -> begin(item, flaws);
      case ROW -> row(item, flaws);
      case COMMIT -> ended(item, with(ready, open, item), flaws);
      case MARKER ->
          flaws.contains(Flaw.MARKERS_MOVE_NOTHING) ? this : ended(item, with(ready, item), flaws);
    };
  }

  /** Whatever was read of a transaction before comes again: it is discarded. */
  private Assembler begin(Item item, Set<Flaw> flaws) {
    boolean other = done.isInside() && done.xid() != item.xid;
    int durable =
        flaws.contains(Flaw.FORGET_ROWS_OF_OPEN_TRANSACTION) || locate >= 0 ? 0 : done.rows();
    List<Item> kept = flaws.contains(Flaw.KEEP_PARTIAL_TRANSACTION) ? open : List.of();
    return new Assembler(ready, kept, item.xid, 0, durable, -1, done, moved, locate, other);
  }

  private Assembler row(Item item, Set<Flaw> flaws) {
    if (flaws.contains(Flaw.TRANSACTION_ID_BY_LSN) && rows > 0 && item.lsn != lastLsn) {
      return begin(item, flaws).row(item, Set.of());
    }
    if (locate >= 0) {
      // Up to the row that was last processed, and all that share its LSN.
      return item.lsn <= locate ? counted(item) : locating(-1).row(item, flaws);
    }
    boolean repeat =
        rows < rowsDone
            || (flaws.contains(Flaw.FILTER_ROWS_BY_D) && item.lsn < done.position())
            || (flaws.contains(Flaw.DROP_REPEATED_LSN) && item.lsn == lastLsn);
    if (repeat) {
      return counted(item);
    }
    Item read = item;
    if (flaws.contains(Flaw.NUMBER_ROWS_FROM_RESUME)) {
      boolean follows = !open.isEmpty() && open.get(open.size() - 1).lsn == item.lsn;
      read = item.numbered(follows ? open.get(open.size() - 1).index + 1 : 0);
    }
    return counted(item).holding(ready, item.wanted ? with(open, read) : open);
  }

  private Assembler counted(Item row) {
    return new Assembler(
        ready, open, xid, rows + 1, Math.max(rowsDone, 0), row.lsn, done, moved, locate, mismatch);
  }

  private Assembler ended(Item item, List<Item> whole, Set<Flaw> flaws) {
    int end = item.end();
    if (flaws.contains(Flaw.POSITION_OF_COMMIT_START)) {
      end = item.decides;
    } else if (flaws.contains(Flaw.POSITION_BEHIND_NEXT_RECORD) && item.type == ItemType.MARKER) {
      end = item.end() + 1;
    }
    return new Assembler(
        whole,
        List.of(),
        NO_TRANSACTION,
        0,
        0,
        -1,
        Checkpoint.at(Math.max(end, done.position())),
        true,
        -1,
        mismatch);
  }

  /** Whether a batch should be taken before more is read. */
  boolean isFull() {
    return rowsOf(ready) + rowsOf(open) >= MAX_ROWS;
  }

  private static int rowsOf(List<Item> items) {
    int count = 0;
    for (Item item : items) {
      count += item.type == ItemType.ROW ? 1 : 0;
    }
    return count;
  }

  /** Takes what is to be made durable next; null if there is nothing yet. */
  @Nullable Gathered take(Set<Flaw> flaws) {
    if (moved) {
      return new Gathered(ready, done);
    }
    if (isFull() && rows > rowsDone) {
      int counted = flaws.contains(Flaw.COUNT_ROWS_AFTER_RULES) ? done.rows() + open.size() : rows;
      return new Gathered(open, new Checkpoint(done.position(), xid, counted));
    }
    return null;
  }

  /** What is left when it has been taken. */
  Assembler taken() {
    return moved
        ? new Assembler(
            List.of(), open, xid, rows, rowsDone, lastLsn, done, false, locate, mismatch)
        : new Assembler(
            ready,
            List.of(),
            xid,
            rows,
            rows,
            lastLsn,
            new Checkpoint(done.position(), xid, rows),
            false,
            locate,
            mismatch);
  }

  private Assembler holding(List<Item> whole, List<Item> part) {
    return new Assembler(whole, part, xid, rows, rowsDone, lastLsn, done, moved, locate, mismatch);
  }

  private Assembler locating(int lsn) {
    return new Assembler(ready, open, xid, rows, rowsDone, lastLsn, done, moved, lsn, mismatch);
  }

  private static List<Item> with(List<Item> items, Item more) {
    return with(items, List.of(), more);
  }

  private static List<Item> with(List<Item> items, List<Item> and, Item more) {
    List<Item> all = new ArrayList<>(items.size() + and.size() + 1);
    all.addAll(items);
    all.addAll(and);
    all.add(more);
    return all;
  }
}
