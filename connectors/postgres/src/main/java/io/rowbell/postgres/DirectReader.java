package io.rowbell.postgres;

import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.Position;
import io.rowbell.model.Requirements;
import io.rowbell.spi.ChangeBatch;
import io.rowbell.spi.ChangeReader;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * Reads the publication through the driver's own replication stream, without Debezium, from a
 * temporary slot that is a copy of the pipeline's. Gives the changes that the pipeline's source
 * gives.
 */
final class DirectReader implements ChangeReader {
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final int STATUS_SECONDS = 5;

  private final Endpoint endpoint;
  private final Connection walsender;
  private final Connection catalog;
  private final TemporarySlot slot;
  private final Position start;
  private final ChangeAssembler assembler;
  private final WideValues wideValues;
  private final ServerClock clock;
  private final long mostHeldBytes;
  private final CountDownLatch closed = new CountDownLatch(1);
  private Checkpoint done;
  private @Nullable Instant toldClock;
  private @Nullable PGReplicationStream stream;
  private boolean backfilled;

  private DirectReader(
      Endpoint endpoint,
      Requirements requirements,
      Duration unattended,
      long mostHeldBytes,
      Connection walsender,
      Connection catalog)
      throws SourceException, SQLException {
    this.endpoint = endpoint;
    this.mostHeldBytes = mostHeldBytes;
    this.walsender = walsender;
    this.catalog = catalog;
    slot = new TemporarySlot(endpoint, walsender);
    slot.endUnattended(unattended);
    this.wideValues = new WideValues(requirements);
    start = slot.copy();
    clock = new ServerClock(catalog, endpoint.slot(), slot.name());
    done = Checkpoint.at(start);
    assembler =
        new ChangeAssembler(
            new Relations(endpoint.types()),
            requirements.tables().keySet(),
            requirements.messagePrefixes(),
            WriterSession.charset(catalog),
            endpoint.settings(),
            done,
            InstantSource.system(),
            new Listening());
    assembler.streamStarts(done);
  }

  /**
   * @param unattended after how long without a sign of life the server ends it
   * @param mostHeldBytes how much of the log may be held back that the pipeline's own slot does not
   *     hold
   */
  static DirectReader open(
      Endpoint endpoint, Requirements requirements, Duration unattended, long mostHeldBytes)
      throws SourceException {
    Connection catalog = endpoint.connections().open();
    Connection walsender = null;
    try {
      walsender = endpoint.connections().connectForReplication();
      return new DirectReader(
          endpoint, requirements, unattended, mostHeldBytes, walsender, catalog);
    } catch (SQLException e) {
      SourceException told =
          walsender == null
              ? SqlErrors.whileConnecting(endpoint.settings(), e)
              : SqlErrors.whileAsking("preparing to read changes", e);
      close(walsender, told);
      close(catalog, told);
      throw told;
    } catch (SourceException | RuntimeException e) {
      close(walsender, e);
      close(catalog, e);
      throw e;
    }
  }

  @Override
  public void after(Checkpoint journal) throws SourceException {
    if (stream != null) {
      throw new IllegalStateException("it has begun");
    }
    if (journal.position().compareTo(start) < 0) {
      throw new SourceException(
          Kind.POSITION_MISMATCH,
          "the journal ends at "
              + journal
              + ", but the pipeline's slot '"
              + endpoint.slot()
              + "' has confirmed "
              + start
              + ": what lies between cannot be read any more",
          null);
    }
    done = journal;
    assembler.streamStarts(journal);
  }

  @Override
  public @Nullable ChangeBatch poll(Duration wait) throws SourceException, InterruptedException {
    long end = System.nanoTime() + wait.toNanos();
    try {
      PGReplicationStream open = stream();
      while (true) {
        boolean drained = read(open);
        clock.lookIfDue();
        refuseToHold();
        ChangeBatch batch = next(open, drained);
        long left = end - System.nanoTime();
        if (batch != null || left <= 0) {
          return batch;
        }
        if (drained && closed.await(Math.min(left, PAUSE.toNanos()), TimeUnit.NANOSECONDS)) {
          return null;
        }
      }
    } catch (SQLException e) {
      throw SqlErrors.whileStreaming(slot.name(), e);
    }
  }

