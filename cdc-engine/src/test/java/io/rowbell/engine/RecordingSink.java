package io.rowbell.engine;

import io.rowbell.model.DomainEvent;
import io.rowbell.spi.RejectedEventException;
import io.rowbell.spi.RetryableException;
import io.rowbell.spi.Sink;
import io.rowbell.spi.SinkException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A destination in memory that can be told to fail. Notes every event that arrives, also in a call
 * that fails later.
 */
final class RecordingSink implements Sink {
  private final int maxBatch;
  private final List<String> arrived = new ArrayList<>();
  private final Map<String, Integer> failures = new HashMap<>();
  private final Set<String> rejected = new HashSet<>();

  RecordingSink(int maxBatch) {
    this.maxBatch = maxBatch;
  }

  /** The next {@code times} deliveries of an event of this type fail. */
  RecordingSink failing(String type, int times) {
    failures.put(type, times);
    return this;
  }

  /** Events of this type are never accepted. */
  RecordingSink rejecting(String type) {
    rejected.add(type);
    return this;
  }

  /** The types of the events that arrived, in order. */
  List<String> arrived() {
    return arrived;
  }

  @Override
  public int maxBatch() {
    return maxBatch;
  }

  @Override
  public void deliver(List<DomainEvent> events) throws SinkException {
    for (DomainEvent event : events) {
      if (rejected.contains(event.type())) {
        throw new RejectedEventException(event.id(), "never " + event.type(), null);
      }
      int left = failures.getOrDefault(event.type(), 0);
      if (left > 0) {
        failures.put(event.type(), left - 1);
        throw new RetryableException("not now: " + event.type(), null);
      }
      arrived.add(event.type());
    }
  }

  @Override
  public void close() {}
}
