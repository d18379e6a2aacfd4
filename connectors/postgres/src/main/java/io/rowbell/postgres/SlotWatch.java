package io.rowbell.postgres;

import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.Position;
import io.rowbell.model.Requirements;
import io.rowbell.postgres.WalMessages.RelationMessage;
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
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the publication through a temporary slot of its own, which goes with its session: a new
 * one, or a copy of the pipeline's, which can be copied while it is streamed from. What PostgreSQL
 * gives out through SQL is what it streams, with the same positions.
 */
final class SlotWatch implements ChangeWatch {
  private static final Duration PAUSE = Duration.ofMillis(200);

  /** After that many changes PostgreSQL ends its answer with the transaction it is in. */
  private static final int MAX_CHANGES = 5_000;

  private static final int FETCHED = 500;

  private static final String MAKE =
      "SELECT lsn::text FROM pg_create_logical_replication_slot(?::name, 'pgoutput', true)";
  private static final String COPY =
      "SELECT lsn::text FROM pg_copy_logical_replication_slot(?::name, ?::name, true)";
  private static final String READ =
      """
      SELECT lsn::text, data FROM pg_logical_slot_get_binary_changes(?::name, NULL, ?,
        'proto_version', '1', 'publication_names', ?, 'messages', 'true')
      """;

  private final Endpoint endpoint;
  private final String name = "rowbell_watch_" + UUID.randomUUID().toString().replace("-", "");
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Connection slot;
  private final Connection catalog;
  private final ChangeAssembler assembler;
  private boolean caughtUp;

  private SlotWatch(
      Endpoint endpoint,
      Requirements requirements,
      Since since,
      Duration patience,
      Connection slot,
      Connection catalog)
      throws SourceException, SQLException {
    this.endpoint = endpoint;
    this.slot = slot;
    this.catalog = catalog;
    Position start = since == Since.NOW ? make(patience) : copy();
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
   */
  static SlotWatch open(
      Endpoint endpoint, Requirements requirements, Since since, Duration patience)
      throws SourceException {
    Connection slot = endpoint.connections().open();
    Connection catalog = null;
    try {
      catalog = endpoint.connections().open();
      return new SlotWatch(endpoint, requirements, since, patience, slot, catalog);
    } catch (SQLException e) {
      close(slot, catalog, e);
      throw SqlErrors.whileAsking("preparing to look at changes", e);
    } catch (SourceException | RuntimeException e) {
      close(slot, catalog, e);
      throw e;
    }
  }

  private Position make(Duration patience) throws SourceException, SQLException {
    // PostgreSQL decodes as long as it must before it answers.
    slot.setNetworkTimeout(Runnable::run, 0);
    try (Statement setting = slot.createStatement();
        PreparedStatement statement = slot.prepareStatement(MAKE)) {
      setting.execute("SET statement_timeout = " + patience.toMillis());
      statement.setString(1, name);
      Position start = position(statement);
      setting.execute("SET statement_timeout = 0");
      return start;
    } catch (SQLException e) {
      if (SqlErrors.state(e).equals("57014")) {
        throw new SourceException(
            Kind.FAILED,
            "making a temporary slot waited "
                + patience.toSeconds()
                + " s for transactions that were open before it: end them (SELECT pid, xact_start,"
                + " query FROM pg_stat_activity ORDER BY xact_start) and try again",
            e);
      }
      throw refused(e);
    }
  }

  private Position copy() throws SourceException, SQLException {
    slot.setNetworkTimeout(Runnable::run, 0);
    try (PreparedStatement statement = slot.prepareStatement(COPY)) {
      statement.setString(1, endpoint.slot());
      statement.setString(2, name);
      return position(statement);
    } catch (SQLException e) {
      if (SqlErrors.state(e).equals("42704")) {
        throw new SourceException(
            Kind.MISCONFIGURED,
            "there is no logical slot '" + endpoint.slot() + "', whose changes could be read again",
            e);
      }
      throw refused(e);
    }
  }

  private static Position position(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      row.next();
      return Position.parse(row.getString(1));
    }
  }

  private SourceException refused(SQLException e) {
    return switch (SqlErrors.state(e)) {
      case "53400" ->
          new SourceException(
              Kind.MISCONFIGURED,
              "looking at changes needs a temporary replication slot, and all are in use: raise"
                  + " max_replication_slots by one, or drop a slot that nobody needs (SELECT"
                  + " slot_name, active FROM pg_replication_slots)",
              e);
      case "42501" ->
          new SourceException(
              Kind.MISCONFIGURED,
              "role '"
                  + endpoint.settings().user()
                  + "' may not make a replication slot: ALTER ROLE "
                  + SqlConnections.quoted(endpoint.settings().user())
                  + " REPLICATION",
              e);
      default -> SqlErrors.whileAsking("making a temporary replication slot", e);
    };
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
      if (caughtUp && closed.await(Math.min(left, PAUSE.toNanos()), TimeUnit.NANOSECONDS)) {
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
      statement.setInt(2, MAX_CHANGES);
      statement.setString(3, SqlConnections.quoted(endpoint.publication()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          rows++;
          long lsn = Position.parse(row.getString(1)).lsn();
          assembler.read(lsn, ByteBuffer.wrap(row.getBytes(2)), catalog);
        }
      }
      slot.commit();
    } catch (SQLException e) {
      throw SqlErrors.whileAsking(
          "reading changes of publication '" + endpoint.publication() + "'", e);
    }
    caughtUp = rows < MAX_CHANGES;
    for (var taken = assembler.take(); taken != null; taken = assembler.take()) {
      changes.addAll(taken.changes());
    }
    return changes;
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

    @Override
    public void beforeChange(long xid, Change change, List<Change> changes) {}

    @Override
    public void committed() {}

    @Override
    public boolean isAltered(RelationMessage announced) {
      return false;
    }
  }
}
