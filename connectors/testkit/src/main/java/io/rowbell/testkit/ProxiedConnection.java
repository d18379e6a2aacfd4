package io.rowbell.testkit;

import io.rowbell.testkit.TcpProxy.Direction;
import io.rowbell.testkit.TcpProxy.Kind;
import io.rowbell.testkit.TcpProxy.Tap;
import io.rowbell.testkit.TcpProxy.Weather;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One connection through a {@link TcpProxy}: a thread for each way. */
final class ProxiedConnection {
  private static final int BUFFER = 16 * 1024;

  /** How often in a second a throttled connection carries something. */
  private static final int SLICES = 20;

  private final TcpProxy proxy;
  private final Socket client;
  private final Tap tap;
  private volatile Kind kind = Kind.OTHER;
  private volatile @Nullable Socket server;
  private volatile boolean over;
  private volatile boolean finished;

  ProxiedConnection(TcpProxy proxy, Socket client, Tap tap) {
    this.proxy = proxy;
    this.client = client;
    this.tap = tap;
  }

  Kind kind() {
    return kind;
  }

  boolean isOver() {
    return over;
  }

  /**
   * @param postgres whether the first message tells what it is used for
   */
  void start(boolean postgres) {
    run("proxied-to-server", () -> open(postgres));
  }

  private static void run(String name, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  @FunctionalInterface
  private interface Work {
    void run() throws InterruptedException;
  }

  private void open(boolean postgres) throws InterruptedException {
    try {
      client.setTcpNoDelay(true);
      byte[] first = new byte[0];
      if (postgres) {
        PostgresStartup startup = PostgresStartup.read(client);
        first = startup.bytes();
        kind = startup.isReplication() ? Kind.REPLICATION : Kind.SQL;
      }
      if (proxy.weather(kind).refused() || !proxy.awaitPassage(kind, Direction.TO_SERVER, this)) {
        reset();
        return;
      }
      Socket opened = proxy.dial();
      opened.setTcpNoDelay(true);
      server = opened;
      if (over) {
        reset();
        return;
      }
      opened.getOutputStream().write(first);
      run("proxied-to-client", () -> carry(opened, client, Direction.TO_CLIENT));
      carry(client, opened, Direction.TO_SERVER);
    } catch (IOException e) {
      reset();
    }
  }

  private void carry(Socket from, Socket to, Direction direction) throws InterruptedException {
    byte[] bytes = new byte[BUFFER];
    try {
      while (true) {
        int length = from.getInputStream().read(bytes);
        if (!proxy.awaitPassage(kind, direction, this)) {
          return;
        }
        if (length < 0) {
          to.shutdownOutput();
          break;
        }
        if (finished) {
          continue; // what still comes has nowhere to go
        }
        switch (tap.see(direction, bytes, length)) {
          case PASS -> write(to.getOutputStream(), bytes, length);
          case DROP -> {}
          case CUT -> {
            reset();
            return;
          }
        }
      }
      if (from.isOutputShutdown() && to.isOutputShutdown()) {
        close();
      }
    } catch (IOException e) {
      if (!finished) {
        reset();
      }
    }
  }

  private void write(OutputStream out, byte[] bytes, int length)
      throws IOException, InterruptedException {
    Weather weather = proxy.weather(kind);
    pause(weather.delay().toNanos());
    if (weather.bytesPerSecond() == 0) {
      out.write(bytes, 0, length);
      return;
    }
    int slice = Math.max(1, weather.bytesPerSecond() / SLICES);
    for (int at = 0; at < length; at += slice) {
      out.write(bytes, at, Math.min(slice, length - at));
      pause(TimeUnit.SECONDS.toNanos(1) / SLICES);
    }
  }

  private void pause(long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0 && !over; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  /** Ends it both ways with FIN. */
  void finish() {
    finished = true;
    try {
      client.shutdownOutput();
      Socket opened = server;
      if (opened != null) {
        opened.shutdownOutput();
      }
    } catch (IOException e) {
      reset();
    }
  }

  /** Ends it both ways with RST. Idempotent. */
  void reset() {
    over = true;
    abort(client);
    Socket opened = server;
    if (opened != null) {
      abort(opened);
    }
    proxy.forget(this);
    proxy.wake();
  }

  private static void abort(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // It is closed already.
    }
    close(socket);
  }

  private void close() {
    over = true;
    close(client);
    Socket opened = server;
    if (opened != null) {
      close(opened);
    }
    proxy.forget(this);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
