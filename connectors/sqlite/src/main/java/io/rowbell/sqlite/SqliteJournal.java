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
import io.rowbell.sqlite.WritingConnection.Work;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The journal in one SQLite file. */
final class SqliteJournal implements Journal {
  private static final Duration LONGEST_PERIOD = Duration.ofSeconds(10);
  private static final Duration SHORTEST_PERIOD = Duration.ofMillis(50);

  private final JournalFile file;
  private final Room room;
  private final Clock clock;
  private final ReentrantLock writing = new ReentrantLock(true);
  private final FileWriter writer;
  private final EventWriter events;
  private final Remembered remembered;
  private final LetterCount letters;
  private final Cursors cursors;
  private final Retention retention;
  private final Tail tail;
  private final Set<SqliteSubscription> subscriptions = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor housekeeper;
  private volatile long oldest;

  private SqliteJournal(JournalFile file, FileWriter writer, Duration keep, Room room, Clock clock)
      throws SQLException {
    this.file = file;
    this.writer = writer;
    this.room = room;
    this.clock = clock;
    Connection main = writer.main().sql();
    events = new EventWriter(main);
    remembered = new Remembered(main);
    letters = new LetterCount(file);
    cursors = new Cursors(main);
    retention = new Retention(main, keep);
    tail = new Tail(remembered.lastSeq());
    long first = Schema.number(main, "SELECT min(seq) FROM event");
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
    FileWriter writer = FileWriter.open(file, pipeline, maxSize);
    try {
      SqliteJournal journal = new SqliteJournal(file, writer, keep, new Room(file, maxSize), clock);
      journal.startKeepingHouse(keep);
      return journal;
    } catch (SQLException e) {
      JournalException explained = file.explain("opening it", e);
      closeAfter(explained, writer);
      throw explained;
    } catch (RuntimeException e) {
      closeAfter(e, writer);
      throw e;
    }
  }

  private static void closeAfter(Exception cause, FileWriter writer) {
    try {
      writer.close();
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
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
      writer.refuseIfUnusable();
      writer.refuseIfReplaced();
      remembered.refuseIfNotNext(batch, file);
      while (!appendIfThereIsRoom(batch)) {
        if (!deleteSome(firstNeeded())) {
          throw full();
        }
      }
      remembered.appended(batch);
      if (!batch.deadLetters().isEmpty()) {
        letters.changed();
      }
      tail.move(remembered.lastSeq());
    } finally {
      writing.unlock();
    }
  }

  /**
   * @return false if there was no room, and nothing came of it
   */
  private boolean appendIfThereIsRoom(Batch batch) throws JournalException {
    try {
      writer.write(
          writer.main(),
          "appending",
          connection -> {
            long before = Room.pagesInUse(connection);
            if (!batch.events().isEmpty()) {
              events.insert(batch.events(), remembered.lastSeq() + 1);
            }
            DeadLetters.insert(connection, batch.deadLetters());
            remembered.save(batch);
            room.refuseTheReserve(connection, before);
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
        writer.breakDown(e);
      }
      if (e.kind() == Kind.FULL && writer.isUsable()) {
        return false;
      }
      writer.breakDown(e);
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
      writer.refuseIfUnusable();
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
    writer.write(
        writer.main(), "making a cursor", connection -> Cursors.move(connection, subscriber, next));
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
      writer.refuseIfUnusable();
      WritingConnection connection = gaveUp ? writer.main() : writer.relaxed();
      boolean kept = writer.writeIfThereIsRoom(connection, doing, keep);
      long before = firstNeeded(cursor, next);
      if (!kept && before > oldest) {
        // Dead letters take the place of the events they stand for, once nobody needs those.
        Work keepInTheirPlace =
            sql -> {
              Retention.delete(sql, before);
              keep.run(sql);
            };
        kept = writer.writeIfThereIsRoom(connection, doing, keepInTheirPlace);
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
    if (gaveUp) {
      letters.changed();
    }
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
      writer.refuseIfUnusable();
      if (decision instanceof Decision.Move move) {
        // Here, as retention deletes at any time.
        refuseIfNotKept(move.nextOffsets());
      }
      if (!writer.writeIfThereIsRoom(writer.main(), "keeping what was decided", keep)) {
        throw full();
      }
      letters.changed();
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

  @Override
  public void forget(String subscriber, Act act) throws JournalException, InterruptedException {
    writing.lockInterruptibly();
    try {
      writer.refuseIfUnusable();
      boolean kept =
          writer.writeIfThereIsRoom(
              writer.main(),
              "forgetting a subscriber",
              connection -> {
                Cursors.forget(connection, subscriber);
                Acts.insert(connection, act);
              });
      if (!kept) {
        throw full();
      }
      cursors.forgotten(subscriber);
    } finally {
      writing.unlock();
    }
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
    writer.write(
        writer.relaxed(),
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
      writer.breakDown(failure);
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
        if (!writer.isUsable()) {
          return;
        }
        long now = Micros.of(clock.instant());
        more = deleteSome(Math.min(firstNeeded(), firstYoung(now)));
        // What needs room comes after what makes room.
        long next = remembered.lastSeq() + 1;
        if (!more && retention.markIsDue(next, now)) {
          writer.write(
              writer.relaxed(),
              "noting the time",
              connection -> Retention.mark(connection, next, now));
          retention.marked(next, now);
        }
      } finally {
        writing.unlock();
      }
    }
  }

  private long firstYoung(long now) throws JournalException {
    try {
      return retention.firstYoung(writer.relaxed().sql(), now);
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
    return new JournalStatus(room.used(), room.limit(), letters.now(), lag, parked);
  }

  @Override
  public void close() {
    writing.lock();
    try {
      if (writer.isEnded()) {
        return;
      }
      writer.end();
      housekeeper.shutdownNow();
    } finally {
      writing.unlock();
    }
    subscriptions.forEach(SqliteSubscription::close);
    writer.close();
  }
}
