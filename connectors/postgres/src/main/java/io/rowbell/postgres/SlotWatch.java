package io.rowbell.postgres;

import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.Position;
import io.rowbell.model.Requirements;
import io.rowbell.spi.ChangeWatch;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the publication through a temporary slot of its own, which goes with its session: a new
 * one, or a copy of the pipeline's, which can be copied while it is streamed from. What PostgreSQL
 * gives out through SQL is what it streams, with the same positions.
 *
 * <p>A slot holds back the server's log. So the server ends the session, and with it the slot, when
 * nobody has read for a while: as when the process is stopped, or what it writes is not taken.
 */
final class SlotWatch implements ChangeWatch {
  private static final Duration PAUSE = Duration.ofMillis(200);

  /** What one look may take the server, which decodes all that was written before it answers. */
  private static final Duration LONGEST_LOOK = Duration.ofMinutes(10);

  private static final String IDLE = "57P05";
  private static final String IDLE_IN_TRANSACTION = "25P03";

  /** After that many changes PostgreSQL ends its answer with the transaction it is in. */
  private static final int MAX_CHANGES = 5_000;

  private static final int FETCHED = 500;

  private static final String ADVANCE = "SELECT pg_replication_slot_advance(?::name, ?::pg_lsn)";
  private static final String READ =
      """
      SELECT lsn::text, data FROM pg_logical_slot_get_binary_changes(?::name, ?::pg_lsn, ?,
        'proto_version', '1', 'publication_names', ?, 'messages', 'true')
      """;

  private final Endpoint endpoint;
  private final String name;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Connection slot;
  private final Connection catalog;
  private final Duration unattended;
  private final ChangeAssembler assembler;

  /** What had been written when the watch was opened. */
  private final String opened;

  /** Whether the last look found the end of what was written, or of what was to be read first. */
  private boolean drained;

  private boolean caughtUp;

  private SlotWatch(
      Endpoint endpoint,
      Requirements requirements,
      Since since,
      Duration patience,
      Duration unattended,
      Connection slot,
      Connection catalog)
      throws SourceException, SQLException {
    this.endpoint = endpoint;
    this.unattended = unattended;
    this.slot = slot;
    this.catalog = catalog;
    int usual = slot.getNetworkTimeout();
    TemporarySlot own = new TemporarySlot(endpoint, slot);
    name = own.name();
    own.endUnattended(unattended);
    answerWithin(patience, usual);
    opened = end();
    Position start = since == Since.NOW ? own.make(patience) : own.copy();
    answerWithin(LONGEST_LOOK, usual);
    Checkpoint from = Checkpoint.at(start);
    assembler =
        new ChangeAssembler(
            new Relations(endpoint.types()),
            requirements.tables().keySet(),
            requirements.messagePrefixes(),
            WriterSession.charset(catalog),
            endpoint.settings(),
            from,
            InstantSource.system(),
            new OnlyLooking());
    assembler.streamStarts(from);
    slot.setAutoCommit(false); // rows come in portions then
  }

  /**
   * @param patience how long making a slot may wait for transactions that are open
   * @param unattended after how long without a look the server ends it
   */
  static SlotWatch open(
      Endpoint endpoint,
      Requirements requirements,
      Since since,
      Duration patience,
      Duration unattended)
      throws SourceException {
    Connection slot = endpoint.connections().open();
    Connection catalog = null;
    try {
      catalog = endpoint.connections().open();
      return new SlotWatch(endpoint, requirements, since, patience, unattended, slot, catalog);
    } catch (SQLException e) {
      close(slot, catalog, e);
      throw SqlErrors.whileAsking("preparing to look at changes", e);
    } catch (SourceException | RuntimeException e) {
      close(slot, catalog, e);
      throw e;
    }
  }

