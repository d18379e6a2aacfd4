package io.rowbell.sqlite;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.Act;
import io.rowbell.spi.Batch;
import io.rowbell.spi.ByteSize;
import io.rowbell.spi.CursorRange;
import io.rowbell.spi.Decision;
import io.rowbell.spi.FailPoint;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalException.Kind;
import io.rowbell.spi.JournalStatus;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.Progress;
import io.rowbell.sqlite.WritingConnection.UnknownOutcomeException;
import io.rowbell.sqlite.WritingConnection.Work;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * The journal in one SQLite file.
 *
 * <p>There are two writing connections, used one at a time under {@code writing}. {@code main}
 * commits with {@code synchronous=FULL}: appends, and whatever a subscriber gives up. {@code
 * relaxed} commits without waiting for the disk: the moves of cursors and retention. If the machine
 * loses its power just then, a cursor may stand a little before where it was committed, as it does
 * when the process dies before the commit; the next append makes it durable too. Nothing that was
 * appended depends on it.
 */
final class SqliteJournal implements Journal {
  private static final int PAGE_SIZE = 8_192;

  private static final Duration LONGEST_PERIOD = Duration.ofSeconds(10);
  private static final Duration SHORTEST_PERIOD = Duration.ofMillis(50);

  private final JournalFile file;
  private final @Nullable Object identity;
  private final WriterLock writerLock;
  private final Room room;
  private final Clock clock;
  private final ReentrantLock writing = new ReentrantLock(true);
  private final WritingConnection main;
  private final WritingConnection relaxed;
  private final EventWriter events;
  private final Remembered remembered;
  private final Cursors cursors;
  private final Retention retention;
  private final Tail tail;
  private final Set<SqliteSubscription> subscriptions = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor housekeeper;
  private volatile long oldest;

  // Guarded by writing.
  private @Nullable JournalException broken;
  private boolean closed;

  private SqliteJournal(
      JournalFile file,
      WriterLock writerLock,
      WritingConnection main,
      WritingConnection relaxed,
      Duration keep,
      Room room,
      Clock clock)
      throws SQLException, JournalException {
    this.file = file;
    this.identity = file.identity();
    this.writerLock = writerLock;
    this.main = main;
    this.relaxed = relaxed;
    this.room = room;
    this.clock = clock;
    events = new EventWriter(main.sql());
    remembered = new Remembered(main.sql());
    cursors = new Cursors(main.sql());
    retention = new Retention(main.sql(), keep);
    tail = new Tail(remembered.lastSeq());
    long first = Schema.number(main.sql(), "SELECT min(seq) FROM event");
    oldest = first == 0 ? remembered.lastSeq() + 1 : first;
    housekeeper =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "rowbell-journal-retention");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * @throws JournalException UNAVAILABLE if it has a writer, else FATAL
   */
  static SqliteJournal open(
      JournalFile file, String pipeline, Duration keep, ByteSize maxSize, Clock clock)
      throws JournalException {
    file.make();
    WriterLock lock = WriterLock.take(file);
    WritingConnection main = null;
    WritingConnection relaxed = null;
    try {
      main = file.openForWriting(SynchronousMode.FULL, PAGE_SIZE);
      Schema.makeOrVerify(main, file, pipeline);
      relaxed = file.openForWriting(SynchronousMode.NORMAL, PAGE_SIZE);
      Room room = new Room(file, maxSize);
      room.limit(main.sql());
      room.limit(relaxed.sql());
      SqliteJournal journal = new SqliteJournal(file, lock, main, relaxed, keep, room, clock);
      journal.startKeepingHouse(keep);
      return journal;
    } catch (SQLException e) {
      JournalException explained = file.explain("opening it", e);
      closeAll(explained, relaxed, main, lock);
      throw explained;
    } catch (JournalException | RuntimeException e) {
      closeAll(e, relaxed, main, lock);
      throw e;
    }
  }

