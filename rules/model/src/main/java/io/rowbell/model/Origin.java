package io.rowbell.model;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a change came from. Together with the database's identity it names the change for ever: it
 * does not depend on restarts, batches or which other tables are published. Only the time of what
 * has no transaction may differ if it is read again.
 *
 * @param xid the top-level transaction, as PostgreSQL numbers it (32 bits, unsigned); 0 for a
 *     snapshot row and for a message outside of transactions
 * @param commitTime when that transaction committed, in microseconds; for a snapshot row, when it
 *     was read; for a message outside of transactions, of which PostgreSQL logs no time, when it
 *     was received
 * @param position the LSN of the change itself; rows of one COPY share it
 * @param index tells the changes of this transaction at this position apart; grows in their order,
 *     with gaps, and is the same whichever tables are followed
 * @param backfill the name of the snapshot that read the row, or null for a change from the log
 */
public record Origin(
    long xid, Instant commitTime, Position position, int index, @Nullable String backfill) {
  public Origin {
    Objects.requireNonNull(commitTime, "commitTime");
    Objects.requireNonNull(position, "position");
  }

  /** Whether the row was read by a snapshot and not from the log. */
  public boolean snapshot() {
    return backfill != null;
  }
}
