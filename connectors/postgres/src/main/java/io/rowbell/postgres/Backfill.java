package io.rowbell.postgres;

import io.rowbell.model.Change;
import io.rowbell.model.Operation;
import io.rowbell.model.Position;
import io.rowbell.model.Requirements;
import io.rowbell.model.TableId;
import io.rowbell.spi.FailPoint;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.StateChange;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the tables that rules want to see whole, beside the stream and in order with it.
 *
 * <p>A chunk of rows is read in key order by one query, which tells the transactions that it saw. A
 * message is then written: once it comes in the stream, so has every transaction that the query
 * saw. Until then, a change by a transaction that the query did <em>not</em> see has its key's row
 * put before it; at the message the rest of the chunk follows. So each row stands exactly where its
 * state is true, and none overtakes or undoes a change.
 *
 * <p>That holds only if no transaction has been handed over that the query did not see: a commit is
 * in the log a moment before it is seen (long before, if it waits for a standby). Such a chunk is
 * thrown away and read again. For transactions handed over before this stream began, the first
 * chunk waits until all have ended that had begun by then.
 *
 * <p>Progress goes into the journal in the same step as the rows. Used by one thread.
 */
final class Backfill {
  private static final Logger LOG = LoggerFactory.getLogger(Backfill.class);
  private static final Duration WORTH_SAYING = Duration.ofSeconds(10);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Endpoint endpoint;
  private final BackfillReader reader;
  private final WaitNotice notice;
  private final String process = UUID.randomUUID().toString();

  /** Tables that are not finished, and how far they are with what was handed over. */
  private final Map<TableId, BackfillState> tables = new TreeMap<>();

  private final Map<TableId, Turn> turns = new HashMap<>();
  private final Set<Long> handedOver = new HashSet<>();
  private final Map<TableId, BackfillState> durable = new HashMap<>();
  private Map<TableId, BackfillState> inOpen = new LinkedHashMap<>();
  private Map<TableId, BackfillState> inReady = new LinkedHashMap<>();
  private long barrier;
  private long notBefore;
  private long chunkNumber;
  private @Nullable BackfillChunk chunk;

  /** When a table is read next, and what is said of it meanwhile. */
  private record Turn(BackfillPace pace, WaitNotice notice) {}

  Backfill(
      Endpoint endpoint,
      Relations relations,
      Requirements requirements,
      Map<String, byte[]> journal) {
    this.endpoint = endpoint;
    Duration patience = endpoint.settings().stallTimeout().dividedBy(4);
    this.reader = new BackfillReader(endpoint.publication(), relations, patience);
    this.notice = notice("the backfill", WORTH_SAYING);
    requirements
        .tables()
        .forEach(
            (id, of) -> {
              if (of.operations().contains(Operation.SNAPSHOT)) {
                BackfillState state = BackfillState.parse(journal.get(BackfillState.name(id)));
                if (!state.finished()) {
                  durable.put(id, state);
                }
              }
            });
  }

  private WaitNotice notice(String what, Duration worthSaying) {
    return new WaitNotice(
        "pipeline " + endpoint.pipeline() + ": " + what, worthSaying, LOG::warn, LOG::info);
  }

  /** Whether there is anything left to read. */
  boolean isActive() {
    return !tables.isEmpty() || !durable.isEmpty();
  }

  /** The tables of which not all that was read is durable. */
  Set<TableId> unfinished() {
    return Set.copyOf(durable.keySet());
  }

