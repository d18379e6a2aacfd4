package io.rowbell.postgres;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.OffsetBackingStore;
import org.apache.kafka.connect.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's offset store, which stores nothing: the journal has the position. Every question is
 * answered with the durable position as both {@code lsn} and {@code lsn_commit}: with the first
 * alone the slot never moves, and with anything more Debezium searches and filters, and loses rows
 * (its WalPositionLocator). Made by Debezium.
 */
public final class DurablePosition implements OffsetBackingStore {
  /** The property that names the run. */
  static final String RUN = "rowbell.run";

  private @Nullable StreamTap tap;

  /** For Debezium, which makes it by reflection. */
  public DurablePosition() {}

  @Override
  public void configure(WorkerConfig config) {
    tap = StreamTap.of(config.originalsStrings().get(RUN));
  }

  @Override
  public void start() {}

  @Override
  public void stop() {}

  @Override
  public Future<Map<ByteBuffer, ByteBuffer>> get(Collection<ByteBuffer> keys) {
    if (tap == null) {
      throw new IllegalStateException("asked before configured");
    }
    long durable = tap.durable();
    byte[] answer =
        ("{\"lsn\":" + durable + ",\"lsn_commit\":" + durable + "}")
            .getBytes(StandardCharsets.US_ASCII);
    Map<ByteBuffer, ByteBuffer> answers = new HashMap<>();
    keys.forEach(key -> answers.put(key, ByteBuffer.wrap(answer)));
    return CompletableFuture.completedFuture(answers);
  }

  /** Does nothing: what Debezium believes to have processed is of no interest. */
  @Override
  public Future<Void> set(Map<ByteBuffer, ByteBuffer> values, Callback<Void> callback) {
    callback.onCompletion(null, null);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public Set<Map<String, Object>> connectorPartitions(String connectorName) {
    return Set.of();
  }
}