  @Override
  public void hold() throws SourceException {
    if (!clock.isDue()) {
      return;
    }
    try {
      stream().forceUpdateStatus();
      clock.lookIfDue();
      refuseToHold();
    } catch (SQLException e) {
      throw SqlErrors.whileStreaming(slot.name(), e);
    }
  }

  /** Opened with the first poll: a slot that nobody streams from is not kept up to date. */
  private PGReplicationStream stream() throws SQLException {
    PGReplicationStream open = stream;
    if (open == null) {
      open =
          walsender
              .unwrap(PGConnection.class)
              .getReplicationAPI()
              .replicationStream()
              .logical()
              .withSlotName(slot.name())
              .withStartPosition(LogSequenceNumber.valueOf(done.position().lsn()))
              .withSlotOption("proto_version", 1)
              .withSlotOption(
                  "publication_names",
                  SqlConnections.quoted(endpoint.publication()).replace("'", "''"))
              .withSlotOption("messages", true)
              .withStatusInterval(STATUS_SECONDS, TimeUnit.SECONDS)
              .start();
      stream = open;
    }
    return open;
  }

  /**
   * Reads what is there.
   *
   * @return whether that is all
   */
  private boolean read(PGReplicationStream open) throws SQLException, SourceException {
    while (!assembler.isFull()) {
      ByteBuffer message = open.readPending();
      if (message == null) {
        return true;
      }
      ByteBuffer kept = wideValues.leaveOut(message);
      byte[] bytes = new byte[kept.remaining()];
      kept.get(bytes);
      assembler.read(open.getLastReceiveLSN().asLong(), ByteBuffer.wrap(bytes), catalog);
    }
    return false;
  }

  private @Nullable ChangeBatch next(PGReplicationStream open, boolean drained) {
    ChangeAssembler.Taken taken = assembler.take();
    if (taken != null) {
      done = taken.checkpoint();
      LogSequenceNumber reached = LogSequenceNumber.valueOf(done.position().lsn());
      open.setAppliedLSN(reached);
      open.setFlushedLSN(reached);
    }
    Instant now = drained ? clock.at(open.getLastReceiveLSN().asLong()) : toldClock;
    if (taken == null && (now == null || now.equals(toldClock))) {
      return null;
    }
    toldClock = now;
    return taken == null
        ? new ChangeBatch(List.of(), List.of(), done, now, done.openXid() != 0)
        : new ChangeBatch(taken.changes(), List.of(), done, now, taken.openTransaction());
  }

  /** Who only looks does not fill the disk of who is looked at. */
  private void refuseToHold() throws SourceException {
    if (clock.heldBytes() > mostHeldBytes) {
      throw new SourceException(
          Kind.UNREACHABLE,
          "reading beside the pipeline is more than "
              + (mostHeldBytes >> 20)
              + " MiB of log behind it, which the server has to keep: the slot is given back",
          null);
    }
  }

  @Override
  public boolean takeBackfilled() {
    boolean taken = backfilled;
    backfilled = false;
    return taken;
  }

  @Override
  public void close() {
    closed.countDown();
    close(walsender, null);
    close(catalog, null);
  }

  /** The temporary slot goes with its session. */
  private static void close(@Nullable Connection connection, @Nullable Exception failure) {
    if (connection == null) {
      return;
    }
    try {
      connection.close();
    } catch (SQLException e) {
      if (failure != null) {
        failure.addSuppressed(e);
      }
    }
  }

  /** What concerns only those who follow, but for a backfill. */
  private final class Listening implements ChangeAssembler.Listener {
    @Override
    public void ownMessage(
        String content, Position at, List<Change> changes, boolean inTransaction) {
      backfilled |=
          OwnMessage.parse(content)
              .filter(message -> message.kind() == OwnMessage.Kind.CHUNK)
              .filter(message -> message.slot().equals(endpoint.slot()))
              .isPresent();
    }
  }
}
