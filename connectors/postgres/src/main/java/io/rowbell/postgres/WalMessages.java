package io.rowbell.postgres;

import io.rowbell.model.TableId;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the parts of pgoutput messages, protocol version 1 with values as text: "Logical
 * Replication Message Formats" in PostgreSQL's documentation.
 */
final class WalMessages {
  static final byte BEGIN = 'B';
  static final byte COMMIT = 'C';
  static final byte RELATION = 'R';
  static final byte TYPE = 'Y';
  static final byte ORIGIN = 'O';
  static final byte INSERT = 'I';
  static final byte UPDATE = 'U';
  static final byte DELETE = 'D';
  static final byte TRUNCATE = 'T';
  static final byte MESSAGE = 'M';

  /** Our own, see {@link SkippedRows}: rows that were counted and left out. */
  static final byte SKIPPED = '.';

  /** What stands before the new row of an insert or update. */
  static final byte NEW_ROW = 'N';

  /** The mark of a column that is null, or of an old row's that was not logged. */
  static final byte NULL = 'n';

  /** The mark of a TOASTed value that is not in the log for being unchanged. */
  static final byte UNCHANGED = 'u';

  /** The mark of a column whose value follows, as text. */
  static final byte TEXT = 't';

  /** The mark of a column whose value follows in binary form, which is not asked for. */
  static final byte BINARY = 'b';

  /** Our own mark, see {@link WideValues}: there is a value, and it was left out. */
  static final byte LEFT_OUT = '-';

  /** Seconds from 1970 to 2000, PostgreSQL's epoch. */
  private static final long EPOCH_SECONDS = 946_684_800L;

  private WalMessages() {}

  static int int32(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 24
        | (bytes[at + 1] & 0xFF) << 16
        | (bytes[at + 2] & 0xFF) << 8
        | (bytes[at + 3] & 0xFF);
  }

  /** A transaction's number or an object's: 32 bits without sign. */
  static long unsigned(ByteBuffer message) {
    return Integer.toUnsignedLong(message.getInt());
  }

  /** Microseconds since 2000. */
  static Instant instant(ByteBuffer message) {
    long micros = message.getLong();
    return Instant.ofEpochSecond(
        EPOCH_SECONDS + Math.floorDiv(micros, 1_000_000L),
        Math.floorMod(micros, 1_000_000L) * 1000L);
  }

  /** A string with its end. */
  static String string(ByteBuffer message) {
    int start = message.position();
    while (message.get() != 0) {
      // up to the end
    }
    return new String(
        array(message), start, message.position() - 1 - start, StandardCharsets.UTF_8);
  }

  /** The array that all of a block's messages are read from; positions are indexes into it. */
  static byte[] array(ByteBuffer message) {
    if (message.arrayOffset() != 0) {
      throw new IllegalArgumentException("a block starts where its array starts");
    }
    return message.array();
  }

  /**
   * Moves past a tuple.
   *
   * @return where each column's mark stands in the message's array
   */
  static int[] tuple(ByteBuffer message, int columns) {
    int count = message.getShort();
    if (count != columns) {
      throw new IllegalStateException(
          "a row of " + count + " columns for a table that has " + columns);
    }
    int[] starts = new int[count];
    for (int i = 0; i < count; i++) {
      starts[i] = message.position();
      byte mark = message.get();
      if (mark == TEXT || mark == BINARY) {
        int length = message.getInt();
        message.position(message.position() + length);
      }
    }
    return starts;
  }

  /** A RELATION message, from behind its type byte. */
  record RelationMessage(
      long oid, String schema, String name, char replicaIdentity, List<ColumnMessage> columns) {
    static RelationMessage read(ByteBuffer message) {
      long oid = unsigned(message);
      String schema = string(message);
      String name = string(message);
      char identity = (char) message.get();
      int count = message.getShort();
      List<ColumnMessage> columns = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        boolean key = (message.get() & 1) != 0;
        columns.add(new ColumnMessage(string(message), unsigned(message), message.getInt(), key));
      }
      return new RelationMessage(
          oid, schema.isEmpty() ? "pg_catalog" : schema, name, identity, columns);
    }

    /** The same from its type byte on, in a message that stays as it is. */
    static RelationMessage peek(ByteBuffer message) {
      byte[] bytes = new byte[message.remaining()];
      message.duplicate().get(bytes);
      return read(ByteBuffer.wrap(bytes, 1, bytes.length - 1));
    }

    TableId table() {
      return new TableId(schema, name);
    }

    /** The message in the form that {@link #read} reads. */
    byte[] bytes() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      try {
        out.writeInt((int) oid);
        write(out, schema);
        write(out, name);
        out.writeByte(replicaIdentity);
        out.writeShort(columns.size());
        for (ColumnMessage column : columns) {
          out.writeByte(column.key() ? 1 : 0);
          write(out, column.name());
          out.writeInt((int) column.type());
          out.writeInt(column.typmod());
        }
      } catch (IOException e) {
        throw new UncheckedIOException("writing to memory", e);
      }
      return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.writeByte(0);
    }
  }

  /** A column of a RELATION message; {@code key} says that it is part of the identity. */
  record ColumnMessage(String name, long type, int typmod, boolean key) {}
}
