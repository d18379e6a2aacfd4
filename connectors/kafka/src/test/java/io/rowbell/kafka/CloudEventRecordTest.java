package io.rowbell.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.testkit.Samples;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CloudEventRecordTest {
  private final CloudEventRecord codec = new CloudEventRecord("shop");

  private static DomainEvent event(@Nullable String key, Map<String, String> extensions) {
    return new DomainEvent(
        Samples.id(1),
        "/shop/öffentlich.\"Aufträge\"",
        "AuftragBezahlt",
        3,
        key,
        Instant.parse("1999-12-31T23:59:59.999999999Z"),
        "t",
        extensions,
        EventData.ofJson("{\"a\" : 1.10}"));
  }

  private static ConsumerRecord<byte[], byte[]> arrived(ProducerRecord<byte[], byte[]> sent) {
    return new ConsumerRecord<>(
        sent.topic(),
        0,
        42,
        0,
        TimestampType.CREATE_TIME,
        0,
        0,
        sent.key(),
        sent.value(),
        sent.headers(),
        Optional.empty());
  }

  @Test
  void anEventComesBackAsItWas() {
    for (String key : new String[] {"é€😀", "", null}) {
      DomainEvent event = event(key, Map.of("missing", "a,b", "txid", "771"));
      assertThat(codec.decode(arrived(codec.encode(event, "t")))).contains(event);
    }
  }

  @Test
  void eventsWithoutAKeyShareTheFirstPartition() {
    assertThat(codec.encode(event(null, Map.of()), "t").partition()).isZero();
    assertThat(codec.encode(event("k", Map.of()), "t").partition()).isNull();
  }

  @Test
  void onlyThePipelinesOwnRecordsAreRead() {
    DomainEvent event = event("k", Map.of());
    assertThat(codec.decode(arrived(new CloudEventRecord("other").encode(event, "t")))).isEmpty();
    assertThat(codec.decode(arrived(new CloudEventRecord(null).encode(event, "t")))).isEmpty();
    assertThat(codec.decode(arrived(new ProducerRecord<>("t", "k".getBytes(UTF_8), null))))
        .isEmpty();
  }

  @Test
  void aRecordThatIsMarkedAsOursAndIsNoEventIsNamed() {
    ProducerRecord<byte[], byte[]> broken = codec.encode(event("k", Map.of()), "t");
    broken.headers().remove("ce_type");
    assertThatThrownBy(() -> codec.decode(arrived(broken)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("offset 42 of t-0")
        .hasMessageContaining("ce_type");
    ProducerRecord<byte[], byte[]> untimely = codec.encode(event("k", Map.of()), "t");
    untimely.headers().remove("ce_time").add("ce_time", "yesterday".getBytes(UTF_8));
    assertThatThrownBy(() -> codec.decode(arrived(untimely)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
