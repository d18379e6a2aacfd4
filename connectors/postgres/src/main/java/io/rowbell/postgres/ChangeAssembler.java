package io.rowbell.postgres;

import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import io.rowbell.model.TableId;
import io.rowbell.postgres.WalMessages.RelationMessage;
import io.rowbell.spi.ChangeBatch;
import io.rowbell.spi.FailPoint;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.sql.Connection;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes changes of pgoutput messages, gathers a transaction's changes to its end, and says how far
 * the log is done: a step machine without I/O but for questions to the catalog. Used by one thread.
 *
 * <p>Positions: a commit's end LSN, which its COMMIT message holds, or the place behind a message
 * outside of transactions. Nothing is left out by its LSN: with interleaved transactions the first
 * row sent again after a restart can lie below the durable position. The server decides what it
 * sends again, from the position it is given; a transaction that begins anew discards its part.
 */
final class ChangeAssembler {
  /** What a change costs beside the block that it is read from. */
  private static final long CHANGE_BYTES = 120;

  /** Which of the two numbers of a row its insert has, behind the delete of a changed key. */
  private static final int OF_INSERT = 1;

  private final Relations relations;
  private final Set<TableId> tables;
  private final Set<String> prefixes;
  private final Charset serverCharset;
  private final long maxBytes;
  private final int maxChanges;
  private final InstantSource clock;
  private final Listener listener;

  /** All that is done and not yet handed out. */
  private List<Change> ready = new ArrayList<>();

  private long readyBytes;
  private Checkpoint done;
  private boolean moved;

  /** A table that was announced in another form, from here on; null once the journal is told. */
  private @Nullable RelationMessage altered;

  /** The transaction that is being read. */
  private boolean inTransaction;

  private long xid;
  private Instant commitTime = Instant.EPOCH;
  private long rows;
  private long rowsDone;
  private List<Change> open = new ArrayList<>();
  private long openBytes;
  private long lastLsn;

  /** Whether there was a change of it, or what stands for some that were left out. */
  private boolean told;

  /** Which raw item at {@link #lastLsn} is read: items that nobody wants count too. */
  private int item;

  /** The block that is read, and the last one that a change keeps in memory. */
  private byte[] block = new byte[0];

  private byte @Nullable [] keptBlock;

  /** Told what it must know in the order of the stream; who only looks needs little of it. */
  interface Listener {
    /**
     * A message of Rowbell's own.
     *
     * @param changes what changes may be added to
     */
    void ownMessage(String content, Position at, List<Change> changes, boolean inTransaction);

    /**
     * A change is about to be added.
     *
     * @param changes what changes before it may be added to
     */
    default void beforeChange(long xid, Change change, List<Change> changes) {}

    /** A transaction has been read to its end. */
    default void committed() {}

    /** Whether a table is announced in another form than it was before. */
    default boolean isAltered(RelationMessage announced) {
      return false;
    }
  }

  /**
   * @param bounds how large a batch may grow
   * @param start what the journal holds
   * @param clock tells when a message came that has no time of its own
   */
  ChangeAssembler(
      Relations relations,
      Set<TableId> tables,
      Set<String> prefixes,
      Charset serverCharset,
      PostgresSettings bounds,
      Checkpoint start,
      InstantSource clock,
      Listener listener) {
    this.relations = relations;
    this.tables = tables;
    this.prefixes = prefixes;
    this.serverCharset = serverCharset;
    this.maxBytes = bounds.maxBatchBytes().bytes();
    this.maxChanges = bounds.maxBatchChanges();
    this.done = start;
    this.clock = clock;
    this.listener = listener;
  }

  /** A stream starts at the durable position: what was not handed out comes again. */
  void streamStarts(Checkpoint durable) {
    relations.streamStarts();
    ready = new ArrayList<>();
    readyBytes = 0;
    discardOpen();
    keptBlock = null;
    done = durable;
    moved = false;
    altered = null;
  }

  /**
   * Reads one message.
   *
   * @param catalog to ask about a table that is announced
   * @throws SourceException if the catalog cannot be asked, or the stream does not go on where the
   *     journal ends
   */
  void read(long lsn, ByteBuffer message, Connection catalog) throws SourceException {
    block = WalMessages.array(message);
    byte type = message.get();
    switch (type) {
      case WalMessages.BEGIN -> begin(message);
      case WalMessages.COMMIT -> commit(message);
      case WalMessages.RELATION -> relation(RelationMessage.read(message), catalog);
      case WalMessages.INSERT -> insert(lsn, message);
      case WalMessages.UPDATE -> update(lsn, message);
      case WalMessages.DELETE -> delete(lsn, message);
      case WalMessages.TRUNCATE -> truncate(lsn, message);
      case WalMessages.MESSAGE -> message(lsn, message);
      case WalMessages.SKIPPED -> skipped(lsn, message);
      case WalMessages.TYPE, WalMessages.ORIGIN -> {
        // Types are read from the catalog; where a change came from before is no matter.
      }
      default ->
          throw new SourceException(
              Kind.FAILED,
              String.format(
                  Locale.ROOT,
                  "the server sent a pgoutput message of type 0x%02x, which protocol version 1 has"
                      + " not",
                  type),
              null);
    }
  }

