package io.rowbell.postgres;

import io.rowbell.model.Checkpoint;
import io.rowbell.model.Position;
import io.rowbell.model.Requirements;
import io.rowbell.spi.FailPoint;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connected stretch of following a slot: an SQL session and one run of the engine, from the
 * durable position to a stop or a failure. Used by one thread.
 */
final class StreamSession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamSession.class);
  private static final Duration LOOK = Duration.ofMillis(50);

  /** From how many bytes on a block is handed on; not so large that three of them matter. */
  private static final int FULL_BLOCK_BYTES = 512 * 1024;

  private final Endpoint endpoint;
  private final WriterSession sql;
  private final ChangeAssembler assembler;
  private final Markers markers;
  private final Backfill backfill;
  private final Delivery delivery;
  private final Progress progress;
  private final Duration longestSilence;
  private final StreamTap tap;
  private final EngineRun run;

  /** Makes what was taken durable. */
  @FunctionalInterface
  interface Delivery {
    void deliver(ChangeAssembler.Taken taken) throws JournalException, InterruptedException;
  }

  /**
   * @param sql has the slot's lock
   * @param requirements which changes rules need, and which columns of them
   * @param durable where the stream is to start
   * @param longestSilence after how much of it the stream counts as lost
   */
  StreamSession(
      Endpoint endpoint,
      WriterSession sql,
      Requirements requirements,
      ChangeAssembler assembler,
      Checkpoint durable,
      Markers markers,
      Backfill backfill,
      Delivery delivery,
      Progress progress,
      Duration longestSilence) {
    this.endpoint = endpoint;
    this.sql = sql;
    this.assembler = assembler;
    this.markers = markers;
    this.backfill = backfill;
    this.delivery = delivery;
    this.progress = progress;
    this.longestSilence = longestSilence;
    PostgresSettings settings = endpoint.settings();
    this.tap =
        new StreamTap(
            endpoint.connections(),
            endpoint.publication(),
            fullBlockBytes(settings.maxBatchBytes().bytes()),
            requirements,
            backfill.unfinished(),
            durable.position().lsn());
    this.run =
        new EngineRun(
            tap,
            DebeziumProperties.of(
                settings,
                endpoint.pipeline(),
                endpoint.slot(),
                endpoint.publication(),
                tap.id(),
                endpoint.passThrough()),
            endpoint.pipeline(),
            settings.stallTimeout());
  }

  /** A batch counts the whole block of each change, so several blocks must fit into one. */
  private static int fullBlockBytes(long maxBatchBytes) {
    return (int) Math.max(1, Math.min(FULL_BLOCK_BYTES, maxBatchBytes / 4));
  }

  /**
   * Waits until the stream is open; the SQL session is not used meanwhile.
   *
   * @return false if {@code stopped} before
   * @throws SourceException if it cannot be opened
   */
  boolean awaitStream(BooleanSupplier stopped) throws SourceException, InterruptedException {
    run.start();
    while (!tap.streaming()) {
      if (stopped.getAsBoolean()) {
        return false;
      }
      if (run.endsWithin(LOOK)) {
        throw ended();
      }
    }
    return true;
  }

  /**
   * Follows the open stream until {@code stopped}.
   *
   * @throws SourceException if the stream or the SQL session fails
   */
  void follow(BooleanSupplier stopped)
      throws SourceException, JournalException, InterruptedException {
    try {
      streamOpened();
      while (!stopped.getAsBoolean()) {
        List<ByteBuffer> blocks = run.next(LOOK);
        progress.turn();
        if (blocks != null) {
          handle(blocks);
        } else if (run.isOver()) {
          throw ended();
        }
        refuseSilence();
        markers.writeIfDue(sql).ifPresent(slot -> tap.serverEnd(slot.serverEnd().lsn()));
        backfill.step(sql);
      }
    } catch (SQLException e) {
      throw SqlErrors.whileAsking("talking to the database beside the stream", e);
    }
  }

  /**
   * The checks were before; this is the last one. A slot that was made anew since then starts
   * behind the journal's position, and the server would go on from there without a word.
   */
  private void streamOpened() throws SQLException, SourceException {
    SlotProgress slot =
        sql.slot()
            .orElseThrow(
                () ->
                    new SourceException(
                        Kind.POSITION_MISMATCH,
                        "slot '" + endpoint.slot() + "' was dropped while the stream was opened",
                        null));
    Position confirmed = slot.confirmed();
    Position durable = new Position(tap.durable());
    if (confirmed == null || confirmed.compareTo(durable) > 0) {
      throw new SourceException(
          Kind.POSITION_MISMATCH,
          "slot '"
              + endpoint.slot()
              + "' stands at "
              + confirmed
              + ", behind the journal's "
              + durable
              + ": what lies between would be lost. Did another process use the slot, or was it"
              + " made anew? Make a new journal to start afresh from the slot",
          null);
    }
    tap.serverEnd(slot.serverEnd().lsn());
    FailPoint.CONNECTED.pass();
    progress.streaming();
    LOG.info("pipeline {} streams from {}", endpoint.pipeline(), durable);
  }

  private void handle(List<ByteBuffer> blocks)
      throws SourceException, JournalException, InterruptedException {
    long before = tap.durable();
    for (ByteBuffer block : blocks) {
      while (block.hasRemaining()) {
        long lsn = Block.lsn(block);
        assembler.read(lsn, Block.next(block), sql.connection());
        while (assembler.isFull() && deliverNext()) {
          // until what is left is small
        }
      }
    }
    deliverNext();
    run.handled(blocks.size(), tap.durable() != before);
  }

  private boolean deliverNext() throws JournalException, InterruptedException {
    ChangeAssembler.Taken taken = assembler.take();
    if (taken == null) {
      return false;
    }
    delivery.deliver(taken);
    tap.durable(taken.checkpoint().position().lsn());
    return true;
  }

  /** A connection whose other end is gone says nothing, and nothing else would tell. */
  private void refuseSilence() throws SourceException, SQLException {
    if (tap.silentNanos() > longestSilence.toNanos()) {
      tap.cut();
      throw new SourceException(
          Kind.UNREACHABLE,
          "nothing was heard on the replication connection of slot '"
              + endpoint.slot()
              + "' for "
              + longestSilence.toMillis()
              + " ms: it is made anew",
          new SocketTimeoutException("silence"));
    }
  }

  private SourceException ended() {
    Throwable failure = run.failure();
    // Debezium wraps what its threads end with; after an error no stream can be trusted to heal.
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof Error error) {
        throw error;
      }
    }
    return failure == null
        ? new SourceException(
            Kind.FAILED, "the stream from slot '" + endpoint.slot() + "' ended unasked", null)
        : SqlErrors.whileStreaming(endpoint.slot(), failure);
  }

  /** Stops the engine, which confirms what is durable. */
  @Override
  public void close() {
    progress.closing();
    run.close();
  }
}
