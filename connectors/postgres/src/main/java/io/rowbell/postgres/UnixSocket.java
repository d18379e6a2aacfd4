package io.rowbell.postgres;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A connection over a Unix-domain socket as the driver wants it: a {@link Socket} with streams and
 * time-outs. Where it connects to is settled when it is made, whatever address it is given.
 *
 * <p>One thread reads, one writes, and any may close it, which ends what they wait for.
 */
final class UnixSocket extends Socket {
  private static final int BUFFER_BYTES = 256 * 1024;

  private final Path file;
  private final Runnable heard;
  private final SocketChannel channel;
  private final Selector readable;
  private final Selector writable;
  private final Input input = new Input();
  private final Output output = new Output();
  private volatile int timeoutMillis;

  /**
   * @param file the server's socket
   * @param heard called each time something was read
   */
  UnixSocket(Path file, Runnable heard) throws IOException {
    this.file = file;
    this.heard = heard;
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    readable = selectorBeside(channel);
    writable = selectorBeside(readable, channel);
  }

  /**
   * @param opened closed if there can be no selector, as when the process may open no more files
   */
  private static Selector selectorBeside(Closeable... opened) throws IOException {
    try {
      return Selector.open();
    } catch (IOException e) {
      for (Closeable each : opened) {
        each.close();
      }
      throw e;
    }
  }

  /**
   * Connects to the file. Waits as long as the server takes none, which only the driver's {@code
   * loginTimeout} bounds.
   */
  @Override
  public void connect(SocketAddress address, int timeout) throws IOException {
    try {
      channel.connect(UnixDomainSocketAddress.of(file));
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
    channel.configureBlocking(false);
    channel.register(readable, SelectionKey.OP_READ);
    channel.register(writable, SelectionKey.OP_WRITE);
  }

  @Override
  public InputStream getInputStream() {
    return input;
  }

  @Override
  public OutputStream getOutputStream() {
    return output;
  }

  @Override
  public synchronized void close() throws IOException {
    try (channel;
        readable;
        writable) {
      // Whoever waits wakes up, and finds the channel closed.
    }
  }

  /**
   * Waits until the channel is ready.
   *
   * @param millis for how long; 0 for ever
   */
  private static void await(Selector ready, long millis) throws IOException {
    try {
      ready.select(millis);
      ready.selectedKeys().clear();
    } catch (ClosedSelectorException e) {
      throw new IOException("the connection was closed", e);
    }
  }

  private final class Input extends InputStream {
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
    private boolean ended;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public synchronized int read(byte[] target, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      awaitSomething();
      if (!buffer.hasRemaining()) {
        return -1;
      }
      int read = Math.min(length, buffer.remaining());
      buffer.get(target, offset, read);
      return read;
    }

    @Override
    public synchronized int available() throws IOException {
      receive();
      return buffer.remaining();
    }

    /** As with any socket, being interrupted ends no wait. */
    private void awaitSomething() throws IOException {
      long since = System.nanoTime();
      long timeout = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
      boolean interrupted = false;
      try {
        receive();
        while (!buffer.hasRemaining() && !ended) {
          long left = timeout - (System.nanoTime() - since);
          if (timeoutMillis == NothingThere.PEEK_MILLIS) {
            throw new NothingThere();
          }
          if (timeout > 0 && left <= 0) {
            throw new SocketTimeoutException("nothing came within " + timeoutMillis + " ms");
          }
          UnixSocket.await(readable, timeout == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(left) + 1);
          interrupted |= Thread.interrupted();
          receive();
        }
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }

    /** Takes what is there, if all before has been read. */
    private void receive() throws IOException {
      if (buffer.hasRemaining() || ended) {
        return;
      }
      buffer.clear();
      try {
        ended = channel.read(buffer) < 0;
      } finally {
        buffer.flip();
      }
      if (buffer.hasRemaining()) {
        heard.run();
      }
    }

    @Override
    public void close() throws IOException {
      UnixSocket.this.close();
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
      ByteBuffer left = ByteBuffer.wrap(bytes, offset, length);
      boolean interrupted = false;
      while (left.hasRemaining()) {
        if (channel.write(left) == 0) {
          UnixSocket.await(writable, 0);
          interrupted |= Thread.interrupted();
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() throws IOException {
      UnixSocket.this.close();
    }
  }

  @Override
  public boolean isConnected() {
    return channel.isConnected();
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public synchronized void setSoTimeout(int millis) {
    timeoutMillis = millis;
  }

  @Override
  public synchronized int getSoTimeout() {
    return timeoutMillis;
  }

  // What else the driver asks of a socket is TCP's, or the system's to choose.

  @Override
  public void setTcpNoDelay(boolean on) {}

  @Override
  public boolean getTcpNoDelay() {
    return true;
  }

  @Override
  public void setKeepAlive(boolean on) {}

  @Override
  public boolean getKeepAlive() {
    return false;
  }

  @Override
  public void setReceiveBufferSize(int bytes) {}

  @Override
  public int getReceiveBufferSize() {
    return BUFFER_BYTES;
  }

  @Override
  public void setSendBufferSize(int bytes) {}

  @Override
  public int getSendBufferSize() {
    return BUFFER_BYTES;
  }
}
