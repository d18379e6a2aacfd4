package io.rowbell.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * A domain event as a Kafka record: CloudEvents 1.0, Kafka protocol binding, binary content mode.
 *
 * <p>The Kafka key is the event's key; the value is the data. One header more than the binding asks
 * for, {@code rowbell-pipeline}, tells the pipeline's own events from those that others write to
 * the same topic.
 */
final class CloudEventRecord {
  static final String PIPELINE = "rowbell-pipeline";
  private static final String PREFIX = "ce_";

  /** The version of the event's contract: an extension attribute. */
  private static final String DATA_VERSION = "dataversion";

  /** Attribute names that mean something already, so that no extension can have them. */
  static final Set<String> RESERVED =
      Set.of(
          "specversion",
          "id",
          "source",
          "type",
          "subject",
          "time",
          "datacontenttype",
          "dataschema",
          "data",
          DATA_VERSION);

  private static final Header SPEC_VERSION =
      new RecordHeader(PREFIX + "specversion", "1.0".getBytes(UTF_8));
  private static final Header CONTENT_TYPE =
      new RecordHeader("content-type", "application/json".getBytes(UTF_8));
  private static final Header FIRST_VERSION =
      new RecordHeader(PREFIX + DATA_VERSION, "1".getBytes(UTF_8));

  private final @Nullable Header pipeline;

  /**
   * @param pipeline whose events these are; null leaves the header out, and reads everybody's
   */
  CloudEventRecord(@Nullable String pipeline) {
    this.pipeline = pipeline == null ? null : new RecordHeader(PIPELINE, pipeline.getBytes(UTF_8));
  }

  /**
   * @param topic where it goes: usually the event's own topic
   */
  ProducerRecord<byte[], byte[]> encode(DomainEvent event, String topic) {
    List<Header> headers = new ArrayList<>(10 + event.extensions().size());
    headers.add(SPEC_VERSION);
    headers.add(header("id", event.id().toString()));
    headers.add(header("source", event.source()));
    headers.add(header("type", event.type()));
    String key = event.key();
    if (key != null && !key.isEmpty()) {
      headers.add(header("subject", key));
    }
    headers.add(header("time", event.time().toString()));
    headers.add(
        event.version() == 1
            ? FIRST_VERSION
            : header(DATA_VERSION, Integer.toString(event.version())));
    headers.add(CONTENT_TYPE);
    event.extensions().forEach((name, value) -> headers.add(header(name, value)));
    if (pipeline != null) {
      headers.add(pipeline);
    }
    // Events without a key keep their order too: they share the first partition.
    return new ProducerRecord<>(
        topic,
        key == null ? Integer.valueOf(0) : null,
        key == null ? null : key.getBytes(UTF_8),
        event.data().bytes(),
        headers);
  }

  private static Header header(String attribute, String value) {
    return new RecordHeader(PREFIX + attribute, value.getBytes(UTF_8));
  }

  /**
   * Reads a record back.
   *
   * @return empty if the record is not of this pipeline
   * @throws IllegalArgumentException if it is of this pipeline and is no event
   */
  Optional<DomainEvent> decode(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> attributes = new HashMap<>();
    boolean ours = pipeline == null;
    for (Header header : record.headers()) {
      String name = header.key();
      if (name.startsWith(PREFIX)) {
        attributes.put(name.substring(PREFIX.length()), new String(header.value(), UTF_8));
      } else if (pipeline != null && name.equals(PIPELINE)) {
        ours = Arrays.equals(header.value(), pipeline.value());
      }
    }
    if (!ours) {
      return Optional.empty();
    }
    try {
      EventId id = EventId.parse(take(attributes, "id"));
      String source = take(attributes, "source");
      String type = take(attributes, "type");
      Instant time = Instant.parse(take(attributes, "time"));
      int version = Integer.parseInt(take(attributes, DATA_VERSION));
      attributes.remove("specversion");
      attributes.remove("subject");
      byte[] value = record.value();
      if (value == null) {
        throw new IllegalArgumentException("it has no value");
      }
      return Optional.of(
          new DomainEvent(
              id,
              source,
              type,
              version,
              record.key() == null ? null : new String(record.key(), UTF_8),
              time,
              record.topic(),
              attributes,
              EventData.ofJson(value)));
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new IllegalArgumentException(
          "the record at offset "
              + record.offset()
              + " of "
              + record.topic()
              + "-"
              + record.partition()
              + " is marked as this pipeline's and is no event: "
              + e.getMessage(),
          e);
    }
  }

  private static String take(Map<String, String> attributes, String name) {
    String value = attributes.remove(name);
    if (value == null) {
      throw new IllegalArgumentException("it has no header " + PREFIX + name);
    }
    return value;
  }
}
