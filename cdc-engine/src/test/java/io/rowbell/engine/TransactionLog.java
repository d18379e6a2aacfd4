package io.rowbell.engine;

import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.Row;
import io.rowbell.spi.ChangeBatch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A model of PostgreSQL with a slot: what was committed, in commit order, of which is sent what
 * lies behind a position. The same seed gives the same log: rows that share an LSN, rows whose LSN
 * lies below the commit before, transactions larger than a batch, markers.
 */
final class TransactionLog {
  private static final Checkpoint START = Checkpoint.at(Position.ZERO);
  private static final List<String> STATUS = List.of("A", "B", "C");

  /**
   * A transaction, or, without changes, a marker.
   *
   * @param end where its commit ends
   */
  private record Entry(long xid, Instant time, Position end, List<Change> changes) {}

  private final List<Entry> entries = new ArrayList<>();
  private final Map<Long, Row> orders = new HashMap<>();

  /** A log of so many entries. */
  static TransactionLog random(long seed, int entries) {
    TransactionLog log = new TransactionLog();
    Random random = new Random(seed);
    Instant now = Instant.EPOCH;
    for (int i = 1; i <= entries; i++) {
      now = now.plusMillis(random.nextInt(3_000));
      boolean marker = random.nextInt(6) == 0;
      // Commits do not come in the exact order of their times, but none lies before a marker's.
      Instant time = marker ? now : now.plusMillis(random.nextInt(1_000));
      long end = i * 0x1000L;
      log.entries.add(
          new Entry(
              marker ? 0 : 700 + i,
              time,
              new Position(end),
              marker ? List.of() : log.changes(random, 700 + i, time, end)));
    }
    return log;
  }

  private List<Change> changes(Random random, long xid, Instant time, long end) {
    List<Change> changes = new ArrayList<>();
    // Interleaved with those that were committed before it: its first rows lie below D.
    long lsn = Math.max(0x10, end - 0x1000 - random.nextInt(0x1000));
    int index = 0;
    if (random.nextInt(4) == 0) {
      Origin origin = new Origin(xid, time, new Position(lsn - 8), 0, null);
      changes.add(
          new Change.Message(origin, "rowbell.context", "{\"Actor_Id\": \"u" + xid + "\"}", true));
    }
    boolean copy = random.nextInt(3) == 0;
    for (int rows = random.nextInt(4) == 0 ? 7 : 1 + random.nextInt(3); rows > 0; rows--) {
      Origin origin = new Origin(xid, time, new Position(lsn), 2 * index, null);
      changes.add(copy ? user(random, origin) : order(random, origin));
      index = copy ? index + 1 : 0;
      lsn += copy ? 0 : 0x20;
    }
    return changes;
  }

  private static Change user(Random random, Origin origin) {
    Object[] values = {(long) random.nextInt(5), "mail" + random.nextInt(3)};
    return new Change.Inserted(origin, ScriptedSource.row(ScriptedSource.USERS, values));
  }

  private Change order(Random random, Origin origin) {
    long id = random.nextInt(5);
    Row row = ScriptedSource.row(ScriptedSource.ORDERS, id, STATUS.get(random.nextInt(3)));
    Row before = orders.get(id);
    if (before == null) {
      orders.put(id, row);
      return new Change.Inserted(origin, row);
    }
    if (random.nextInt(5) == 0) {
      orders.remove(id);
      return new Change.Deleted(origin, before);
    }
    orders.put(id, row);
    return new Change.Updated(origin, before, row);
  }

  /** Where all of it is done. */
  Checkpoint end() {
    return Checkpoint.at(entries.get(entries.size() - 1).end());
  }

  /**
   * The next batch behind a position: whole transactions as long as there is room, or a part of
   * one.
   *
   * @param durable D; null to begin
   * @param room for how many changes
   * @return null at the end
   */
  @Nullable ChangeBatch next(@Nullable Checkpoint durable, int room) {
    Checkpoint from = durable == null ? START : durable;
    List<Change> changes = new ArrayList<>();
    Checkpoint done = from;
    Instant clock = null;
    int skip = Math.toIntExact(from.rows());
    for (Entry entry : entries) {
      if (entry.end().compareTo(from.position()) <= 0) {
        continue;
      }
      List<Change> rest = entry.changes().subList(skip, entry.changes().size());
      if (changes.size() + rest.size() > room) {
        return changes.isEmpty() && done.equals(from)
            ? part(entry, done, skip, room)
            : new ChangeBatch(changes, List.of(), done, clock, false);
      }
      changes.addAll(rest);
      clock = entry.xid() == 0 ? entry.time() : clock;
      done = Checkpoint.at(entry.end());
      skip = 0;
    }
    return done.equals(from) ? null : new ChangeBatch(changes, List.of(), done, clock, false);
  }

  private static ChangeBatch part(Entry entry, Checkpoint from, int skip, int room) {
    return new ChangeBatch(
        entry.changes().subList(skip, skip + room),
        List.of(),
        new Checkpoint(from.position(), entry.xid(), skip + room),
        null,
        true);
  }
}
