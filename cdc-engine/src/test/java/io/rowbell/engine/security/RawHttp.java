package io.rowbell.engine.security;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;

/** Requests as no well-behaved client writes them. */
record RawHttp(int port) {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * Sends a request, and reads to the end.
   *
   * @param request without {@code Connection}; lines end with a line feed
   * @return what was answered: status line, headers and body
   */
  String answer(String request) throws IOException {
    try (Socket socket = connect()) {
      write(socket, request.strip() + "\nConnection: close\n\n");
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  /** The status that a request is answered with. */
  int status(String request) throws IOException {
    String answer = answer(request);
    if (!answer.startsWith("HTTP/1.1 ")) {
      throw new IOException("no answer but '" + answer + "'");
    }
    return Integer.parseInt(answer.substring(9, 12));
  }

  /** Begins a request and never ends it. */
  Socket dawdling() throws IOException {
    Socket socket = connect();
    write(socket, "GET /live HTTP/1.1\nHost: local");
    return socket;
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout((int) PATIENCE.toMillis());
    return socket;
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.replace("\n", "\r\n").getBytes(US_ASCII));
    socket.getOutputStream().flush();
  }
}