  /**
   * The server gives a statement up before we give the server up.
   *
   * @param usual the connection's time-out, in milliseconds
   */
  private void answerWithin(Duration longest, int usual) throws SQLException {
    try (Statement setting = slot.createStatement()) {
      setting.execute("SET statement_timeout = " + longest.toMillis());
    }
    slot.setNetworkTimeout(Runnable::run, Math.toIntExact(longest.toMillis()) + usual);
  }

  private String end() throws SQLException {
    try (Statement statement = slot.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_current_wal_flush_lsn()::text")) {
      row.next();
      return row.getString(1);
    }
  }

  /** The same position that an engine would ask the server to stream from. */
  @Override
  public void after(Checkpoint journal) throws SourceException {
    try (PreparedStatement statement = slot.prepareStatement(ADVANCE)) {
      statement.setString(1, name);
      statement.setString(2, journal.position().toString());
      statement.execute();
      slot.commit();
    } catch (SQLException e) {
      throw whileLooking("going on where the journal ends", e);
    }
    assembler.streamStarts(journal);
  }

  @Override
  public List<Change> poll(Duration wait) throws SourceException, InterruptedException {
    long end = System.nanoTime() + wait.toNanos();
    while (true) {
      List<Change> changes = read();
      long left = end - System.nanoTime();
      if (!changes.isEmpty() || left <= 0) {
        return changes;
      }
      if (drained && closed.await(Math.min(left, PAUSE.toNanos()), TimeUnit.NANOSECONDS)) {
        return List.of();
      }
    }
  }

  private List<Change> read() throws SourceException {
    List<Change> changes = new ArrayList<>();
    int rows = 0;
    try (PreparedStatement statement = slot.prepareStatement(READ)) {
      statement.setFetchSize(FETCHED);
      statement.setString(1, name);
      statement.setString(2, caughtUp ? null : opened);
      statement.setInt(3, MAX_CHANGES);
      statement.setString(4, SqlConnections.quoted(endpoint.publication()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          rows++;
          long lsn = Position.parse(row.getString(1)).lsn();
          assembler.read(lsn, ByteBuffer.wrap(row.getBytes(2)), catalog);
        }
      }
      slot.commit();
    } catch (SQLException e) {
      throw whileLooking("reading changes of publication '" + endpoint.publication() + "'", e);
    }
    drained = rows < MAX_CHANGES;
    caughtUp |= drained;
    for (var taken = assembler.take(); taken != null; taken = assembler.take()) {
      changes.addAll(taken.changes());
    }
    return changes;
  }

  private SourceException whileLooking(String doing, SQLException e) {
    return switch (SqlErrors.state(e)) {
      case IDLE, IDLE_IN_TRANSACTION ->
          new SourceException(
              Kind.FAILED,
              "nobody looked for "
                  + unattended.toSeconds()
                  + " s, so the server ended the session and its temporary slot, which would have"
                  + " held back the log: start again",
              e);
      case TemporarySlot.TOO_LONG ->
          new SourceException(
              Kind.FAILED,
              doing
                  + " took the server longer than "
                  + LONGEST_LOOK.toMinutes()
                  + " minutes: let the pipeline catch up and try again",
              e);
      default -> SqlErrors.whileAsking(doing, e);
    };
  }

  @Override
  public boolean caughtUp() {
    return caughtUp;
  }

  @Override
  public void close() {
    closed.countDown();
    close(slot, catalog, null);
  }

  /** The temporary slot goes with its session. */
  private static void close(
      Connection slot, @Nullable Connection catalog, @Nullable Exception failure) {
    for (Connection connection : catalog == null ? List.of(slot) : List.of(slot, catalog)) {
      try {
        connection.close();
      } catch (SQLException e) {
        if (failure != null) {
          failure.addSuppressed(e);
        }
      }
    }
  }

  /** What concerns only those who follow. */
  private static final class OnlyLooking implements ChangeAssembler.Listener {
    @Override
    public void ownMessage(
        String content, Position at, List<Change> changes, boolean inTransaction) {}
  }
}
