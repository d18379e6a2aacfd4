package io.rowbell.postgres;

import io.rowbell.model.Change;
import io.rowbell.model.Checkpoint;
import io.rowbell.model.Operation;
import io.rowbell.model.Position;
import io.rowbell.model.Requirements;
import io.rowbell.model.Row;
import io.rowbell.model.TableId;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.ByteSize;
import io.rowbell.spi.ChangeBatch;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Secret;
import io.rowbell.spi.Source;
import io.rowbell.spi.StateChange;
import io.rowbell.testkit.PostgresServer;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A source that runs on a thread of its own against a journal in memory, which outlives it: start
 * another one with the same journal.
 */
final class RunningSource implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  final Source source;
  private final MemoryJournal journal;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final Thread thread;

  /** What a handler has made durable. */
  static final class MemoryJournal {
    private final List<Change> changes = new ArrayList<>();
    private final List<ChangeBatch> batches = new ArrayList<>();
    private final Map<String, byte[]> state = new HashMap<>();
    private @Nullable Checkpoint checkpoint;
    Predicate<ChangeBatch> refuses = batch -> false;

    synchronized void append(ChangeBatch batch) {
      if (refuses.test(batch)) {
        throw new IllegalStateException("the journal refuses");
      }
      changes.addAll(batch.changes());
      batches.add(batch);
      for (StateChange change : batch.progress()) {
        if (change.value() == null) {
          state.remove(change.name());
        } else {
          state.put(change.name(), change.value());
        }
      }
      checkpoint = batch.checkpoint();
    }

    synchronized List<Change> changes() {
      return List.copyOf(changes);
    }

    synchronized List<ChangeBatch> batches() {
      return List.copyOf(batches);
    }

    synchronized @Nullable Checkpoint checkpoint() {
      return checkpoint;
    }

    synchronized Position position() {
      return Objects.requireNonNull(checkpoint).position();
    }

    synchronized Resume resume(Source source) throws Exception {
      return checkpoint == null
          ? new Resume(null, null, state)
          : new Resume(source.database(), checkpoint, state);
    }

    /** Whether a table has been read to its end. */
    synchronized boolean isFinished(String table) {
      return BackfillState.parse(state.get("postgres/backfill/" + table)).finished();
    }

    List<String> texts() {
      return changes().stream().map(RunningSource::text).toList();
    }
  }

  RunningSource(Source source, Requirements requirements, MemoryJournal journal) throws Exception {
    this.source = source;
    this.journal = journal;
    Resume resume = journal.resume(source);
    this.thread =
        new Thread(
            () -> {
              try {
                source.run(requirements, resume, journal::append);
              } catch (Throwable e) {
                failure.set(e);
              }
            },
            "source");
    thread.start();
  }

  /** The settings for a database of a server. */
  static PostgresSettings settings(PostgresServer server, String database) {
    return settings(server.host(), server.port(), database, server.user(), server.password());
  }

  static PostgresSettings settings(
      String host, int port, String database, String user, String password) {
    return new PostgresSettings(
        host,
        port,
        database,
        user,
        new Secret(password),
        null,
        null,
        "rowbell",
        null,
        ByteSize.parse("4MiB"),
        8192,
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMillis(500),
        100);
  }

  static PostgresSettings withPublication(PostgresSettings s, String publication) {
    return with(s, Map.of("publication", publication));
  }

  static PostgresSettings accepting(PostgresSettings s, String token) {
    return with(s, Map.of("acceptPublication", token));
  }

  static PostgresSettings waiting(PostgresSettings s, Duration reconnectFor, Duration stall) {
    return with(s, Map.of("reconnectFor", reconnectFor, "stallTimeout", stall));
  }

  static PostgresSettings marking(PostgresSettings s, Duration interval) {
    return with(s, Map.of("markerInterval", interval));
  }

  static PostgresSettings at(PostgresSettings s, int port) {
    return with(s, Map.of("port", port));
  }

  static PostgresSettings as(PostgresSettings s, String user, String password) {
    return with(s, Map.of("user", user, "password", new Secret(password)));
  }

  static PostgresSettings withBatch(PostgresSettings s, String bytes, int changes) {
    return with(s, Map.of("maxBatchBytes", ByteSize.parse(bytes), "maxBatchChanges", changes));
  }

  /** The same settings, but for the components that are named. */
  private static PostgresSettings with(PostgresSettings settings, Map<String, Object> changed) {
    RecordComponent[] components = PostgresSettings.class.getRecordComponents();
    @Nullable Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    try {
      for (int i = 0; i < components.length; i++) {
        types[i] = components[i].getType();
        Object changedValue = changed.get(components[i].getName());
        values[i] =
            changedValue == null ? components[i].getAccessor().invoke(settings) : changedValue;
      }
      return PostgresSettings.class.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  static Source source(PostgresSettings settings, String slot) {
    return new PostgresSourceFactory()
        .open(settings, new AdapterContext(slot, Path.of("."), Map.of()));
  }

  /** Inserts into a table, and nothing else. */
  static Requirements inserts(String table) {
    Map<TableId, Requirements.OfTable> of = new HashMap<>();
    tables(table)
        .tables()
        .keySet()
        .forEach(
            id ->
                of.put(id, new Requirements.OfTable(Set.of(Operation.INSERT), Set.of(), Set.of())));
    return new Requirements(of, Set.of());
  }

  /** All operations of the tables, their snapshots first. */
  static Requirements backfilled(String... tables) {
    Map<TableId, Requirements.OfTable> of = new HashMap<>();
    tables(tables)
        .tables()
        .forEach(
            (id, table) -> {
              Set<Operation> operations = EnumSet.copyOf(table.operations());
              operations.add(Operation.SNAPSHOT);
              of.put(id, new Requirements.OfTable(operations, Set.of(), Set.of()));
            });
    return new Requirements(of, Set.of());
  }

  /** All operations but snapshots of the tables. */
  static Requirements tables(String... tables) {
    Map<TableId, Requirements.OfTable> of = new HashMap<>();
    Set<Operation> operations = EnumSet.allOf(Operation.class);
    operations.remove(Operation.SNAPSHOT);
    operations.remove(Operation.MESSAGE);
    Arrays.stream(tables)
        .forEach(
            table -> {
              String[] parts = table.split("\\.", 2);
              of.put(
                  new TableId(parts[0], parts[1]),
                  new Requirements.OfTable(operations, Set.of(), Set.of()));
            });
    return new Requirements(of, Set.of("app"));
  }

  /** Waits until the journal has so many changes, and gives them as text. */
  List<String> await(int count) {
    awaitChanges(count);
    return journal.texts();
  }

  void awaitChanges(int count) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              rethrow();
              return journal.changes().size() >= count;
            });
  }

  /** Waits for the failure it ends with. */
  Throwable awaitFailure() {
    Awaitility.await().atMost(PATIENCE).until(() -> !thread.isAlive());
    Throwable thrown = failure.get();
    if (thrown == null) {
      throw new AssertionError("it ended without a failure");
    }
    return thrown;
  }

  private void rethrow() {
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw new AssertionError("the source failed", thrown);
    }
  }

  /** Stops it and waits; a failure is thrown on. */
  void stop() throws InterruptedException {
    source.stop();
    thread.join(PATIENCE.toMillis());
    if (thread.isAlive()) {
      AssertionError stuck = new AssertionError("it does not stop");
      stuck.setStackTrace(thread.getStackTrace());
      throw stuck;
    }
    rethrow();
    source.close();
  }

  @Override
  public void close() {
    source.stop();
    try {
      thread.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    source.close();
  }

  /** For example {@code UPDATE public.t {id=1, v=a} -> {id=1, v=b}}. */
  static String text(Change change) {
    if (change instanceof Change.Inserted c) {
      return change.operation() + " " + c.table().id() + " " + text(c.after());
    }
    if (change instanceof Change.Updated c) {
      return "UPDATE " + c.table().id() + " " + text(c.before()) + " -> " + text(c.after());
    }
    if (change instanceof Change.Deleted c) {
      return "DELETE " + c.table().id() + " " + text(c.before());
    }
    if (change instanceof Change.Truncated c) {
      return "TRUNCATE " + c.table().id();
    }
    Change.Message c = (Change.Message) change;
    return (c.transactional() ? "MESSAGE " : "MESSAGE AT ONCE ") + c.prefix() + " " + c.content();
  }

  static String text(Row row) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < row.schema().columns().size(); i++) {
      Object value = row.get(i);
      if (value != Row.NOT_LOGGED) {
        values.add(row.schema().column(i).name() + "=" + value);
      }
    }
    return "{" + String.join(", ", values) + "}";
  }
}
