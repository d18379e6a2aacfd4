package io.rowbell.engine;

import io.rowbell.model.Catalog;
import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.Column;
import io.rowbell.model.ColumnType;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.Requirements;
import io.rowbell.model.Row;
import io.rowbell.model.TableId;
import io.rowbell.model.TableSchema;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.ChangeBatch;
import io.rowbell.spi.ChangeWatch;
import io.rowbell.spi.Finding;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceException;
import io.rowbell.spi.SourceFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A database in memory: a log of transactions on {@code public.orders(id, status)} and {@code
 * public.users(id, email)}. Each run begins behind the journal's position, as PostgreSQL's slot
 * does, and goes on with what is added until it is stopped.
 */
final class ScriptedSource implements SourceFactory<ScriptedSource.Settings> {
  /** No settings. */
  record Settings() {}

  static final DatabaseId DATABASE = new DatabaseId("7000000000000000000", "test");

  static final TableSchema ORDERS =
      new TableSchema(
          new TableId("public", "orders"),
          List.of(
              new Column("id", ColumnType.of(ColumnType.Kind.INTEGER, "bigint"), false),
              new Column("status", ColumnType.of(ColumnType.Kind.TEXT, "text"), true)),
          List.of(0),
          ReplicaIdentity.FULL,
          List.of(0, 1));

  /** The same without its second column. */
  static final TableSchema ORDERS_WITHOUT_STATUS =
      new TableSchema(
          ORDERS.id(), List.of(ORDERS.column(0)), List.of(0), ReplicaIdentity.FULL, List.of(0));

  /** Another table. */
  static final TableSchema USERS =
      new TableSchema(
          new TableId("public", "users"),
          List.of(
              new Column("id", ColumnType.of(ColumnType.Kind.INTEGER, "bigint"), false),
              new Column("email", ColumnType.of(ColumnType.Kind.TEXT, "text"), true)),
          List.of(0),
          ReplicaIdentity.FULL,
          List.of(0, 1));

  private final List<ChangeBatch> log = new CopyOnWriteArrayList<>();
  private final List<Requirements> runs = new CopyOnWriteArrayList<>();
  private volatile List<Finding> findings = List.of();
  private volatile TableSchema orders = ORDERS;
  private volatile boolean caughtUp = true;
  private @Nullable Reader reader;
  private @Nullable SourceException failure;
  private @Nullable ChangeBatch heldUntilStop;
  private volatile boolean running;
  private volatile @Nullable Checkpoint confirmed;

  /** Hands over changes in place of the log. */
  interface Reader {
    /** Returns when there are no more. */
    void read(Resume resume, Source.BatchHandler handler)
        throws JournalException, InterruptedException;
  }

  /** What each run hands over before it waits to be stopped. */
  ScriptedSource readBy(Reader other) {
    reader = other;
    return this;
  }

  /** A transaction that inserts one row. */
  ScriptedSource inserted(long id, String status) {
    return committed(origin -> new Change.Inserted(origin, row(ORDERS, id, status)));
  }

  /** A transaction of one change. */
  ScriptedSource committed(java.util.function.Function<Origin, Change> change) {
    int n = log.size() + 1;
    Position position = new Position(n * 0x100L);
    Origin origin =
        new Origin(700 + n, Instant.EPOCH.plusSeconds(n), new Position(n * 0x100L - 0x80), 0, null);
    log.add(
        new ChangeBatch(
            List.of(change.apply(origin)), List.of(), Checkpoint.at(position), null, false));
    return this;
  }

  /** A part of a transaction of inserts of one row each; the last part ends it. */
  ScriptedSource part(boolean last, long rows, long id, String status) {
    return part(last, rows, row(ORDERS, id, status));
  }

  /** The same, of a table in any version. */
  ScriptedSource part(boolean last, long rows, Row row) {
    int n = log.size() + 1;
    Origin origin =
        new Origin(99, Instant.EPOCH.plusSeconds(n), new Position(n * 0x100L - 0x80), 0, null);
    Position end = log.isEmpty() ? Position.ZERO : log.get(log.size() - 1).checkpoint().position();
    log.add(
        new ChangeBatch(
            List.of(new Change.Inserted(origin, row)),
            List.of(),
            last ? Checkpoint.at(new Position(n * 0x100L)) : new Checkpoint(end, 99, rows),
            null,
            !last));
    return this;
  }

