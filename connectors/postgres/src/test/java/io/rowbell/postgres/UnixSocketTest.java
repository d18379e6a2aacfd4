package io.rowbell.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Does for the driver what a socket over TCP does. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UnixSocketTest {
  @TempDir Path directory;
  private final AtomicInteger heard = new AtomicInteger();
  private ServerSocketChannel listening;
  private UnixSocket socket;
  private SocketChannel server;

  @BeforeEach
  void connect() throws IOException {
    Path file = directory.resolve("s");
    listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listening.bind(UnixDomainSocketAddress.of(file));
    socket = new UnixSocket(file, heard::incrementAndGet);
    socket.connect(new InetSocketAddress("localhost", 1), 0);
    server = listening.accept();
  }

  @AfterEach
  void close() throws IOException {
    socket.close();
    server.close();
    listening.close();
  }

  private void send(byte... bytes) throws IOException {
    server.write(ByteBuffer.wrap(bytes));
  }

  @Test
  void whatIsSentIsReadInItsOrder() throws IOException {
    InputStream input = socket.getInputStream();
    send((byte) 1, (byte) 200, (byte) 3, (byte) 4);

    assertThat(input.read()).isEqualTo(1);
    assertThat(input.read()).isEqualTo(200);
    assertThat(input.available()).isEqualTo(2);
    assertThat(input.readNBytes(2)).containsExactly(3, 4);
    assertThat(input.available()).isZero();
    assertThat(heard).hasValue(1);
  }

  @Test
  void theEndOfTheStreamIsTold() throws IOException {
    send((byte) 1);
    server.close();

    assertThat(socket.getInputStream().readAllBytes()).containsExactly(1);
    assertThat(socket.getInputStream().read()).isEqualTo(-1);
    assertThat(socket.getInputStream().available()).isZero();
  }

  @Test
  void aReadEndsWithItsTime() {
    socket.setSoTimeout(50);
    long since = System.nanoTime();

    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);

    assertThat(System.nanoTime() - since).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
  }

  @Test
  void aLookWhetherSomethingIsThereFindsWhatCame() throws IOException {
    socket.setSoTimeout(NothingThere.PEEK_MILLIS);
    InputStream input = socket.getInputStream();

    assertThatThrownBy(input::read).isInstanceOf(NothingThere.class);
    send((byte) 7);
    assertThat(input.read()).isEqualTo(7);
  }

  @Test
  void aReaderThatIsInterruptedReadsOnAndStaysInterrupted() throws Exception {
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                int read = socket.getInputStream().read();
                interrupted.complete(read == 7 && Thread.currentThread().isInterrupted());
              } catch (IOException | RuntimeException e) {
                interrupted.completeExceptionally(e);
              }
            });
    reader.start();
    awaitState(reader, Thread.State.RUNNABLE);
    reader.interrupt();
    send((byte) 7);

    assertThat(interrupted.get()).isTrue();
  }

  @Test
  void closingEndsWhatIsWaitedFor() throws Exception {
    CompletableFuture<Integer> read =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return socket.getInputStream().read();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    CompletableFuture<Void> written =
        CompletableFuture.runAsync(
            () -> {
              try {
                OutputStream output = socket.getOutputStream();
                while (true) {
                  output.write(new byte[64 * 1024]);
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    // Nobody reads, so the writer will wait.
    assertThatThrownBy(() -> written.get(200, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    assertThat(read).isNotDone();

    socket.close();

    assertThatThrownBy(read::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(UncheckedIOException.class);
    assertThatThrownBy(written::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(UncheckedIOException.class);
    assertThat(socket.isClosed()).isTrue();
  }

  @Test
  void whatIsWrittenArrivesWholeThoughTheOtherSideIsSlow() throws Exception {
    byte[] much = new byte[3_000_000];
    for (int i = 0; i < much.length; i++) {
      much[i] = (byte) (i % 251);
    }
    CompletableFuture<Void> written =
        CompletableFuture.runAsync(
            () -> {
              try {
                socket.getOutputStream().write(much);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    ByteBuffer arrived = ByteBuffer.allocate(much.length);
    while (arrived.hasRemaining()) {
      server.read(arrived);
    }

    written.get();
    assertThat(arrived.array()).isEqualTo(much);
  }

  private static void awaitState(Thread thread, Thread.State state) {
    while (thread.getState() != state) {
      Thread.onSpinWait();
    }
  }
}
