package io.rowbell.postgres;

import io.rowbell.model.Position;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the server once a second how late it is, how far its log is, and how much of that a slot
 * holds back; tells from that until when a stream has been read. For one thread.
 */
final class ServerClock {
  private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final String ASK =
      """
      SELECT clock_timestamp() AS at, pg_current_wal_insert_lsn()::text AS written,
        coalesce((SELECT pg_wal_lsn_diff(pipeline.restart_lsn, own.restart_lsn)::bigint
                  FROM pg_catalog.pg_replication_slots pipeline, pg_catalog.pg_replication_slots own
                  WHERE pipeline.slot_name = ? AND own.slot_name = ?), 0) AS held
      """;

  private final Connection connection;
  private final String pipelineSlot;
  private final String ownSlot;
  private long dueAt = System.nanoTime();
  private Instant askedAt = Instant.EPOCH;
  private long written;
  private boolean waiting;
  private long heldBytes;
  private @Nullable Instant reached;

  ServerClock(Connection connection, String pipelineSlot, String ownSlot) {
    this.connection = connection;
    this.pipelineSlot = pipelineSlot;
    this.ownSlot = ownSlot;
  }

  /** Whether a second has passed since it was asked. */
  boolean isDue() {
    return System.nanoTime() - dueAt >= 0;
  }

  void lookIfDue() throws SQLException {
    if (!isDue()) {
      return;
    }
    dueAt = System.nanoTime() + EVERY_NANOS;
    try (PreparedStatement statement = connection.prepareStatement(ASK)) {
      statement.setString(1, pipelineSlot);
      statement.setString(2, ownSlot);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        heldBytes = row.getLong("held");
        if (!waiting) {
          askedAt = row.getObject("at", OffsetDateTime.class).toInstant();
          written = Position.parse(Objects.requireNonNull(row.getString("written"))).lsn();
          waiting = true;
        }
      }
    }
  }

  /** How much more of the log the own slot holds back than the pipeline's does. */
  long heldBytes() {
    return heldBytes;
  }

  /**
   * A time, by the server's clock, before which every commit lies before a position of the log;
   * null if none is known.
   *
   * @param lsn up to where everything has been read
   */
  @Nullable Instant at(long lsn) {
    if (waiting && Long.compareUnsigned(lsn, written) >= 0) {
      reached = askedAt.minus(Markers.COMMITTING);
      waiting = false;
    }
    return reached;
  }
}
