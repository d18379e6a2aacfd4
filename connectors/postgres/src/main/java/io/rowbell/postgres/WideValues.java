package io.rowbell.postgres;

import io.rowbell.model.Requirements;
import io.rowbell.model.Requirements.OfTable;
import io.rowbell.postgres.WalMessages.ColumnMessage;
import io.rowbell.postgres.WalMessages.RelationMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Leaves out of messages, before anything copies them, what takes much memory and what no rule
 * reads: values of {@value #WIDE_BYTES} bytes or more, {@link WalMessages#LEFT_OUT} standing in
 * their place; smaller ones, too, of a table that no rule listens to; and what logical messages say
 * that no rule listens to. The messages themselves stay, as they are counted.
 *
 * <p>Only columns are left out that the rules knew when they were compiled: one that was added or
 * renamed since may be read once they are compiled anew, and one of an older form of the table may
 * be read by a rule that takes the row as it is. No value of a key is that wide: an index takes
 * 2,704 bytes, and PostgreSQL's compression is less than 300:1. So a row's key is always there,
 * whatever the replica identity is. Used by one thread.
 */
final class WideValues {
  /** From which size on a value is left out: smaller ones are not worth a look at every row. */
  static final int WIDE_BYTES = 1 << 20;

  /** The same for rows that nobody reads, in a message that is large. */
  private static final int UNWANTED_BYTES = 1 << 10;

  private final Requirements requirements;
  private final Map<Long, LeastLeftOut> tables = new HashMap<>();

  /**
   * From how many bytes on a value is left out, for each column of a table.
   *
   * @param bytes {@link Integer#MAX_VALUE} where none is
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed or compared
  private record LeastLeftOut(int[] bytes) {
    boolean has(int column, int length) {
      return column < bytes.length && length >= bytes[column];
    }
  }

  /**
   * @param requirements which columns rules read
   */
  WideValues(Requirements requirements) {
    this.requirements = requirements;
  }

  /**
   * A message without what is left out; RELATION messages, which come before the rows they are
   * about, are only looked at.
   *
   * @return the message itself if nothing is
   */
  ByteBuffer leaveOut(ByteBuffer message) {
    byte type = message.get(message.position());
    if (type == WalMessages.RELATION) {
      announced(RelationMessage.peek(message));
      return message;
    }
    if (message.remaining() <= WIDE_BYTES) {
      return message;
    }
    return switch (type) {
      case WalMessages.INSERT, WalMessages.UPDATE, WalMessages.DELETE -> narrowed(message);
      case WalMessages.MESSAGE -> emptied(message);
      default -> message;
    };
  }

  private void announced(RelationMessage relation) {
    OfTable needed = requirements.tables().get(relation.table());
    List<ColumnMessage> columns = relation.columns();
    int[] least = new int[columns.size()];
    for (int i = 0; i < least.length; i++) {
      if (needed == null) {
        least[i] = UNWANTED_BYTES;
      } else {
        boolean unread = needed.unread().contains(columns.get(i).name());
        least[i] = unread ? WIDE_BYTES : Integer.MAX_VALUE;
      }
    }
    tables.put(relation.oid(), new LeastLeftOut(least));
  }

  private ByteBuffer narrowed(ByteBuffer message) {
    LeastLeftOut least = tables.get(Integer.toUnsignedLong(message.getInt(message.position() + 1)));
    if (least == null) {
      return message;
    }
    Narrowing narrowing = new Narrowing(message.duplicate(), least);
    int kept = narrowing.measure();
    return kept == message.remaining() ? message : narrowing.write(kept);
  }

  /** A logical message without its content, if nobody listens to it. */
  private ByteBuffer emptied(ByteBuffer message) {
    ByteBuffer from = message.slice();
    int start = 1 + 1 + Long.BYTES; // type, flags, LSN
    int end = start;
    while (from.get(end) != 0) {
      end++;
    }
    byte[] prefix = new byte[end - start];
    from.get(start, prefix);
    String name = new String(prefix, StandardCharsets.UTF_8);
    if (OwnMessage.isOwn(name) || requirements.messagePrefixes().contains(name)) {
      return message;
    }
    int head = end + 1;
    ByteBuffer to = ByteBuffer.allocate(head + Integer.BYTES);
    to.put(from.limit(head)).putInt(0);
    return to.flip();
  }

  /** One row's message, gone through twice: what stays is counted, then copied. */
  private static final class Narrowing {
    /** The type, and the table's number. */
    private static final int HEAD = 1 + Integer.BYTES;

    private final ByteBuffer from;
    private final int start;
    private final LeastLeftOut least;
    private ByteBuffer to = ByteBuffer.allocate(0);
    private boolean writing;
    private int kept;

    Narrowing(ByteBuffer from, LeastLeftOut least) {
      this.from = from;
      this.start = from.position();
      this.least = least;
    }

    int measure() {
      pass();
      return kept;
    }

    ByteBuffer write(int bytes) {
      to = ByteBuffer.allocate(bytes);
      writing = true;
      kept = 0;
      from.position(start);
      pass();
      return to.flip();
    }

    private void pass() {
      keep(HEAD);
      while (from.hasRemaining()) {
        keep(1 + Short.BYTES); // which tuple, and how many columns
        int columns = from.getShort(from.position() - Short.BYTES);
        for (int i = 0; i < columns; i++) {
          column(i);
        }
      }
    }

    private void column(int column) {
      byte mark = from.get(from.position());
      if (mark != WalMessages.TEXT && mark != WalMessages.BINARY) {
        keep(1);
        return;
      }
      int length = from.getInt(from.position() + 1);
      int all = 1 + Integer.BYTES + length;
      if (!least.has(column, length)) {
        keep(all);
        return;
      }
      from.position(from.position() + all);
      kept++;
      if (writing) {
        to.put(WalMessages.LEFT_OUT);
      }
    }

    private void keep(int bytes) {
      if (writing) {
        to.put(from.slice().limit(bytes));
      }
      from.position(from.position() + bytes);
      kept += bytes;
    }
  }
}
