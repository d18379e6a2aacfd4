package io.rowbell.testkit;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The first message of a PostgreSQL connection. */
final class PostgresStartup {
  private static final int SSL_REQUEST = 80877103;
  private static final int GSS_REQUEST = 80877104;
  private static final int LONGEST = 10_000;
  private static final int HEADER = 2 * Integer.BYTES;

  private final byte[] bytes;

  private PostgresStartup(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Reads it; a request for encryption before it is refused. */
  static PostgresStartup read(Socket client) throws IOException {
    DataInputStream in = new DataInputStream(client.getInputStream());
    while (true) {
      int length = in.readInt();
      if (length < HEADER || length > LONGEST) {
        throw new IOException("not a PostgreSQL client: a first message of " + length + " bytes");
      }
      int code = in.readInt();
      if (code == SSL_REQUEST || code == GSS_REQUEST) {
        client.getOutputStream().write('N');
        continue;
      }
      byte[] bytes = new byte[length];
      ByteBuffer.wrap(bytes).putInt(length).putInt(code);
      in.readFully(bytes, HEADER, length - HEADER);
      return new PostgresStartup(bytes);
    }
  }

  /** All of it, to be passed on. */
  byte[] bytes() {
    return bytes;
  }

  /** Whether the connection is for replication. */
  boolean isReplication() {
    String text =
        new String(Arrays.copyOfRange(bytes, HEADER, bytes.length), StandardCharsets.UTF_8);
    List<String> words = List.of(text.split("\0", -1));
    int name = words.indexOf("replication");
    return name >= 0
        && name % 2 == 0
        && List.of("database", "true", "on", "yes", "1").contains(words.get(name + 1));
  }
}
