package io.rowbell.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.model.DeadLetter;
import io.rowbell.model.DeadLetter.Delivery;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import io.rowbell.spi.JournalException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/** A dead letter as a Kafka record: its payload as the value, why and whose in the headers. */
final class DeadLetterRecord {
  private static final String PREFIX = "rowbell-";

  private static final String SETTLED = "settled";

  /** How a letter ceases to be one. */
  enum Outcome {
    DELIVERED,
    DROPPED
  }

  private DeadLetterRecord() {}

  /**
   * The record of a letter: without its payload if it would be too large with it.
   *
   * @param limit the largest record that the topic of the dead letters takes
   * @throws JournalException FATAL if it is too large even then
   */
  static ProducerRecord<byte[], byte[]> fitting(DeadLetter letter, Names names, long limit)
      throws JournalException {
    ProducerRecord<byte[], byte[]> whole = encode(letter, names);
    if (RecordSize.upperBound(whole) <= limit) {
      return whole;
    }
    ProducerRecord<byte[], byte[]> bare = encode(withItsLength(letter), names);
    long size = RecordSize.upperBound(bare);
    if (size <= limit) {
      return bare;
    }
    throw new JournalException(
        JournalException.Kind.FATAL,
        "the dead letter "
            + letter.id()
            + " ("
            + letter.code()
            + ") takes up to "
            + size
            + " bytes even without its payload, and the topic "
            + names.deadLetters()
            + " takes "
            + limit
            + ": raise its max.message.bytes",
        null);
  }

  private static ProducerRecord<byte[], byte[]> encode(DeadLetter letter, Names names) {
    List<Header> headers = new ArrayList<>();
    headers.add(header("id", letter.id().toString()));
    headers.add(header("pipeline", names.pipeline()));
    String subscriber = letter.subscriber();
    if (subscriber != null) {
      headers.add(header("subscriber", subscriber));
    }
    headers.add(header("rule", letter.rule()));
    headers.add(header("topic", letter.topic()));
    headers.add(header("time", letter.time().toString()));
    headers.add(header("code", letter.code()));
    headers.add(header("reason", letter.reason()));
    headers.add(new RecordHeader("content-type", "application/json".getBytes(UTF_8)));
    Delivery delivery = letter.delivery();
    if (delivery != null) {
      headers.add(header("partition", delivery.partition()));
      headers.add(header("offset", Long.toString(delivery.offset())));
      headers.add(header("attempts", Integer.toString(delivery.attempts())));
      headers.add(header("first", delivery.first().toString()));
      headers.add(header("last", delivery.last().toString()));
    }
    String key = letter.key();
    return new ProducerRecord<>(
        names.deadLetters(),
        key == null ? Integer.valueOf(0) : null,
        key == null ? null : key.getBytes(UTF_8),
        letter.payload().bytes(),
        headers);
  }

  /**
   * Says that a letter is one no more. It is in the letter's partition, behind it, and has no
   * payload.
   */
  static ProducerRecord<byte[], byte[]> settled(DeadLetter letter, Names names, Outcome outcome) {
    ProducerRecord<byte[], byte[]> record = encode(letter.withoutPayload(), names);
    record.headers().add(header(SETTLED, outcome.name().toLowerCase(Locale.ROOT)));
    return record;
  }

  /** Whether a record says that a letter is one no more. */
  static boolean isSettled(ConsumerRecord<byte[], byte[]> record) {
    return record.headers().lastHeader(PREFIX + SETTLED) != null;
  }

  /** The same letter, of whose payload only the length is left. */
  private static DeadLetter withItsLength(DeadLetter letter) {
    return new DeadLetter(
        letter.id(),
        letter.subscriber(),
        letter.rule(),
        letter.topic(),
        letter.key(),
        letter.time(),
        letter.code(),
        letter.reason() + " (its payload was too large for the dead letters as well)",
        EventData.ofJson("{\"payloadBytes\":" + letter.payload().bytes().length + "}"),
        letter.delivery());
  }

  /**
   * Reads a letter back.
   *
   * @throws IllegalArgumentException if the record is no dead letter
   */
  static DeadLetter decode(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> fields = new HashMap<>();
    for (Header header : record.headers()) {
      fields.put(header.key(), new String(header.value(), UTF_8));
    }
    byte[] key = record.key();
    byte[] payload = record.value();
    if (payload == null) {
      throw new IllegalArgumentException("it has no value");
    }
    try {
      return new DeadLetter(
          EventId.parse(field(fields, "id")),
          fields.get(PREFIX + "subscriber"),
          field(fields, "rule"),
          field(fields, "topic"),
          key == null ? null : new String(key, UTF_8),
          Instant.parse(field(fields, "time")),
          field(fields, "code"),
          field(fields, "reason"),
          EventData.ofJson(payload),
          delivery(fields));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static @Nullable Delivery delivery(Map<String, String> fields) {
    return fields.containsKey(PREFIX + "partition")
        ? new Delivery(
            field(fields, "partition"),
            Long.parseLong(field(fields, "offset")),
            Integer.parseInt(field(fields, "attempts")),
            Instant.parse(field(fields, "first")),
            Instant.parse(field(fields, "last")))
        : null;
  }

  private static String field(Map<String, String> fields, String name) {
    String value = fields.get(PREFIX + name);
    if (value == null) {
      throw new IllegalArgumentException("it has no header " + PREFIX + name);
    }
    return value;
  }

  private static Header header(String name, String value) {
    return new RecordHeader(PREFIX + name, value.getBytes(UTF_8));
  }
}
