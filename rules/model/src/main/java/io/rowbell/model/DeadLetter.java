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
    EventData payload) {
  public DeadLetter {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(payload, "payload");
  }
}