  /** What an inspection finds from now on. */
  ScriptedSource lacking(Finding... found) {
    findings = List.of(found);
    return this;
  }

  /** What the database says of the table, whatever the log brings. */
  ScriptedSource altered(TableSchema to, boolean logIsRead) {
    orders = to;
    caughtUp = logIsRead;
    return this;
  }

  /** What each run was asked for. */
  List<Requirements> runs() {
    return runs;
  }

  /** At the end of the log, run fails like this instead of waiting. */
  ScriptedSource thenFails(SourceException.Kind kind) {
    failure = new SourceException(kind, "a fault of the test", null);
    return this;
  }

  /** The last transaction is at hand, once, when somebody asks for a stop. */
  ScriptedSource heldUntilStop() {
    heldUntilStop = log.get(log.size() - 1);
    return this;
  }

  /** Whether the log is being read. */
  boolean running() {
    return running;
  }

  /** The position that was last confirmed to the database. */
  @Nullable Checkpoint confirmed() {
    return confirmed;
  }

  static Row row(TableSchema schema, @Nullable Object... values) {
    return new Row() {
      @Override
      public TableSchema schema() {
        return schema;
      }

      @Override
      public @Nullable Object get(int column) {
        return values[column];
      }
    };
  }

  @Override
  public String name() {
    return "scripted";
  }

  @Override
  public Class<Settings> settingsType() {
    return Settings.class;
  }

  @Override
  public Source open(Settings settings, AdapterContext context) {
    return new Opening();
  }

  private final class Opening implements Source {
    private final CountDownLatch stop = new CountDownLatch(1);

    @Override
    public DatabaseId database() {
      return DATABASE;
    }

    @Override
    public void claim() {}

    @Override
    public Catalog catalog() {
      return new Catalog(List.of("public"), Map.of(ORDERS.id(), orders, USERS.id(), USERS));
    }

    @Override
    public Catalog catalog(Resume resume) {
      return catalog();
    }

    @Override
    public List<Finding> inspect(Requirements requirements, Resume resume) {
      return findings;
    }

    @Override
    public Applied apply(Requirements requirements, Resume resume) {
      return Applied.NOTHING;
    }

    @Override
    public ChangeWatch watch(Requirements requirements, ChangeWatch.Since since) {
      return new ChangeWatch() {
        private boolean read;

        private @Nullable Checkpoint journal;

        @Override
        public void after(Checkpoint held) {
          journal = held;
        }

        @Override
        public List<Change> poll(Duration wait) {
          List<Change> changes =
              read || since == Since.NOW
                  ? List.of()
                  : log.stream()
                      .filter(batch -> journal == null || batch.checkpoint().compareTo(journal) > 0)
                      .flatMap(batch -> batch.changes().stream())
                      .toList();
          read = true;
          return changes;
        }

        @Override
        public boolean caughtUp() {
          return read;
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void run(Requirements requirements, Resume resume, BatchHandler handler)
        throws SourceException, JournalException, InterruptedException {
      runs.add(requirements);
      running = true;
      try {
        if (reader != null) {
          reader.read(resume, handler);
        }
        read(resume, handler);
      } finally {
        running = false;
      }
    }

    private void read(Resume resume, BatchHandler handler)
        throws SourceException, JournalException, InterruptedException {
      int read = 0;
      do {
        while (read < log.size()) {
          ChangeBatch batch = log.get(read++);
          if (batch.equals(heldUntilStop)) {
            heldUntilStop = null;
            stop.await();
          } else if (stop.getCount() == 0) {
            return;
          }
          if (resume.checkpoint() == null
              || batch.checkpoint().compareTo(resume.checkpoint()) > 0) {
            handler.handle(batch);
            confirmed = batch.checkpoint();
          }
        }
        if (failure != null) {
          throw failure;
        }
      } while (!stop.await(1, TimeUnit.MILLISECONDS));
    }

    @Override
    public void stop() {
      stop.countDown();
    }

    @Override
    public SourceStatus status() {
      return new SourceStatus(true, caughtUp, System.nanoTime(), 0, 0, -1, null, 0, null);
    }

    @Override
    public void look() {}

    @Override
    public Source renew() {
      return new Opening();
    }

    @Override
    public void close() {}
  }
}
