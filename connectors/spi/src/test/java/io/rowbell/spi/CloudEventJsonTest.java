package io.rowbell.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CloudEventJsonTest {
  private static final EventId ID = new EventId(new UUID(0x8000L, 0x8000_0000_0000_0001L));

  private static DomainEvent event(@Nullable String key, Map<String, String> extensions) {
    return new DomainEvent(
        ID,
        "/shop/öffentlich.\"Aufträge\"",
        "AuftragBezahlt",
        3,
        key,
        Instant.parse("1999-12-31T23:59:59.999999999Z"),
        "shop.events",
        extensions,
        EventData.ofJson("{\"a\" : 1.10}"));
  }

  @Test
  void theEnvelopeIsEscapedAndTheDataIsAsItWas() {
    assertThat(
            CloudEventJson.of(event("a\"b\\c\n\u0001", Map.of("z", "1", "missing", "m")))
                .toString())
        .isEqualTo(
            "{\"specversion\":\"1.0\",\"id\":\""
                + ID
                + "\",\"source\":\"/shop/öffentlich.\\\"Aufträge\\\"\",\"type\":\"AuftragBezahlt\","
                + "\"subject\":\"a\\\"b\\\\c\\u000a\\u0001\","
                + "\"time\":\"1999-12-31T23:59:59.999999999Z\","
                + "\"datacontenttype\":\"application/json\",\"dataversion\":\"3\","
                + "\"missing\":\"m\",\"z\":\"1\",\"data\":{\"a\" : 1.10}}");
  }

  @Test
  void anEventWithoutAKeyHasNoSubject() {
    assertThat(CloudEventJson.of(event(null, Map.of())).toString()).doesNotContain("subject");
    assertThat(CloudEventJson.of(event("", Map.of())).toString()).doesNotContain("subject");
  }
}
