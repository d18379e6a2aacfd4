package io.rowbell.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.Uuid;

/**
 * The topics that have this pipeline's events. Written by the journal before it sends the first
 * event to a topic, read by its subscribers. Safe for several threads.
 */
final class EventTopics {
  private final Map<String, EventTopic> topics = new HashMap<>();
  private int version;

  /**
   * A topic that has events.
   *
   * @param id Kafka's id: a topic that is deleted and made again has another
   * @param starts by partition, the first offset that this pipeline may have written; 0 where there
   *     is none
   */
  record EventTopic(Uuid id, Map<Integer, Long> starts) {
    EventTopic {
      starts = Map.copyOf(starts);
    }
  }

  EventTopics(Map<String, EventTopic> known) {
    topics.putAll(known);
  }

  /** Whether the topic is known by this very id. */
  synchronized boolean contains(String topic, Uuid id) {
    EventTopic known = topics.get(topic);
    return known != null && known.id.equals(id);
  }

  synchronized void add(String topic, EventTopic added) {
    topics.put(topic, added);
    version++;
    notifyAll();
  }

  /** Grows with each change: read it before {@link #all}. */
  synchronized int version() {
    return version;
  }

  /** Waits for a change, at most for {@code timeout}. */
  synchronized void awaitChange(int since, Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (version == since) {
      long millis = (deadline - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        return;
      }
      wait(millis);
    }
  }

  /** By name. */
  synchronized Map<String, EventTopic> all() {
    return Map.copyOf(topics);
  }
}
