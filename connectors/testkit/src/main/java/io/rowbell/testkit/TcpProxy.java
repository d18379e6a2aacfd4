package io.rowbell.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Stands between a client and a server and does to their connections what networks do.
 *
 * <pre>{@code
 * try (TcpProxy proxy = TcpProxy.toPostgres(server.host(), server.port())) {
 *   // … let the client connect to 127.0.0.1 and proxy.port() …
 *   proxy.blackhole(TcpProxy.Kind.REPLICATION);
 *   proxy.heal();
 *   proxy.cut();
 * }
 * }</pre>
 *
 * <p>A fault meets the connections that are open and those that come, of the kinds named; of all
 * kinds if none is. It lasts until {@link #heal}; {@link #cut} and {@link #finish} happen once.
 * Safe to use from several threads.
 */
public final class TcpProxy implements AutoCloseable {
  private static final int BACKLOG = 64;

  private String host;
  private int port;
  private final boolean postgres;
  private final ServerSocket listening;
  private final List<ProxiedConnection> connections = new CopyOnWriteArrayList<>();
  private final Map<Kind, Weather> weather = new EnumMap<>(Kind.class);
  private Supplier<Tap> taps = () -> Tap.NONE;
  private boolean closed;

  /** What a connection is used for. */
  public enum Kind {
    /** To PostgreSQL, for SQL. */
    SQL,
    /** To PostgreSQL, for replication. */
    REPLICATION,
    /** To any other server. */
    OTHER
  }

  /** Which way bytes go. */
  public enum Direction {
    TO_SERVER,
    TO_CLIENT
  }

  /** Sees what one connection carries, and may decide about it. Called by two threads. */
  @FunctionalInterface
  public interface Tap {
    /** Lets everything pass. */
    Tap NONE = (direction, bytes, length) -> Decision.PASS;

    /** What becomes of the bytes. */
    enum Decision {
      PASS,
      /** They do not arrive. */
      DROP,
      /** They do not arrive, and the connection is reset. */
      CUT
    }

    /**
     * Decides.
     *
     * @param bytes begins with {@code length} bytes that were read at once; not to be changed
     */
    Decision see(Direction direction, byte[] bytes, int length);
  }

  private TcpProxy(String host, int port, boolean postgres) {
    this.host = host;
    this.port = port;
    this.postgres = postgres;
    for (Kind kind : Kind.values()) {
      weather.put(kind, Weather.FAIR);
    }
    try {
      listening = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread acceptor = new Thread(this::accept, "proxy-" + port);
    acceptor.setDaemon(true);
    acceptor.start();
  }

  /** To a server of any kind: its connections are {@link Kind#OTHER}. */
  public static TcpProxy to(String host, int port) {
    return new TcpProxy(host, port, false);
  }

  /**
   * To PostgreSQL: the startup message tells replication from SQL. Encryption is refused, so that
   * it can be read.
   */
  public static TcpProxy toPostgres(String host, int port) {
    return new TcpProxy(host, port, true);
  }

  /** The address to connect to. */
  public String host() {
    return listening.getInetAddress().getHostAddress();
  }

  /** The port to connect to. */
  public int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    while (true) {
      Socket client;
      try {
        client = listening.accept();
      } catch (IOException e) {
        return; // closed
      }
      ProxiedConnection connection;
      synchronized (this) {
        connection = new ProxiedConnection(this, client, taps.get());
        connections.add(connection);
      }
      connection.start(postgres);
    }
  }

  /** Connections that come from now on go to another server, as when an address moves. */
  public synchronized void redirect(String toHost, int toPort) {
    host = toHost;
    port = toPort;
  }

  /** A connection to the server behind. A server that hangs lets it wait, and nobody else. */
  Socket dial() throws IOException {
    String toHost;
    int toPort;
    synchronized (this) {
      toHost = host;
      toPort = port;
    }
    return new Socket(toHost, toPort);
  }

  void forget(ProxiedConnection connection) {
    connections.remove(connection);
  }

  synchronized Weather weather(Kind kind) {
    return weather.getOrDefault(kind, Weather.FAIR);
  }

  /**
   * Waits until bytes may go this way.
   *
   * @return false if the connection is over before
   */
  synchronized boolean awaitPassage(Kind kind, Direction direction, ProxiedConnection connection)
      throws InterruptedException {
    while (!closed && !connection.isOver() && weather(kind).isDead(direction)) {
      wait();
    }
    return !closed && !connection.isOver();
  }

  private static Set<Kind> orAll(Kind... kinds) {
    return kinds.length == 0 ? EnumSet.allOf(Kind.class) : EnumSet.copyOf(List.of(kinds));
  }

  private synchronized void change(UnaryOperator<Weather> change, Kind... kinds) {
    orAll(kinds).forEach(kind -> weather.computeIfPresent(kind, (k, now) -> change.apply(now)));
    notifyAll();
  }

  private List<ProxiedConnection> open(Kind... kinds) {
    Set<Kind> wanted = orAll(kinds);
    return connections.stream().filter(c -> wanted.contains(c.kind())).toList();
  }

  /** How many connections of these kinds are open. */
  public int count(Kind... kinds) {
    return open(kinds).size();
  }

  /** Resets the connections that are open (RST): both ends see an error at once. */
  public void cut(Kind... kinds) {
    open(kinds).forEach(ProxiedConnection::reset);
    wake();
  }

  /** Ends the connections that are open in order (FIN), as if the other end had closed. */
  public void finish(Kind... kinds) {
    open(kinds).forEach(ProxiedConnection::finish);
  }

  /** Resets every connection that comes, as a server does that is not there. */
  public void refuse(Kind... kinds) {
    change(Weather::refusing, kinds);
  }

  /** Connections stay and are accepted, and nothing comes through them, either way. */
  public void blackhole(Kind... kinds) {
    change(now -> now.dead(Direction.TO_SERVER).dead(Direction.TO_CLIENT), kinds);
  }

  /** Connections stay and are accepted, and nothing comes through them one way. */
  public void halfOpen(Direction dead, Kind... kinds) {
    change(now -> now.dead(dead), kinds);
  }

  /** Holds what is read for so long before it goes on, either way. */
  public void delay(Duration delay, Kind... kinds) {
    change(now -> now.delayed(delay), kinds);
  }

  /** Lets a connection carry so many bytes in a second, either way. */
  public void throttle(int bytesPerSecond, Kind... kinds) {
    change(now -> now.throttled(bytesPerSecond), kinds);
  }

  /** Ends all faults that last. What was held back goes on. */
  public void heal(Kind... kinds) {
    change(now -> Weather.FAIR, kinds);
  }

  /** Lets the connections that come be seen: each has a tap of its own. */
  public synchronized void tap(Supplier<Tap> each) {
    taps = each;
  }

  synchronized void wake() {
    notifyAll();
  }

  /** Resets all connections and listens no more. Idempotent. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cut();
  }

  /**
   * What meets the connections of one kind.
   *
   * @param bytesPerSecond 0 for as many as come
   */
  record Weather(
      boolean deadToServer,
      boolean deadToClient,
      Duration delay,
      int bytesPerSecond,
      boolean refused) {
    static final Weather FAIR = new Weather(false, false, Duration.ZERO, 0, false);

    boolean isDead(Direction direction) {
      return direction == Direction.TO_SERVER ? deadToServer : deadToClient;
    }

    Weather dead(Direction direction) {
      return new Weather(
          deadToServer || direction == Direction.TO_SERVER,
          deadToClient || direction == Direction.TO_CLIENT,
          delay,
          bytesPerSecond,
          refused);
    }

    Weather delayed(Duration by) {
      return new Weather(deadToServer, deadToClient, by, bytesPerSecond, refused);
    }

    Weather throttled(int to) {
      return new Weather(deadToServer, deadToClient, delay, to, refused);
    }

    Weather refusing() {
      return new Weather(deadToServer, deadToClient, delay, bytesPerSecond, true);
    }
  }
}
