package io.rowbell.postgres;

import io.rowbell.model.Requirements;
import io.rowbell.model.Requirements.OfTable;
import io.rowbell.postgres.WalMessages.ColumnMessage;
import io.rowbell.postgres.WalMessages.RelationMessage;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Leaves out of rows, before anything copies them, what takes much memory and what no rule reads:
 * values of {@value #WIDE_BYTES} bytes or more. {@link WalMessages#LEFT_OUT} stands in their place.
 *
 * <p>No value of a key is that wide: an index takes 2,704 bytes, and PostgreSQL's compression is
 * less than 300:1. So a row's key is always there, whatever the replica identity is. Used by one
 * thread.
 */
final class WideValues {
  /** From which size on a value is left out: smaller ones are not worth a look at every row. */
  static final int WIDE_BYTES = 1 << 20;

  private final Requirements requirements;
  private final Map<Long, boolean[]> read = new HashMap<>();

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
      announced(copy(message));
      return message;
    }
    boolean isRow =
        type == WalMessages.INSERT || type == WalMessages.UPDATE || type == WalMessages.DELETE;
    return isRow && message.remaining() > WIDE_BYTES ? narrowed(message) : message;
  }

  private static ByteBuffer copy(ByteBuffer message) {
    byte[] bytes = new byte[message.remaining()];
    message.duplicate().get(bytes);
    return ByteBuffer.wrap(bytes, 1, bytes.length - 1);
  }

  private void announced(ByteBuffer message) {
    RelationMessage relation = RelationMessage.read(message);
    OfTable needed = requirements.tables().get(relation.table());
    List<ColumnMessage> columns = relation.columns();
    boolean[] isRead = new boolean[columns.size()];
    for (int i = 0; i < isRead.length; i++) {
      String name = columns.get(i).name();
      isRead[i] =
          needed != null && (needed.columns().contains(name) || needed.oldColumns().contains(name));
    }
    read.put(relation.oid(), isRead);
  }

  private ByteBuffer narrowed(ByteBuffer message) {
    boolean[] isRead = read.get(Integer.toUnsignedLong(message.getInt(message.position() + 1)));
    if (isRead == null) {
      return message;
    }
    Narrowing narrowing = new Narrowing(message.duplicate(), isRead);
    int kept = narrowing.measure();
    return kept == message.remaining() ? message : narrowing.write(kept);
  }

  /** One row's message, gone through twice: what stays is counted, then copied. */
  private static final class Narrowing {
    /** The type, and the table's number. */
    private static final int HEAD = 1 + Integer.BYTES;

    private final ByteBuffer from;
    private final int start;
    private final boolean[] isRead;
    private ByteBuffer to = ByteBuffer.allocate(0);
    private boolean writing;
    private int kept;

    Narrowing(ByteBuffer from, boolean[] isRead) {
      this.from = from;
      this.start = from.position();
      this.isRead = isRead;
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
          column(i >= isRead.length || isRead[i]);
        }
      }
    }

    private void column(boolean needed) {
      byte mark = from.get(from.position());
      if (mark != WalMessages.TEXT && mark != WalMessages.BINARY) {
        keep(1);
        return;
      }
      int length = from.getInt(from.position() + 1);
      int all = 1 + Integer.BYTES + length;
      if (needed || length < WIDE_BYTES) {
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