  private static void closeAll(Exception cause, @Nullable AutoCloseable... resources) {
    for (AutoCloseable resource : resources) {
      try {
        if (resource != null) {
          resource.close();
        }
      } catch (Exception e) {
        cause.addSuppressed(e);
      }
    }
  }

  private void startKeepingHouse(Duration keep) {
    long period =
        Math.max(
            SHORTEST_PERIOD.toMillis(), Math.min(LONGEST_PERIOD.toMillis(), keep.toMillis() / 4));
    var unused =
        housekeeper.scheduleWithFixedDelay(this::keepHouse, 0, period, TimeUnit.MILLISECONDS);
  }

  @Override
  public Resume resume() {
    writing.lock();
    try {
      return remembered.resume();
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void append(Batch batch) throws JournalException, InterruptedException {
    writing.lockInterruptibly();
    try {
      refuseIfBroken();
      refuseIfReplaced();
      remembered.refuseIfNotNext(batch, file);
      while (!appendIfThereIsRoom(batch)) {
        if (!deleteSome(firstNeeded())) {
          throw full();
        }
      }
      remembered.appended(batch);
      tail.move(remembered.lastSeq());
    } finally {
      writing.unlock();
    }
  }

  /** A file that was removed goes on taking writes, and all of it would be lost. */
  private void refuseIfReplaced() throws JournalException {
    JournalException cause = null;
    try {
      if (Objects.equals(identity, file.identity())) {
        return;
      }
    } catch (JournalException e) {
      cause = e;
    }
    broken =
        new JournalException(
            Kind.FATAL,
            file
                + " was removed or replaced while the engine ran: nothing more is appended. What"
                + " was in it is not known any more; put it back from a backup, or start again with"
                + " a new journal at the slot's position",
            cause);
    throw broken;
  }

  private void refuseIfBroken() throws JournalException {
    if (closed) {
      throw new JournalException(Kind.UNAVAILABLE, file + " was closed; open it anew", null);
    }
    if (broken != null) {
      throw new JournalException(
          broken.kind(), "after an earlier failure: " + broken.getMessage(), broken);
    }
  }

  /**
   * @return false if there was no room, and nothing came of it
   */
  private boolean appendIfThereIsRoom(Batch batch) throws JournalException {
    try {
      write(
          main,
          "appending",
          connection -> {
            if (!batch.events().isEmpty()) {
              events.insert(batch.events(), remembered.lastSeq() + 1);
            }
            DeadLetters.insert(connection, batch.deadLetters());
            remembered.save(batch);
            if (!batch.events().isEmpty() || !batch.deadLetters().isEmpty()) {
              room.refuseTheReserve(connection);
            }
            if (!batch.events().isEmpty()) {
              FailPoint.SQLITE_WRITTEN.pass();
            }
          });
      events.committed();
      return true;
    } catch (JournalException e) {
      try {
        events.rolledBack();
      } catch (SQLException unexpected) {
        e.addSuppressed(unexpected);
        broken = e;
      }
      if (e.kind() == Kind.FULL && broken == null) {
        return false;
      }
      broken = e;
      throw e;
    }
  }

  /** Does something in one transaction; the journal is broken if its outcome is not known. */
  private void write(WritingConnection connection, String doing, Work work)
      throws JournalException {
    try {
      connection.transact(work);
    } catch (SQLException e) {
      throw file.explain(doing, e);
    } catch (UnknownOutcomeException e) {
      broken =
          new JournalException(
              Kind.UNAVAILABLE,
              file + ": it is not known whether " + doing + " succeeded: " + e.getMessage(),
              e);
      throw broken;
    }
  }

  /**
   * @return false if there was no room, and nothing came of it
   */
  private boolean writeIfThereIsRoom(WritingConnection connection, String doing, Work work)
      throws JournalException {
    try {
      write(connection, doing, work);
      return true;
    } catch (JournalException e) {
      if (e.kind() == Kind.FULL && broken == null) {
        return false;
      }
      throw e;
    }
  }

  private JournalException full() {
    Optional<Cursor> last =
        cursors.all().stream()
            .min(Comparator.comparingLong(cursor -> cursor.reached))
            .filter(cursor -> lag(cursor) > 0);
    return last.map(cursor -> room.full(cursor.subscriber, lag(cursor))).orElseGet(room::full);
  }

  @Override
  public Subscription subscribe(String subscriber, Set<String> types, Start start)
      throws JournalException {
    Cursor cursor;
    writing.lock();
    try {
      refuseIfBroken();
      cursor = findOrMake(subscriber, start);
    } finally {
      writing.unlock();
    }
    SqliteSubscription subscription =
        new SqliteSubscription(this, cursor, tail, EventScan.open(file, types, cursor.durable));
    subscriptions.add(subscription);
    return subscription;
  }

  private Cursor findOrMake(String subscriber, Start start) throws JournalException {
    Cursor known = cursors.find(subscriber);
    if (known != null) {
      return known;
    }
    long next = start == Start.LATEST ? remembered.lastSeq() + 1 : oldest;
    write(main, "making a cursor", connection -> Cursors.move(connection, subscriber, next));
    return cursors.made(subscriber, next);
  }

  void forget(SqliteSubscription subscription) {
    subscriptions.remove(subscription);
  }

  /** Keeps a subscriber's progress; waits for the disk if anything was given up. */
  void commit(Cursor cursor, long next, Progress progress)
      throws JournalException, InterruptedException {
    boolean gaveUp = !progress.movesOnly();
    String doing = "keeping a subscriber's progress";
    Work keep =
        connection -> {
          if (next != cursor.durable) {
            Cursors.move(connection, cursor.subscriber, next);
          }
          if (gaveUp) {
            Cursors.keep(connection, cursor.subscriber, progress);
          }
        };
    writing.lockInterruptibly();
    try {
      refuseIfBroken();
      WritingConnection connection = gaveUp ? main : relaxed;
      boolean kept = writeIfThereIsRoom(connection, doing, keep);
      long before = firstNeeded(cursor, next);
      if (!kept && before > oldest) {
        // Dead letters take the place of the events they stand for, once nobody needs those.
        Work keepInTheirPlace =
            sql -> {
              Retention.delete(sql, before);
              keep.run(sql);
            };
        kept = writeIfThereIsRoom(connection, doing, keepInTheirPlace);
        oldest = kept ? before : oldest;
      }
      if (!kept) {
        throw full();
      }
    } finally {
      writing.unlock();
    }
    cursor.durable = next;
    cursor.reached = next;
    cursor.kept(progress);
  }

  /** Carries out a decision about a subscriber, or about the dead letters of rules. */
  void decide(@Nullable Cursor cursor, Decision decision, Act act)
      throws JournalException, InterruptedException {
    Work keep =
        connection -> {
          if (cursor != null) {
            Cursors.decide(connection, cursor.subscriber, decision);
          } else if (decision instanceof Decision.Drop drop) {
            DeadLetters.delete(connection, drop.letters());
          }
          Acts.insert(connection, act);
        };
    writing.lockInterruptibly();
    try {
      refuseIfBroken();
      if (decision instanceof Decision.Move move) {
        // Here, as retention deletes at any time.
        refuseIfNotKept(move.nextOffsets());
      }
      if (!writeIfThereIsRoom(main, "keeping what was decided", keep)) {
        throw full();
      }
      if (cursor != null) {
        cursor.decided(decision);
      }
    } finally {
      writing.unlock();
    }
  }

  private void refuseIfNotKept(Map<String, Long> offsets) {
    offsets.forEach(
        (partition, next) -> {
          if (!partition.equals(EventScan.PARTITION)
              || next < oldest
              || next > remembered.lastSeq() + 1) {
            throw new IllegalArgumentException(
                file
                    + " keeps the events from "
                    + oldest
                    + " to "
                    + remembered.lastSeq()
                    + ", and no cursor can be put at "
                    + next);
          }
        });
  }

  /** Where a cursor stands, and where it could. */
  CursorRange range(Cursor cursor) {
    return new CursorRange(oldest, cursor.durable, tail.newest() + 1);
  }

  @Override
  public void drop(List<DeadLetter> letters, Act act)
      throws JournalException, InterruptedException {
    decide(null, new Decision.Drop(letters, Set.of()), act);
  }

  /** Moves a cursor behind events that its subscriber did not ask for. */
  void move(Cursor cursor, long next) throws JournalException, InterruptedException {
    commit(cursor, next, new Progress(Map.of(), List.of(), Set.of()));
  }

  /** The first event that some cursor has not passed. */
  private long firstNeeded() {
    return cursors.all().stream()
        .mapToLong(cursor -> cursor.durable)
        .min()
        .orElse(remembered.lastSeq() + 1);
  }

  /** The same once a cursor is moved. */
  private long firstNeeded(Cursor moved, long next) {
    return cursors.all().stream()
        .mapToLong(cursor -> cursor == moved ? next : cursor.durable)
        .min()
        .orElse(next);
  }

  /**
   * Deletes some of the oldest events.
   *
   * @return whether there were any before {@code before}
   */
  private boolean deleteSome(long before) throws JournalException {
    if (before <= oldest) {
      return false;
    }
    long[] left = {oldest};
    write(
        relaxed,
        "deleting old events",
        connection -> left[0] = Retention.deleteSome(connection, left[0], before));
    oldest = left[0];
    return true;
  }

  /** Tidies, and survives a full disk. */
  void keepHouse() {
    try {
      tidy();
    } catch (JournalException e) {
      // A full disk is not the end: appends say so by themselves, and there may be room next time.
      if (e.kind() != Kind.FULL) {
        breakDown(e);
      }
    } catch (RuntimeException e) {
      breakDown(new JournalException(Kind.FATAL, file + ": retention failed: " + e, e));
    }
  }

  /** Nobody looks at the housekeeper's thread: so the next append says what happened there. */
  private void breakDown(JournalException failure) {
    writing.lock();
    try {
      broken = broken == null ? failure : broken;
    } finally {
      writing.unlock();
    }
  }

  /** Deletes what is old, step by step; an append waits for one step at most. */
  void tidy() throws JournalException {
    boolean more = true;
    while (more) {
      writing.lock();
      try {
        if (closed || broken != null) {
          return;
        }
        long now = Micros.of(clock.instant());
        more = deleteSome(Math.min(firstNeeded(), firstYoung(now)));
        // What needs room comes after what makes room.
        long next = remembered.lastSeq() + 1;
        if (!more && retention.markIsDue(next, now)) {
          write(relaxed, "noting the time", connection -> Retention.mark(connection, next, now));
          retention.marked(next, now);
        }
      } finally {
        writing.unlock();
      }
    }
  }

  private long firstYoung(long now) throws JournalException {
    try {
      return retention.firstYoung(relaxed.sql(), now);
    } catch (SQLException e) {
      throw file.explain("looking for old events", e);
    }
  }

  private long lag(Cursor cursor) {
    return Math.max(0, tail.newest() + 1 - Math.max(cursor.reached, oldest));
  }

  @Override
  public JournalStatus status() {
    Map<String, Long> lag = new HashMap<>();
    Map<String, Integer> parked = new HashMap<>();
    for (Cursor cursor : cursors.all()) {
      lag.put(cursor.subscriber, lag(cursor));
      parked.put(cursor.subscriber, cursor.parked.size());
    }
    return new JournalStatus(room.used(), lag, parked);
  }

  @Override
  public void close() {
    writing.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      housekeeper.shutdownNow();
    } finally {
      writing.unlock();
    }
    subscriptions.forEach(SqliteSubscription::close);
    RuntimeException failure = new IllegalStateException(file + " could not be closed");
    closeAll(failure, relaxed, main, writerLock);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }
}
