package io.rowbell.postgres;

import io.rowbell.model.TableId;
import io.rowbell.postgres.BackfillChunk.Selected;
import io.rowbell.spi.SourceException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of a table chunk by chunk. The thread that does so is the stream's, so no chunk
 * may take long: the server gives up a statement that waits for a lock or runs for too long.
 *
 * @param patience how long one statement may run, and after how long a chunk is long enough
 */
record BackfillReader(String publication, Relations relations, Duration patience) {
  private static final Duration LONGEST_LOCK_WAIT = Duration.ofSeconds(1);

  /** A chunk ends with the row that makes it so large, in characters. */
  private static final long MOST_CHARACTERS = 4 << 20;

  private static final int MOST_FETCHED = 500;

  /** {@code query_canceled}: it ran for too long, or somebody cancelled it. */
  static final String TOOK_TOO_LONG = "57014";

  /** {@code lock_not_available} and {@code deadlock_detected}. */
  private static final Set<String> LOCKED = Set.of("55P03", "40P01");

  /** Whether a chunk could not be read now but may be later. */
  static boolean isHeldUp(SQLException e) {
    String state = SqlErrors.state(e);
    return state.equals(TOOK_TOO_LONG) || LOCKED.contains(state);
  }

  /**
   * Reads the next rows of a table.
   *
   * @param connection in auto-commit mode, which it is again afterwards
   * @param state how far the table is
   * @param rows how many at most
   * @return null if there are none
   * @throws SQLException among others one that {@link #isHeldUp}
   * @throws SourceException if the table cannot be backfilled
   */
  @Nullable BackfillChunk read(Connection connection, TableId id, BackfillState state, int rows)
      throws SQLException, SourceException {
    BackfillTable table;
    Selected selected;
    connection.setAutoCommit(false);
    try {
      limit(connection);
      // READ COMMITTED: each statement sees what is there, and the first one's lock keeps the table
      // as it is until the last one is done.
      table = BackfillTable.lockAndRead(connection, id, publication);
      selected = select(connection, table, state, rows);
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
    if (selected == null) {
      return null;
    }
    Relation relation = relations.read(table, connection);
    return new BackfillChunk(relation, table, selected, new HashSet<>(state.ahead()));
  }

  /** Until the transaction ends. Row-level security is to refuse, not to leave rows out. */
  private void limit(Connection connection) throws SQLException {
    long lockWait = Math.min(LONGEST_LOCK_WAIT.toMillis(), patience.toMillis());
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SET LOCAL row_security = off; SET LOCAL lock_timeout = "
              + Math.max(1, lockWait)
              + "; SET LOCAL statement_timeout = "
              + Math.max(1, patience.toMillis()));
    }
  }

  private @Nullable Selected select(
      Connection connection, BackfillTable table, BackfillState state, int rows)
      throws SQLException {
    long began = System.nanoTime();
    List<String> after = state.after();
    int columns = table.selected().size();
    try (PreparedStatement statement =
        connection.prepareStatement(table.query(after.isEmpty(), rows))) {
      // The first row tells how many may come at once: nobody knows how wide they are.
      statement.setFetchSize(1);
      for (int i = 0; i < after.size(); i++) {
        statement.setObject(i + 1, after.get(i), Types.OTHER);
      }
      try (ResultSet row = statement.executeQuery()) {
        TransactionSnapshot snapshot = null;
        Instant readAt = Instant.EPOCH;
        List<@Nullable String[]> all = new ArrayList<>();
        long bytes = 0;
        boolean more = false;
        while (!more && row.next()) {
          if (snapshot == null) {
            snapshot = TransactionSnapshot.parse(row.getString(1));
            readAt = Instant.EPOCH.plus(row.getLong(2), ChronoUnit.MICROS);
          }
          @Nullable String[] texts = new String[columns];
          for (int i = 0; i < columns; i++) {
            String text = row.getString(i + 3);
            texts[i] = text;
            bytes += text == null ? 0 : text.length();
          }
          all.add(texts);
          row.setFetchSize(fetched(bytes / all.size(), MOST_CHARACTERS - bytes));
          more =
              all.size() == rows
                  || bytes >= MOST_CHARACTERS
                  || System.nanoTime() - began > patience.toNanos();
        }
        return snapshot == null ? null : new Selected(snapshot, readAt, all, bytes, more);
      }
    }
  }

  /** How many rows to ask for next, if they are as wide as those before. */
  private static int fetched(long each, long left) {
    return (int) Math.max(1, Math.min(MOST_FETCHED, left / Math.max(1, each)));
  }
}