  /** A stream starts: what was not made durable is forgotten. */
  void streamStarts(Connection connection) throws SQLException {
    tables.clear();
    tables.putAll(durable);
    handedOver.clear();
    inOpen = new LinkedHashMap<>();
    inReady = new LinkedHashMap<>();
    chunk = null;
    turns.clear();
    if (isActive()) {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT pg_current_xact_id()::text")) {
        row.next();
        barrier = Long.parseLong(row.getString(1));
      }
    }
  }

  /**
   * Reads the next chunk, if none is waiting. A table that is locked or slow to read is postponed;
   * meanwhile other tables are read, and the stream goes on.
   */
  void step(WriterSession sql) throws SQLException, SourceException {
    long time = System.nanoTime();
    if (chunk != null || tables.isEmpty() || time - notBefore < 0) {
      return;
    }
    TransactionSnapshot now = snapshot(sql.connection());
    // What one snapshot sees, all later ones see.
    handedOver.removeIf(now::sees);
    if (now.xmin() <= barrier) {
      postpone(
          () ->
              "transaction "
                  + now.xmin()
                  + " is open since before the stream began ("
                  + Blockers.ofTransaction(sql.connection(), now.xmin())
                  + ")");
      return;
    }
    TableId id =
        tables.keySet().stream().filter(t -> turn(t).pace().isDue(time)).findFirst().orElse(null);
    if (id == null) {
      notBefore = time + PAUSE_NANOS;
      return;
    }
    BackfillChunk read;
    try {
      read = reader.read(sql.connection(), id, state(id), turn(id).pace().rows());
    } catch (SQLException e) {
      if (!BackfillReader.isHeldUp(e)) {
        throw e;
      }
      heldUp(id, e, sql.connection());
      return;
    }
    take(id, read, sql);
  }

  private Turn turn(TableId id) {
    return turns.computeIfAbsent(
        id,
        table ->
            new Turn(
                new BackfillPace(endpoint.settings().backfillChunkRows()),
                notice("the backfill of " + table, Duration.ZERO)));
  }

  private void postpone(WaitNotice.Reason reason) throws SQLException {
    long time = System.nanoTime();
    notBefore = time + PAUSE_NANOS;
    notice.waits(time, reason);
  }

  private void heldUp(TableId id, SQLException e, Connection connection) throws SQLException {
    boolean slow = SqlErrors.state(e).equals(BackfillReader.TOOK_TOO_LONG);
    long time = System.nanoTime();
    turn(id).pace().heldUp(time, slow);
    turn(id)
        .notice()
        .waits(
            time,
            () ->
                slow
                    ? "its rows take longer to read than a quarter of source.postgres.stall-timeout"
                    : "the table is locked by " + Blockers.ofTable(connection, id));
  }

  private void take(TableId id, @Nullable BackfillChunk read, WriterSession sql)
      throws SQLException {
    long time = System.nanoTime();
    turn(id).notice().goesOn(time);
    if (read == null) {
      notice.goesOn(time);
      finish(id, inReady);
      return;
    }
    if (!handedOver.stream().allMatch(read.snapshot()::sees)) {
      postpone(() -> "a commit is in the log but not visible yet, as it waits for a standby");
      return;
    }
    notice.goesOn(time);
    chunk = read;
    turn(id).pace().read(read.bytes() > endpoint.settings().maxBatchBytes().bytes() / 2);
    sql.write(new OwnMessage(endpoint.slot(), OwnMessage.Kind.CHUNK, process, ++chunkNumber));
  }

  private static TransactionSnapshot snapshot(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_current_snapshot()::text")) {
      row.next();
      return TransactionSnapshot.parse(row.getString(1));
    }
  }

  /** A change is about to be handed over behind {@code changes}, within a transaction. */
  void beforeChange(long xid, Change change, List<Change> changes) {
    if (tables.isEmpty()
        || !(change instanceof Change.TableChange c)
        || !tables.containsKey(c.table().id())) {
      return;
    }
    handedOver.add(xid);
    BackfillChunk waiting = chunk;
    if (waiting != null
        && waiting.table().equals(c.table().id())
        && !waiting.snapshot().sees(xid)) {
      List<List<String>> keys = waiting.before(c, change.origin().position(), changes);
      if (!keys.isEmpty()) {
        BackfillState state = state(waiting.table());
        List<List<String>> ahead = new ArrayList<>(state.ahead());
        ahead.addAll(keys);
        update(waiting.table(), new BackfillState(false, state.after(), ahead), inOpen);
      }
    }
  }

  /**
   * A message of Rowbell's own came.
   *
   * @param changes what comes next goes behind these
   */
  void ownMessage(OwnMessage message, Position at, List<Change> changes, boolean inTransaction) {
    BackfillChunk waiting = chunk;
    if (waiting == null
        || message.kind() != OwnMessage.Kind.CHUNK
        || !message.process().equals(process)
        || message.number() != chunkNumber) {
      return;
    }
    waiting.all(at, changes);
    chunk = null;
    Map<TableId, BackfillState> with = inTransaction ? inOpen : inReady;
    if (waiting.isFull()) {
      update(waiting.table(), new BackfillState(false, waiting.lastKey(), List.of()), with);
    } else {
      finish(waiting.table(), with);
    }
  }

  private void finish(TableId id, Map<TableId, BackfillState> with) {
    update(id, BackfillState.FINISHED, with);
    tables.remove(id);
    LOG.info("pipeline {} has read all of {}", endpoint.pipeline(), id);
  }

  private BackfillState state(TableId id) {
    return tables.getOrDefault(id, BackfillState.NEW);
  }

  private void update(TableId id, BackfillState state, Map<TableId, BackfillState> with) {
    tables.put(id, state);
    with.put(id, state);
  }

  /** The open transaction has come to its end. */
  void committed() {
    if (!inOpen.isEmpty()) {
      inReady.putAll(inOpen);
      inOpen = new LinkedHashMap<>();
    }
  }

  /**
   * What has to be kept with the changes that are taken now.
   *
   * @param openTransaction whether they are of the open transaction
   */
  List<StateChange> take(boolean openTransaction) {
    Map<TableId, BackfillState> taken = openTransaction ? inOpen : inReady;
    if (taken.isEmpty()) {
      return List.of();
    }
    FailPoint.BACKFILL_CHUNK.pass();
    List<StateChange> changes = new ArrayList<>();
    taken.forEach(
        (id, state) -> {
          changes.add(new StateChange(BackfillState.name(id), state.bytes()));
          if (state.finished()) {
            durable.remove(id);
          } else {
            durable.put(id, state);
          }
        });
    taken.clear();
    return changes;
  }
}
