package io.rowbell.postgres;

import io.rowbell.model.Requirements;
import io.rowbell.model.TableId;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.replication.PGReplicationConnection;
import org.postgresql.replication.fluent.ChainedStreamBuilder;

/**
 * What one run of a Debezium engine and we share: its connections are opened here, its replication
 * stream is wrapped here, and what it may confirm is decided here.
 *
 * <p>Debezium makes its parts by reflection, so a run is found again by its {@link #id}. Safe for
 * any thread.
 */
final class StreamTap implements AutoCloseable {
  private static final Map<String, StreamTap> OPEN = new ConcurrentHashMap<>();

  private final String id = UUID.randomUUID().toString();
  private final SqlConnections connections;
  private final String publication;
  private final int fullBytes;
  private final Requirements requirements;
  private final Set<TableId> backfilled;
  private final AtomicLong durable;
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile long serverEnd;
  private volatile long polledAt = System.nanoTime();
  private volatile long heardAt = System.nanoTime();
  private volatile boolean streaming;
  private volatile @Nullable Connection replication;

  /**
   * @param publication the publication's name as the catalog spells it
   * @param fullBytes from how many bytes on a block is handed on though more is there
   * @param requirements which changes rules need, and which columns of them
   * @param backfilled tables of which every change is needed meanwhile
   * @param durable the LSN up to which everything is in the journal
   */
  @SuppressWarnings("this-escape") // registered last, when everything is set
  StreamTap(
      SqlConnections connections,
      String publication,
      int fullBytes,
      Requirements requirements,
      Set<TableId> backfilled,
      long durable) {
    this.connections = connections;
    this.publication = publication;
    this.fullBytes = fullBytes;
    this.requirements = requirements;
    this.backfilled = backfilled;
    this.durable = new AtomicLong(durable);
    OPEN.put(id, this);
  }

  /** The run with this id. */
  static StreamTap of(@Nullable String id) {
    return Objects.requireNonNull(
        OPEN.get(Objects.requireNonNull(id, "a run's id is in Debezium's configuration")),
        "that run is over");
  }

  String id() {
    return id;
  }

  /** The LSN up to which everything is in the journal: all that may be confirmed. */
  long durable() {
    return durable.get();
  }

  void durable(long lsn) {
    durable.set(lsn);
  }

  /** The last gate before the server is told: nothing passes that is not durable. */
  void mayConfirm(long lsn) {
    if (Long.compareUnsigned(lsn, durable.get()) > 0) {
      throw new IllegalStateException(
          "refused to confirm a position that the journal does not hold; nothing is lost");
    }
  }

  /** Up to where the server had written when it was last asked: an LSN. */
  long serverEnd() {
    return serverEnd;
  }

  void serverEnd(long lsn) {
    serverEnd = lsn;
  }

  void handedOn() {
    inFlight.incrementAndGet();
  }

  /** A block that was handed on has been handled. */
  void handled() {
    inFlight.decrementAndGet();
  }

  int inFlight() {
    return inFlight.get();
  }

  void polled() {
    polledAt = System.nanoTime();
  }

  /** Something came over the replication connection, or is waiting there while we are busy. */
  void heard() {
    heardAt = System.nanoTime();
  }

  /**
   * For how long nothing has been heard of the server, or of the thread that listens. The server
   * answers whenever it is told how far we are, which is every few seconds.
   */
  long silentNanos() {
    long now = System.nanoTime();
    return Math.max(now - heardAt, now - polledAt);
  }

  /** Whether the replication stream has been opened. */
  boolean streaming() {
    return streaming;
  }

  /** The server's Unix-domain socket; null if it is reached over TCP. */
  @Nullable Path socket() {
    return connections.socket();
  }

  /** Opens a connection for Debezium. */
  Connection open(boolean forReplication) throws SQLException {
    if (!forReplication) {
      return connections.connect();
    }
    Connection connection = connections.connectForReplication(id);
    replication = connection;
    return tapped(connection.unwrap(BaseConnection.class));
  }

  /** Cuts the replication connection, whatever waits on it. */
  void cut() throws SQLException {
    Connection connection = replication;
    if (connection != null) {
      connection.abort(Runnable::run);
    }
  }

  @Override
  public void close() {
    OPEN.remove(id);
  }

  private BaseConnection tapped(BaseConnection connection) {
    return proxy(
        BaseConnection.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "unwrap" -> proxy;
              case "isWrapperFor" -> true;
              case "getReplicationAPI" -> tapped(connection.getReplicationAPI());
              case "createStatement" ->
                  guarded((Statement) Objects.requireNonNull(call(connection, method, arguments)));
              default -> call(connection, method, arguments);
            });
  }

  /**
   * A statement that makes no slot. Debezium would make a missing slot anew and go on with a gap;
   * it is refused here, whatever happened since the checks before the start.
   */
  private static Statement guarded(Statement statement) {
    return proxy(
        Statement.class,
        (proxy, method, arguments) -> {
          if (arguments != null
              && arguments.length > 0
              && arguments[0] instanceof String sql
              && sql.toUpperCase(Locale.ROOT).contains("REPLICATION_SLOT")) {
            throw new SQLException("the replication slot is gone: it is never made anew", "42704");
          }
          return call(statement, method, arguments);
        });
  }

  private PGReplicationConnection tapped(PGReplicationConnection api) {
    return proxy(
        PGReplicationConnection.class,
        (proxy, method, arguments) -> {
          if (method.getName().equals("replicationStream")) {
            return tapped(api.replicationStream());
          }
          throw new SQLException("Debezium is not known to call " + method.getName());
        });
  }

  private ChainedStreamBuilder tapped(ChainedStreamBuilder builder) {
    return proxy(
        ChainedStreamBuilder.class,
        (proxy, method, arguments) -> {
          if (method.getName().equals("logical")) {
            return new TappedStreamBuilder(
                builder.logical(),
                publication,
                stream -> {
                  if (streaming) {
                    throw new SQLException("one run reads one stream");
                  }
                  streaming = true;
                  return new TappedStream(
                      stream,
                      this,
                      fullBytes,
                      new NeedlessRows(requirements, backfilled),
                      new WideValues(requirements));
                });
          }
          throw new SQLException("Debezium is not known to call " + method.getName());
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(StreamTap.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static @Nullable Object call(Object target, Method method, Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
