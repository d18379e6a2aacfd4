package io.rowbell.model;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Work that could not be done, kept so that nobody has to guess what is missing: a change a rule
 * could not evaluate, or an event a subscriber could not deliver.
 *
 * @param id the id of the event, or of the event the rule would have made
 * @param subscriber who could not deliver it, or null if a rule failed
 * @param rule the rule's name
 * @param topic the event's topic; for a failed rule, the table
 * @param key the key whose order it belongs to, or null
 * @param time when the change was committed
 * @param code the catalogue's code of the problem, for example {@code X401}
 * @param reason what went wrong, in one sentence
 * @param payload JSON: the event, or what is known of the change
 * @param delivery how a subscriber came to give it up; null if a rule failed
 */
public record DeadLetter(
    EventId id,
    @Nullable String subscriber,
    String rule,
    String topic,
    @Nullable String key,
    Instant time,
    String code,
    String reason,
    EventData payload,
    @Nullable Delivery delivery) {
  /** What every dead letter takes beside its texts. */
  private static final long BESIDE = 1_000;

  private static final EventData NOTHING = EventData.ofJson("{}");

  public DeadLetter {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(payload, "payload");
  }

  /** About how many bytes of the heap it takes: what bounds by memory count by. */
  public long heapBytes() {
    long characters = reason.length();
    characters += key == null ? 0 : key.length();
    return BESIDE + 2 * characters + payload.bytes().length;
  }

  /** The same with {@code {}} for its payload: what a list or a decision needs of it. */
  public DeadLetter withoutPayload() {
    return new DeadLetter(id, subscriber, rule, topic, key, time, code, reason, NOTHING, delivery);
  }

  /** Work that no subscriber has tried. */
  public DeadLetter(
      EventId id,
      @Nullable String subscriber,
      String rule,
      String topic,
      @Nullable String key,
      Instant time,
      String code,
      String reason,
      EventData payload) {
    this(id, subscriber, rule, topic, key, time, code, reason, payload, null);
  }

  /**
   * How a subscriber came to give an event up.
   *
   * @param partition where the event is in the journal
   * @param offset where in that: the events of one key are in this order
   * @param attempts how often it was tried; 0 if it only came after one that failed
   * @param first when it was tried first, or held back
   * @param last when it was tried last, or held back
   */
  public record Delivery(String partition, long offset, int attempts, Instant first, Instant last) {
    public Delivery {
      Objects.requireNonNull(partition, "partition");
      Objects.requireNonNull(first, "first");
      Objects.requireNonNull(last, "last");
    }
  }
}
