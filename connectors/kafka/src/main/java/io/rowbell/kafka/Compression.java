package io.rowbell.kafka;

import java.util.Locale;

/** How record batches are compressed. */
public enum Compression {
  NONE,
  LZ4,
  ZSTD,
  SNAPPY,
  GZIP;

  String kafkaName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