  private void begin(ByteBuffer message) throws SourceException {
    discardOpen();
    message.getLong(); // where it commits
    commitTime = WalMessages.instant(message);
    xid = WalMessages.unsigned(message);
    inTransaction = true;
    if (done.openXid() != 0) {
      if (done.openXid() != xid) {
        throw new SourceException(
            Kind.POSITION_MISMATCH,
            "the journal ends inside transaction "
                + done.openXid()
                + " (at "
                + done
                + "), but the server goes on with transaction "
                + xid
                + ": going on could lose or repeat changes. Was the server restored or another one"
                + " put in its place? Make a new journal and slot to start afresh",
            null);
      }
      rowsDone = done.rows();
    }
  }

  /**
   * Rules that fit what came before need not fit what comes next: all that was read is handed out
   * first. What is announced among rows that are skipped, the journal was told of before them.
   */
  private void relation(RelationMessage announced, Connection catalog) throws SourceException {
    relations.announce(announced, catalog);
    if (rows >= rowsDone && tables.contains(announced.table()) && listener.isAltered(announced)) {
      altered = announced;
    }
  }

  private void discardOpen() {
    if (openBytes > 0) {
      keptBlock = null; // what it costs was counted with what is discarded
    }
    open = new ArrayList<>();
    openBytes = 0;
    inTransaction = false;
    rows = 0;
    rowsDone = 0;
    lastLsn = 0;
    item = 0;
    told = false;
  }

  private void commit(ByteBuffer message) {
    message.get(); // flags, none defined
    message.getLong(); // where the commit record starts
    Position end = new Position(message.getLong());
    ready.addAll(open);
    readyBytes += openBytes;
    openBytes = 0;
    discardOpen();
    listener.committed();
    done = Checkpoint.at(end);
    moved = true;
  }

  private void insert(long lsn, ByteBuffer message) {
    Relation relation = relations.get(WalMessages.unsigned(message));
    if (!rowWanted(lsn, relation)) {
      return;
    }
    message.get(); // always 'N'
    TupleRow after = after(relation, message, null);
    add(new Change.Inserted(origin(lsn, OF_INSERT), after));
  }

  private void update(long lsn, ByteBuffer message) {
    Relation relation = relations.get(WalMessages.unsigned(message));
    if (!rowWanted(lsn, relation)) {
      return;
    }
    Row before = null;
    if (message.get() != 'N') {
      before = before(relation, message);
      message.get(); // now 'N'
    }
    TupleRow after = after(relation, message, before);
    if (before != null && keyDiffers(relation, before, after)) {
      add(new Change.Deleted(origin(lsn, 0), before));
      add(new Change.Inserted(origin(lsn, OF_INSERT), after));
    } else {
      Row known = before == null ? new UnloggedRow(relation, after) : before;
      add(new Change.Updated(origin(lsn, 0), known, after));
    }
  }

  private static boolean keyDiffers(Relation relation, Row before, TupleRow after) {
    for (int column : relation.key()) {
      if (TupleRow.differs(before, after, column)) {
        return true;
      }
    }
    return false;
  }

  private void delete(long lsn, ByteBuffer message) {
    Relation relation = relations.get(WalMessages.unsigned(message));
    if (!rowWanted(lsn, relation)) {
      return;
    }
    message.get(); // 'K' or 'O'; what is logged is the relation's to say
    add(new Change.Deleted(origin(lsn, 0), before(relation, message)));
  }

  private void truncate(long lsn, ByteBuffer message) {
    int count = message.getInt();
    message.get(); // CASCADE, RESTART IDENTITY
    countRow(lsn);
    for (int i = 0; i < count; i++) {
      Relation relation = relations.get(WalMessages.unsigned(message));
      if (tables.contains(relation.schema().id())) {
        add(new Change.Truncated(origin(lsn, 0), relation.schema()));
      }
      item++;
    }
  }

