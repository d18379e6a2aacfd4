package io.rowbell.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sockets for replication connections: with a large buffer, and telling when something was last
 * heard, so that a connection whose other end is gone is found out. Made by the driver.
 */
public final class StreamSockets extends DriverSockets {
  private final StreamTap tap;

  /**
   * For the driver, which makes it by reflection.
   *
   * @param run the run's id
   */
  public StreamSockets(String run) {
    this.tap = StreamTap.of(run);
  }

  @Override
  public Socket createSocket() throws IOException {
    Path file = tap.socket();
    return file == null ? new HeardSocket(tap) : new UnixSocket(file, tap::heard);
  }

  private static final class HeardSocket extends Socket {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final StreamTap tap;
    private @Nullable InputStream input;

    HeardSocket(StreamTap tap) {
      this.tap = tap;
    }

    @Override
    public synchronized InputStream getInputStream() throws IOException {
      if (input == null) {
        input = new HeardStream(this, super.getInputStream(), BUFFER_BYTES);
      }
      return input;
    }
  }

  private static final class HeardStream extends BufferedInputStream {
    private static final long PEEK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final HeardSocket socket;
    private long peekedAt = System.nanoTime();

    HeardStream(HeardSocket socket, InputStream stream, int size) {
      super(new Noting(socket.tap, stream), size);
      this.socket = socket;
    }

    @Override
    public synchronized int read() throws IOException {
      refuseToPeek();
      return super.read();
    }

    @Override
    public synchronized int read(byte[] target, int offset, int length) throws IOException {
      refuseToPeek();
      return super.read(target, offset, length);
    }

    /**
     * The driver looks whether something is there by reading with a short time-out. Where {@code
     * available} has said that nothing is, that is answered at once: while such reads succeed, the
     * server wakes us for every single message. A real one a second finds the end of the stream.
     */
    private void refuseToPeek() throws IOException {
      if (timeout() == NothingThere.PEEK_MILLIS && available() == 0) {
        long now = System.nanoTime();
        if (now - peekedAt < PEEK_NANOS) {
          throw new NothingThere();
        }
        peekedAt = now;
      }
    }

    private int timeout() throws SocketException {
      return socket.getSoTimeout();
    }
  }

  /** Notes each time something was read. */
  private static final class Noting extends InputStream {
    private final StreamTap tap;
    private final InputStream stream;

    Noting(StreamTap tap, InputStream stream) {
      this.tap = tap;
      this.stream = stream;
    }

    @Override
    public int read() throws IOException {
      int read = stream.read();
      tap.heard();
      return read;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = stream.read(target, offset, length);
      tap.heard();
      return read;
    }

    @Override
    public int available() throws IOException {
      return stream.available();
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }
}
