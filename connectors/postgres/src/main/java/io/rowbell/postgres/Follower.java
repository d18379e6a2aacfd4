package io.rowbell.postgres;

import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Requirements;
import io.rowbell.model.TableId;
import io.rowbell.postgres.WalMessages.RelationMessage;
import io.rowbell.spi.ChangeBatch;
import io.rowbell.spi.FailPoint;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source.BatchHandler;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceException.Kind;
import io.rowbell.spi.StateChange;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows a slot from the journal's position until it is stopped. When the stream is lost it waits
 * and opens another, after all checks again.
 *
 * <p>{@link #run} and all that it calls is one thread; {@link #stop} may be called from any.
 */
final class Follower {
  private static final Duration SECOND_LOOK = Duration.ofMillis(200);

  private final Endpoint endpoint;
  private final Claim claim;
  private final Requirements requirements;
  private final Preflight preflight;
  private final JournalNotes notes;
  private final PublicationWatch publication;
  private final BatchHandler handler;
  private final Progress progress;
  private final Markers markers;
  private final Relations relations;
  private final Backfill backfill;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private @Nullable DatabaseId database;
  private @Nullable Checkpoint durable;
  private @Nullable ChangeAssembler assembler;
  private long batches;
  private boolean waitedForAnother;
  private Duration longestSilence;

  Follower(
      Endpoint endpoint,
      Claim claim,
      Requirements requirements,
      Resume resume,
      Preflight preflight,
      BatchHandler handler,
      Progress progress) {
    this.endpoint = endpoint;
    this.claim = claim;
    this.requirements = requirements;
    this.durable = resume.checkpoint();
    this.preflight = preflight;
    this.database = resume.database();
    this.longestSilence = endpoint.settings().stallTimeout();
    this.notes = new JournalNotes(resume.state());
    this.publication =
        new PublicationWatch(endpoint.publicationHistory(), requirements.tables().keySet(), notes);
    this.handler = handler;
    this.progress = progress;
    this.markers =
        new Markers(endpoint.slot(), endpoint.settings().markerInterval(), progress, publication);
    this.relations = new Relations(endpoint.types());
    this.backfill = new Backfill(endpoint, relations, requirements, resume.state());
  }

  void stop() {
    stopped.countDown();
  }

  /** Follows until {@link #stop}. */
  void run() throws SourceException, JournalException, InterruptedException {
    Outage outage =
        new Outage(endpoint.pipeline(), endpoint.settings().reconnectFor(), progress, stopped);
    while (!isStopped()) {
      long before = batches;
      try {
        follow();
        return;
      } catch (SourceException e) {
        if (batches > before) {
          outage.over();
        }
        beMorePatient(e, batches > before);
        outage.await("a stream", e);
        waitedForAnother |= SqlErrors.isInUse(e);
      } finally {
        progress.waiting("the source was stopped");
      }
    }
  }

  private void follow() throws SourceException, JournalException, InterruptedException {
    try (StreamSession session = open()) {
      if (session.awaitStream(this::isStopped)) {
        claim.useOn();
        try {
          session.follow(this::isStopped);
        } finally {
          claim.rest();
        }
      }
    }
  }

  /**
   * A server that decodes a huge transaction of others may have nothing to say for a while, and
   * begins again with each new connection: each silence without a batch is allowed to last longer.
   */
  private void beMorePatient(SourceException e, boolean moved) {
    if (moved) {
      longestSilence = endpoint.settings().stallTimeout();
    } else if (e.getCause() instanceof SocketTimeoutException) {
      longestSilence = longestSilence.multipliedBy(2);
    }
  }

  private boolean isStopped() {
    return stopped.getCount() == 0;
  }

  private StreamSession open() throws SourceException, InterruptedException {
    FailPoint.CONNECTING.pass();
    WriterSession sql = claim.use();
    try {
      return open(sql);
    } catch (SQLException e) {
      throw SqlErrors.whileAsking("preparing the stream", e);
    } finally {
      claim.rest();
    }
  }

  private StreamSession open(WriterSession sql)
      throws SourceException, SQLException, InterruptedException {
    SlotProgress slot = sql.slot().orElse(null);
    if (slot != null && slot.activePid() != 0) {
      if (slot.activeIsOurs()) {
        sql.endStream(slot.activePid());
      }
      throw new SourceException(
          Kind.UNREACHABLE,
          "slot '"
              + endpoint.slot()
              + "' is in use by server process "
              + slot.activePid()
              + ": it ends by itself if its client is gone; if it is another program, give this"
              + " pipeline another slot",
          new SQLException("slot in use", SqlErrors.IN_USE));
    }
    // The checks have connections of their own, and wait for tables that others have locked.
    claim.rest();
    require();
    claim.useOn();
    if (slot == null || slot.confirmed() == null) {
      throw new SourceException(
          Kind.MISCONFIGURED, "there is no logical slot '" + endpoint.slot() + "'", null);
    }
    Checkpoint from = durable == null ? Checkpoint.at(slot.confirmed()) : durable;
    durable = from;
    database = WriterSession.database(sql.connection());
    notes.put(Timelines.STATE, Timelines.bytes(ServerState.read(sql.connection()).timeline()));
    publication.look(sql.connection());
    noteTables(sql.connection());
    progress.done(from.position());
    if (assembler == null) {
      assembler =
          new ChangeAssembler(
              relations,
              requirements.tables().keySet(),
              requirements.messagePrefixes(),
              sql.serverCharset(),
              endpoint.settings(),
              from,
              InstantSource.system(),
              new Listening());
    }
    assembler.streamStarts(from);
    markers.streamStarts();
    backfill.streamStarts(sql.connection());
    return new StreamSession(
        endpoint,
        sql,
        requirements,
        assembler,
        from,
        markers,
        backfill,
        this::deliver,
        progress,
        longestSilence);
  }

  /** The checks; a table that is altered between two of their questions is no reason to refuse. */
  private void require() throws SourceException, InterruptedException {
    try {
      preflight.require(requirements, resume());
      return;
    } catch (SourceException e) {
      if (e.kind() != Kind.MISCONFIGURED) {
        throw startAgain(e);
      }
    }
    if (!stopped.await(SECOND_LOOK.toNanos(), TimeUnit.NANOSECONDS)) {
      try {
        preflight.require(requirements, resume());
      } catch (SourceException e) {
        throw startAgain(e);
      }
    }
  }

  private Resume resume() {
    return new Resume(database, durable, notes.all());
  }

  /** A journal that was read before another process wrote to it is no mismatch, only old. */
  private SourceException startAgain(SourceException e) {
    if (!waitedForAnother || e.kind() != Kind.POSITION_MISMATCH) {
      return e;
    }
    return new SourceException(
        Kind.FAILED,
        "another process has followed slot '"
            + endpoint.slot()
            + "' while this one waited for it, so the journal is further than it was when this one"
            + " read it: start again ("
            + e.getMessage()
            + ")",
        e);
  }

  /**
   * How tables look of which nothing has come yet: so will their next rows, if the log is read up.
   */
  private void noteTables(Connection connection) throws SQLException {
    for (TableId table : requirements.tables().keySet()) {
      String note = Relations.nextVersion(table);
      if (notes.get(note) == null) {
        BackfillTable.announcement(connection, table, endpoint.publication())
            .ifPresent(announcement -> notes.put(note, announcement.bytes()));
      }
    }
  }

  private void deliver(ChangeAssembler.Taken taken) throws JournalException, InterruptedException {
    RelationMessage altered = taken.altered();
    if (altered != null) {
      notes.put(Relations.nextVersion(altered.table()), altered.bytes());
    }
    if (taken.openTransaction() && !taken.changes().isEmpty()) {
      FailPoint.TRANSACTION_PART.pass();
    }
    List<StateChange> entries = new ArrayList<>(backfill.take(taken.openTransaction()));
    entries.addAll(notes.untold());
    handler.handle(
        new ChangeBatch(
            taken.changes(),
            entries,
            taken.checkpoint(),
            markers.clock(),
            taken.openTransaction()));
    notes.told();
    durable = taken.checkpoint();
    waitedForAnother = false;
    batches++;
    progress.done(taken.checkpoint().position(), durableUntil(taken));
  }

  /** The later of the last marker's time and that of the last commit. */
  private @Nullable Instant durableUntil(ChangeAssembler.Taken taken) {
    Instant marked = markers.clock();
    List<Change> changes = taken.changes();
    if (changes.isEmpty() || taken.openTransaction()) {
      return marked;
    }
    Origin last = changes.get(changes.size() - 1).origin();
    return last.snapshot() || (marked != null && marked.isAfter(last.commitTime()))
        ? marked
        : last.commitTime();
  }

  private final class Listening implements ChangeAssembler.Listener {
    @Override
    public void ownMessage(
        String content, Position at, List<Change> changes, boolean inTransaction) {
      OwnMessage.parse(content)
          .ifPresent(
              message -> {
                markers.seen(message);
                backfill.ownMessage(message, at, changes, inTransaction);
              });
    }

    @Override
    public void beforeChange(long xid, Change change, List<Change> changes) {
      backfill.beforeChange(xid, change, changes);
    }

    @Override
    public void committed() {
      backfill.committed();
    }

    @Override
    public boolean isAltered(RelationMessage announced) {
      return !Arrays.equals(notes.get(Relations.nextVersion(announced.table())), announced.bytes());
    }
  }
}
