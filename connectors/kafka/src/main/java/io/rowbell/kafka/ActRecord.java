package io.rowbell.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.spi.Act;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * What people did, in the subscribers' topic: {@code act/<subscriber>/<number>}, the number modulo
 * {@link #KEPT}, so that compaction leaves the last ones of each subscriber. Those on dead letters
 * of rules have no subscriber's name.
 *
 * @param number counts the acts of one subscriber
 */
record ActRecord(long number, Act act) {
  /** How many are kept of each subscriber. */
  static final long KEPT = 1_000;

  private static final String PREFIX = "act/";

  /** The number of a subscriber's next act. */
  static long next(@Nullable String subscriber, Map<String, byte[]> image) {
    String own = prefix(subscriber);
    return image.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(own))
        .mapToLong(entry -> decode(entry.getValue()).number + 1)
        .max()
        .orElse(0);
  }

  /** All that are kept, oldest first. */
  static List<Act> all(Map<String, byte[]> image) {
    List<ActRecord> records = new ArrayList<>();
    image.forEach(
        (key, value) -> {
          if (key.startsWith(PREFIX)) {
            records.add(decode(value));
          }
        });
    records.sort(
        Comparator.comparing((ActRecord record) -> record.act.at())
            .thenComparing(ActRecord::number));
    return records.stream().map(ActRecord::act).toList();
  }

  /** As it is written. */
  ProducerRecord<byte[], byte[]> encode(String topic) {
    String subscriber = act.subscriber();
    String value =
        String.join(
            " ",
            Long.toString(number),
            act.at().toString(),
            subscriber == null ? "-" : "=" + escape(subscriber),
            "=" + escape(act.who()),
            "=" + escape(act.what()),
            "=" + escape(act.reason()));
    String key = prefix(subscriber) + number % KEPT;
    return new ProducerRecord<>(topic, 0, key.getBytes(UTF_8), value.getBytes(UTF_8));
  }

  private static ActRecord decode(byte[] value) {
    String[] fields = new String(value, UTF_8).split(" ", -1);
    return new ActRecord(
        Long.parseLong(fields[0]),
        new Act(
            Instant.parse(fields[1]),
            text(fields[3]),
            fields[2].equals("-") ? null : text(fields[2]),
            text(fields[4]),
            text(fields[5])));
  }

  private static String text(String field) {
    return URLDecoder.decode(field.substring(1), UTF_8);
  }

  private static String prefix(@Nullable String subscriber) {
    return PREFIX + (subscriber == null ? "" : escape(subscriber)) + "/";
  }

  private static String escape(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
