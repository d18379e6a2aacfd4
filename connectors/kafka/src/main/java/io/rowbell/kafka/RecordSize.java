package io.rowbell.kafka;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/**
 * An upper bound of the bytes that a record takes, alone in a batch.
 *
 * <p>Before compression, so that whether an event is too large never depends on its neighbours;
 * with room for what compression adds where nothing can be compressed.
 */
final class RecordSize {
  /** A batch's header (61), a record's fixed fields (21), and frames of a compressor. */
  private static final int OVERHEAD = 61 + 21 + 128;

  /** A length written as a varint. */
  private static final int LENGTH = 5;

  private RecordSize() {}

  /**
   * How many bytes the value of a record without headers may have.
   *
   * @param limit of the record
   * @param key how many bytes its key has
   * @param most no more than this, whatever the limit is
   */
  static int largestValue(long limit, int key, int most) {
    // The upper bound adds one byte for each 512.
    long value = limit * 512 / 513 - 1 - OVERHEAD - 3L * LENGTH - key;
    return (int) Math.max(0, Math.min(most, value));
  }

  static long upperBound(ProducerRecord<byte[], byte[]> record) {
    long bytes = OVERHEAD + 3L * LENGTH;
    bytes += record.key() == null ? 0 : record.key().length;
    bytes += record.value() == null ? 0 : record.value().length;
    for (Header header : record.headers()) {
      // Header names are ASCII, except where an extension's is not: three bytes for each char.
      bytes += 2L * LENGTH + 3L * header.key().length() + header.value().length;
    }
    return bytes + bytes / 512;
  }
}
