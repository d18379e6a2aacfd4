package io.rowbell.postgres;

import io.rowbell.spi.FailPoint;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * The replication stream as Debezium sees it: logical messages that hold {@link Block}s.
 *
 * <p>Gathers all that the server has sent, and hands a block on when it is full, or when it holds
 * something whole, nothing more is there and the consumer is nearly idle: so batches grow by
 * themselves under load, and a single change does not wait. While the stream is far behind the
 * server, where a wait costs nobody anything, it gathers a little longer: a durable step costs much
 * the same for ten changes as for a thousand. Rows that no rule can need are left out here, and
 * wide values that no rule reads. Reads no further while {@value #MOST_IN_FLIGHT} blocks are on
 * their way, or one with a large row. Waits here rather than in Debezium, whose own waits are
 * either long or busy.
 */
final class TappedStream implements PGReplicationStream {
  /** One being handled, one ready behind it; a third is gathered meanwhile. */
  private static final int MOST_IN_FLIGHT = 2;

  /** From how many bytes on a block is alone on its way: more than any without a large row. */
  private static final int LARGE_BYTES = 4 * 1024 * 1024;

  /** So many messages are read between two looks at the clock. */
  private static final int MOST_AT_ONCE = 64;

  /**
   * How long at most a block is gathered, though more is there: what is left out does not fill it.
   */
  private static final long LONGEST_GATHERING_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * The longest wait for more over a Unix-domain socket, which holds a few hundred rows only: then
   * the server waits for us.
   */
  private static final long UNIX_WAIT_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  private static final long LONG_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** How often control goes back, for Debezium to see that it is to stop. */
  private static final long CONTROL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * A TYPE message, which the decoder skips. Handing it on counts as having read something, so that
   * Debezium does not sleep, and it means nothing.
   */
  private static final byte[] NOTHING = {'Y'};

  /**
   * How long a block is gathered, and how long is waited for more of the log. Waking up costs
   * reader and server alike, and a durable step costs much the same for ten changes as for a
   * thousand; the further behind, the less a wait matters to anybody.
   */
  private enum Pace {
    UP_TO_DATE(0, 0, 300),
    BEHIND(256 * 1024, 10_000, 1_000),
    FAR_BEHIND(4 * 1024 * 1024, 100_000, 5_000);

    final long fromBytes;
    final long gatheringNanos;
    final long waitNanos;

    Pace(long fromBytes, long gatheringMicros, long waitMicros) {
      this.fromBytes = fromBytes;
      this.gatheringNanos = TimeUnit.MICROSECONDS.toNanos(gatheringMicros);
      this.waitNanos = TimeUnit.MICROSECONDS.toNanos(waitMicros);
    }

    /** The pace at so many bytes of log behind the server. */
    static Pace at(long bytes) {
      return bytes <= BEHIND.fromBytes
          ? UP_TO_DATE
          : bytes <= FAR_BEHIND.fromBytes ? BEHIND : FAR_BEHIND;
    }
  }

  private final PGReplicationStream stream;
  private final StreamTap tap;
  private final int fullBytes;
  private final NeedlessRows needlessRows;
  private final WideValues wideValues;
  private final SkippedRows skipped = new SkippedRows();
  private final long heap = Runtime.getRuntime().maxMemory();
  private final Block.Writer block = new Block.Writer();
  private final boolean overUnixSocket;
  private long reached;
  private boolean holdsSomethingWhole;
  private boolean largeInFlight;
  private long lastMessageAt = System.nanoTime();
  private long gatheredSince = lastMessageAt;

  /**
   * @param fullBytes from how many bytes on a block is handed on though more is there
   */
  TappedStream(
      PGReplicationStream stream,
      StreamTap tap,
      int fullBytes,
      NeedlessRows needlessRows,
      WideValues wideValues) {
    this.stream = stream;
    this.tap = tap;
    this.fullBytes = fullBytes;
    this.needlessRows = needlessRows;
    this.wideValues = wideValues;
    this.overUnixSocket = tap.socket() != null;
    this.reached = tap.durable();
  }

  @Override
  public ByteBuffer readPending() throws SQLException {
    long controlAt = System.nanoTime() + CONTROL_NANOS;
    while (true) {
      tap.polled();
      largeInFlight = largeInFlight && tap.inFlight() > 0;
      boolean room = tap.inFlight() < (isLarge() ? 1 : MOST_IN_FLIGHT);
      boolean read = false;
      if (largeInFlight) {
        tap.heard(); // memory has room for one such
      } else if (isFull()) {
        if (room) {
          return handOn();
        }
        tap.heard();
      } else if (readSome()) {
        if (lastMessageAt - gatheredSince < LONGEST_GATHERING_NANOS
            && lastMessageAt - controlAt < 0) {
          continue;
        }
        read = true;
      }
      long now = System.nanoTime();
      Pace pace = Pace.at(tap.serverEnd() - reached);
      if (holdsSomethingWhole
          && room
          && !largeInFlight
          && now - gatheredSince >= pace.gatheringNanos) {
        return handOn();
      }
      if (now - controlAt >= 0) {
        return ByteBuffer.wrap(NOTHING);
      }
      if (!read) {
        LockSupport.parkNanos(waitNanos(now, pace));
      }
      if (Thread.currentThread().isInterrupted()) {
        return ByteBuffer.wrap(NOTHING);
      }
    }
  }

  private long waitNanos(long now, Pace pace) {
    if (isFull() || largeInFlight) {
      return Pace.UP_TO_DATE.waitNanos; // for the consumer, not for the log
    }
    if (now - lastMessageAt > QUIET_NANOS) {
      return LONG_WAIT_NANOS;
    }
    return overUnixSocket ? UNIX_WAIT_NANOS : pace.waitNanos;
  }

  private boolean isFull() {
    return block.contentBytes() >= fullBytes;
  }

  /** Reads what is there, but not for long; returns whether there was anything. */
  private boolean readSome() throws SQLException {
    boolean wasEmpty = block.isEmpty();
    int read = 0;
    long bytes = 0; // what is left out counts, too: it took its time
    while (read < MOST_AT_ONCE && bytes < fullBytes && !isFull()) {
      int length = readOne();
      if (length == 0) {
        break;
      }
      read++;
      bytes += length;
    }
    if (read == 0) {
      return false;
    }
    lastMessageAt = System.nanoTime();
    if (wasEmpty) {
      gatheredSince = lastMessageAt;
    }
    return true;
  }

  /**
   * @return the length of the message that was read; 0 if there is none
   */
  private int readOne() throws SQLException {
    ByteBuffer message = stream.readPending();
    if (message == null) {
      return 0;
    }
    tap.polled();
    int length = message.remaining();
    long lsn = stream.getLastReceiveLSN().asLong();
    if (lsn != 0) { // as of RELATION and TYPE
      reached = lsn;
    }
    NeedlessRows.Answer answer = needlessRows.ask(message);
    if (answer != NeedlessRows.Answer.NEEDED) {
      skipped.add(lsn, answer == NeedlessRows.Answer.NEEDLESS);
      return length;
    }
    byte type = message.get(message.position());
    ByteBuffer kept = wideValues.leaveOut(message);
    if (kept.remaining() > RowTooLargeException.largest(heap)) {
      throw RowTooLargeException.of(kept.remaining(), heap, stream.getLastReceiveLSN().asString());
    }
    skipped.moveTo(block);
    block.add(lsn, kept);
    // A message outside of a transaction is whole by itself; one inside is followed by the COMMIT.
    holdsSomethingWhole |= type == 'C' || (type == 'M' && message.get(message.position() + 1) == 0);
    return length;
  }

  /** Whether the block holds a row that is a burden by itself. */
  private boolean isLarge() {
    return block.contentBytes() > LARGE_BYTES;
  }

  private ByteBuffer handOn() {
    holdsSomethingWhole = false;
    largeInFlight = isLarge();
    tap.handedOn();
    skipped.moveTo(block);
    return block.take();
  }

  @Override
  public @Nullable ByteBuffer read() throws SQLException {
    throw new SQLException("Debezium is not known to call this");
  }

  @Override
  public LogSequenceNumber getLastReceiveLSN() {
    return stream.getLastReceiveLSN();
  }

  @Override
  public LogSequenceNumber getLastFlushedLSN() {
    return stream.getLastFlushedLSN();
  }

  @Override
  public LogSequenceNumber getLastAppliedLSN() {
    return stream.getLastAppliedLSN();
  }

  @Override
  public void setFlushedLSN(LogSequenceNumber flushed) {
    tap.mayConfirm(flushed.asLong());
    FailPoint.CONFIRMING.pass();
    stream.setFlushedLSN(flushed);
  }

  @Override
  public void setAppliedLSN(LogSequenceNumber applied) {
    tap.mayConfirm(applied.asLong());
    stream.setAppliedLSN(applied);
  }

  @Override
  public void forceUpdateStatus() throws SQLException {
    stream.forceUpdateStatus();
  }

  @Override
  public boolean isClosed() {
    return stream.isClosed();
  }

  @Override
  public void close() throws SQLException {
    stream.close();
  }
}