  private void message(long lsn, ByteBuffer message) {
    boolean transactional = message.get() == 1;
    message.getLong(); // its LSN, which is the message's too
    String prefix = WalMessages.string(message);
    byte[] content = new byte[message.getInt()];
    message.get(content);
    if (transactional) {
      countRow(lsn);
      if (OwnMessage.isOwn(prefix)) {
        listener.ownMessage(new String(content, serverCharset), new Position(lsn), open, true);
      } else if (prefixes.contains(prefix)) {
        add(new Change.Message(origin(lsn, 0), prefix, new String(content, serverCharset), true));
      }
      return;
    }
    if (OwnMessage.isOwn(prefix)) {
      listener.ownMessage(new String(content, serverCharset), new Position(lsn), ready, false);
    } else if (prefixes.contains(prefix)) {
      // No transaction and no time in the log: when it came is all that can be said.
      Instant received = clock.instant().truncatedTo(ChronoUnit.MICROS);
      Origin origin = new Origin(0, received, new Position(lsn), 0, null);
      ready.add(new Change.Message(origin, prefix, new String(content, serverCharset), false));
      readyBytes += cost();
    }
    // A message's LSN is the end of its record, unlike a row's: here the next record starts, and
    // one byte further would skip it.
    done = Checkpoint.at(new Position(lsn));
    moved = true;
  }

  /** Rows that were left out: counted as if they had come, and told as one at most. */
  private void skipped(long lsn, ByteBuffer message) {
    int count = message.getInt();
    int atLast = message.getInt();
    boolean heard = message.get() == 1;
    for (int i = 0; i < count; i++) {
      countRow(i < count - atLast ? 0 : lsn); // some other than the last one's
    }
    if (heard && !told && rows > rowsDone) {
      told = true;
      open.add(new Change.Message(origin(lsn, 0), Change.Message.PASSED, "", true));
      openBytes += CHANGE_BYTES;
    }
  }

  private static TupleRow after(Relation relation, ByteBuffer message, @Nullable Row before) {
    return TupleRow.after(
        relation,
        WalMessages.array(message),
        WalMessages.tuple(message, relation.decoders().size()),
        before);
  }

  private static TupleRow before(Relation relation, ByteBuffer message) {
    return TupleRow.before(
        relation,
        WalMessages.array(message),
        WalMessages.tuple(message, relation.decoders().size()));
  }

  /** Counts a raw row, wanted or not, so that its number never depends on rules. */
  private boolean rowWanted(long lsn, Relation relation) {
    countRow(lsn);
    return tables.contains(relation.schema().id());
  }

  private void countRow(long lsn) {
    if (!inTransaction) {
      throw new IllegalStateException("a row outside of a transaction at " + new Position(lsn));
    }
    FailPoint.ROW.pass();
    rows++;
    if (lsn != lastLsn) {
      lastLsn = lsn;
      item = 0;
    } else {
      item++;
    }
  }

  /**
   * A change of key makes two changes of one row; the numbers of both belong to the row. They are
   * the same if PostgreSQL sends only one of the two, as it does where a row filter ends.
   */
  private Origin origin(long lsn, int part) {
    return new Origin(xid, commitTime, new Position(lsn), 2 * item + part, null);
  }

  private void add(Change change) {
    if (rows <= rowsDone) {
      return;
    }
    listener.beforeChange(xid, change, open);
    told = true;
    open.add(change);
    openBytes += cost();
  }

  /**
   * A change keeps its whole block in memory: that counts once, with the first change of a batch.
   */
  private long cost() {
    if (block == keptBlock) {
      return CHANGE_BYTES;
    }
    keptBlock = block;
    return CHANGE_BYTES + block.length;
  }

  /** Whether a batch should be taken before more is read. */
  boolean isFull() {
    return altered != null || isLarge();
  }

  private boolean isLarge() {
    return readyBytes + openBytes >= maxBytes || ready.size() + open.size() >= maxChanges;
  }

  /**
   * Takes what is to be made durable next: whole transactions if there are any; else, if {@link
   * #isFull}, the part of the open one that was read; behind that, that a table was altered.
   *
   * @return null if there is nothing yet
   */
  @Nullable Taken take() {
    if (moved || !ready.isEmpty()) {
      Taken taken = new Taken(ready, done, false, null);
      ready = new ArrayList<>();
      readyBytes = 0;
      keptBlock = null;
      moved = false;
      return taken;
    }
    if ((isLarge() && rows > rowsDone) || (altered != null && !open.isEmpty())) {
      done = new Checkpoint(done.position(), xid, rows);
      rowsDone = rows;
      Taken taken = new Taken(open, done, true, null);
      open = new ArrayList<>();
      openBytes = 0;
      keptBlock = null;
      return taken;
    }
    if (altered != null) {
      Taken taken = new Taken(List.of(), done, rowsDone > 0, altered);
      altered = null;
      return taken;
    }
    return null;
  }

  /**
   * What is to be made durable, see {@link ChangeBatch}.
   *
   * @param altered in which form a table's rows come from here on; null if in the same as before
   */
  record Taken(
      List<Change> changes,
      Checkpoint checkpoint,
      boolean openTransaction,
      @Nullable RelationMessage altered) {}
}
