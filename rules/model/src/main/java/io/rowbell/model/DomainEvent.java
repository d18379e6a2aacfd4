package io.rowbell.model;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened, in the words of the domain: a CloudEvent 1.0.
 *
 * @param id the same for the same change, always: CloudEvents {@code id}
 * @param source which database and table it comes from: CloudEvents {@code source}
 * @param type its name, for example {@code OrderPlaced}: CloudEvents {@code type}
 * @param version the version of its contract, from 1
 * @param key what events are ordered by: CloudEvents {@code subject}, and the Kafka key; null if
 *     the rule has none
 * @param time when the transaction committed, see {@link Origin#commitTime}: CloudEvents {@code
 *     time}
 * @param topic where it belongs: a Kafka topic's name, and a grouping in every other journal
 * @param extensions CloudEvents extension attributes: names of lower-case letters and digits
 * @param data the payload
 */
public record DomainEvent(
    EventId id,
    String source,
    String type,
    int version,
    @Nullable String key,
    Instant time,
    String topic,
    Map<String, String> extensions,
    EventData data) {
  /** What every event takes beside its texts, with what whoever reads it notes of it. */
  private static final long BESIDE = 1_000;

  public DomainEvent {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(data, "data");
    extensions = Map.copyOf(extensions);
    if (version < 1) {
      throw new IllegalArgumentException("a version is 1 or more: " + version);
    }
  }

  /** About how many bytes of the heap it takes: what bounds by memory count by. */
  public long heapBytes() {
    long characters = key == null ? 0 : key.length();
    for (Map.Entry<String, String> extension : extensions.entrySet()) {
      characters += extension.getKey().length();
      characters += extension.getValue().length();
    }
    return BESIDE + 2 * characters + data.bytes().length;
  }
}
