package io.rowbell.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.testkit.TcpProxy.Direction;
import io.rowbell.testkit.TcpProxy.Kind;
import io.rowbell.testkit.TcpProxy.Tap;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that sends back what it gets, behind a proxy. */
@Timeout(60)
class TcpProxyTest {
  private static final int SILENCE_MILLIS = 300;

  private final ServerSocket echo = listen();
  private final TcpProxy proxy = TcpProxy.to("127.0.0.1", echo.getLocalPort());

  private static ServerSocket listen() {
    try {
      ServerSocket socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
      daemon(
          () -> {
            while (true) {
              Socket client = socket.accept();
              daemon(() -> client.getInputStream().transferTo(client.getOutputStream()), client);
            }
          },
          null);
      return socket;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }

  private static void daemon(Work work, @org.jspecify.annotations.Nullable Socket closedAfter) {
    Thread thread =
        new Thread(
            () -> {
              try (closedAfter) {
                work.run();
              } catch (IOException e) {
                // The test is over, or this is what it tests.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    echo.close();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(proxy.host(), proxy.port());
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
    return socket;
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String hear(Socket socket, int length) throws IOException {
    byte[] bytes = new byte[length];
    new DataInputStream(socket.getInputStream()).readFully(bytes);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  private static void assertSilent(Socket socket) throws IOException {
    int before = socket.getSoTimeout();
    socket.setSoTimeout(SILENCE_MILLIS);
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout(before);
  }

  private static void assertCarries(Socket socket) throws IOException {
    say(socket, "hello");
    assertThat(hear(socket, 5)).isEqualTo("hello");
  }

  @Test
  void withoutFaultsEverythingPassesAndTheEndDoesToo() throws Exception {
    try (Socket socket = connect()) {
      assertCarries(socket);
      assertThat(proxy.count()).isEqualTo(1);
      socket.shutdownOutput();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aCutIsAResetAndAFinishAnEnd() throws Exception {
    try (Socket cut = connect()) {
      assertCarries(cut);
      proxy.cut();
      assertThatThrownBy(() -> cut.getInputStream().read()).isInstanceOf(SocketException.class);
      try (Socket finished = connect()) {
        assertCarries(finished);
        proxy.finish();
        assertThat(finished.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void aBlackholeHoldsOpenAndNewConnectionsUntilItIsHealed() throws Exception {
    try (Socket open = connect()) {
      assertCarries(open);
      proxy.blackhole();
      say(open, "hello");
      assertSilent(open);
      try (Socket fresh = connect()) {
        say(fresh, "fresh");
        assertSilent(fresh);
        proxy.heal();
        assertThat(hear(fresh, 5)).isEqualTo("fresh");
      }
      assertThat(hear(open, 5)).isEqualTo("hello");
    }
  }

  @Test
  void halfOpenHoldsOneWayOnly() throws Exception {
    try (Socket socket = connect()) {
      assertCarries(socket);
      proxy.halfOpen(Direction.TO_CLIENT);
      say(socket, "hello");
      assertSilent(socket);
      proxy.heal();
      assertThat(hear(socket, 5)).isEqualTo("hello");
    }
  }

  @Test
  void whatIsRefusedIsReset() throws Exception {
    proxy.refuse();
    try (Socket socket = connect()) {
      assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void delayAndThrottleTakeTheirTime() throws Exception {
    try (Socket socket = connect()) {
      assertCarries(socket);
      proxy.delay(Duration.ofMillis(100));
      long began = System.nanoTime();
      assertCarries(socket);
      assertThat(millisSince(began)).isGreaterThanOrEqualTo(200);
      proxy.heal();
      proxy.throttle(1_000);
      began = System.nanoTime();
      say(socket, "x".repeat(300));
      assertThat(hear(socket, 300)).hasSize(300);
      assertThat(millisSince(began)).isGreaterThanOrEqualTo(250);
    }
  }

  private static long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
  }

  @Test
  void aTapDropsWhatItChooses() throws Exception {
    proxy.tap(
        () ->
            (direction, bytes, length) ->
                direction == Direction.TO_CLIENT && bytes[0] == 'b'
                    ? Tap.Decision.CUT
                    : Tap.Decision.PASS);
    try (Socket socket = connect()) {
      say(socket, "a");
      assertThat(hear(socket, 1)).isEqualTo("a");
      say(socket, "b");
      assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void postgresConnectionsAreToldApart() throws Exception {
    try (TcpProxy both = TcpProxy.toPostgres("127.0.0.1", echo.getLocalPort());
        Socket sql = new Socket(both.host(), both.port());
        Socket replication = new Socket(both.host(), both.port())) {
      sql.setSoTimeout(10_000);
      replication.setSoTimeout(10_000);
      new DataOutputStream(sql.getOutputStream()).write(new byte[] {0, 0, 0, 8, 4, -46, 22, 47});
      assertThat(sql.getInputStream().read()).as("encryption is refused").isEqualTo('N');
      startUp(sql, "user\0replication\0\0");
      startUp(replication, "user\0me\0replication\0database\0\0");
      assertThat(both.count(Kind.SQL)).isEqualTo(1);
      assertThat(both.count(Kind.REPLICATION)).isEqualTo(1);
      both.blackhole(Kind.REPLICATION);
      assertCarries(sql);
      say(replication, "hello");
      assertSilent(replication);
      both.cut(Kind.SQL);
      assertThatThrownBy(() -> sql.getInputStream().read()).isInstanceOf(SocketException.class);
      both.heal();
      assertThat(hear(replication, 5)).isEqualTo("hello");
    }
  }

  /** The echo tells that the proxy has read it. */
  private static void startUp(Socket socket, String parameters) throws IOException {
    byte[] text = parameters.getBytes(StandardCharsets.US_ASCII);
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    out.writeInt(8 + text.length);
    out.writeInt(196608);
    out.write(text);
    assertThat(hear(socket, 8 + text.length)).endsWith(parameters);
  }
}
