package io.rowbell.postgres;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A run of pgoutput messages, each with its place in the log, in the order in which they came.
 *
 * <p>It travels through Debezium as the content of one logical message: Debezium carries it from
 * its reading thread to ours and never looks into it. Layout, repeated to the end: LSN (8 bytes),
 * length (4), the message from its type byte on.
 */
final class Block {
  /** The prefix of the logical message that a block travels in. */
  static final String PREFIX = "b";

  private static final int ENTRY_HEADER = 12;

  private Block() {}

  /**
   * Reads the entry at the buffer's position and moves past it.
   *
   * @return the message; its position and limit bound it within the block's own array
   */
  static ByteBuffer next(ByteBuffer block) {
    int length = block.getInt(block.position() + Long.BYTES);
    int start = block.position() + ENTRY_HEADER;
    ByteBuffer message = block.duplicate().position(start).limit(start + length);
    block.position(start + length);
    return message;
  }

  /** The LSN of the entry at the buffer's position; 0 for RELATION and TYPE. */
  static long lsn(ByteBuffer block) {
    return block.getLong(block.position());
  }

  /** Collects messages. Used by one thread. */
  static final class Writer {
    /** 'M', no flags, an LSN, the prefix with its end, the content's length. */
    private static final byte[] ENVELOPE =
        ByteBuffer.allocate(1 + 1 + 8 + 2 + 4)
            .put((byte) 'M')
            .put((byte) 0)
            .putLong(0)
            .put(PREFIX.getBytes(StandardCharsets.US_ASCII))
            .put((byte) 0)
            .putInt(0)
            .array();

    private static final int CONTENT_LENGTH_AT = ENVELOPE.length - Integer.BYTES;
    private static final int USUAL_BYTES = 64 * 1024;
    private static final int KEPT_BYTES = 2 * 1024 * 1024;

    private byte[] bytes = Arrays.copyOf(ENVELOPE, USUAL_BYTES);
    private int size = ENVELOPE.length;

    void add(long lsn, ByteBuffer message) {
      int length = message.remaining();
      int needed = Math.addExact(size, ENTRY_HEADER + length);
      if (needed > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(needed, (int) Math.min(bytes.length * 2L, 1 << 30)));
      }
      ByteBuffer.wrap(bytes, size, ENTRY_HEADER + length)
          .putLong(lsn)
          .putInt(length)
          .put(message.duplicate());
      size = needed;
    }

    boolean isEmpty() {
      return size == ENVELOPE.length;
    }

    /** The bytes of the messages collected. */
    int contentBytes() {
      return size - ENVELOPE.length;
    }

    /**
     * The logical message with what was collected, and an empty writer again.
     *
     * @return valid until the next {@link #add}
     */
    ByteBuffer take() {
      ByteBuffer message = ByteBuffer.wrap(bytes, 0, size);
      message.putInt(CONTENT_LENGTH_AT, contentBytes());
      if (bytes.length > KEPT_BYTES) {
        bytes = Arrays.copyOf(ENVELOPE, USUAL_BYTES);
      }
      size = ENVELOPE.length;
      return message;
    }
  }
}
