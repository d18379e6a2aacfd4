package io.rowbell.postgres;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;

/** Unix-domain sockets for connections that take plain SQL. Made by the driver. */
public final class UnixSockets extends DriverSockets {
  private final Path file;

  /**
   * For the driver, which makes it by reflection.
   *
   * @param file the server's socket
   */
  public UnixSockets(String file) {
    this.file = Path.of(file);
  }

  @Override
  public Socket createSocket() throws IOException {
    return new UnixSocket(file, () -> {});
  }
}
