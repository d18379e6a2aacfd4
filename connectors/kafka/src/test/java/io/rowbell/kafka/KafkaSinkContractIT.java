package io.rowbell.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rowbell.model.DomainEvent;
import io.rowbell.model.EventData;
import io.rowbell.model.EventId;
import io.rowbell.spi.Sink;
import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.Samples;
import io.rowbell.testkit.SinkContract;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

class KafkaSinkContractIT extends SinkContract {
  private static KafkaBroker broker;

  private final String topic = "sink." + UUID.randomUUID();

  @BeforeAll
  static void startBroker() {
    broker = KafkaBroker.start();
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void makeTopic() throws Exception {
    try (Admin admin =
        Admin.create(
            Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()))) {
      admin.createTopics(List.of(new NewTopic(topic, 3, (short) 1))).all().get();
    }
  }

  private Sink open(String bootstrap, Duration timeout) {
    return new KafkaSinkFactory()
        .open(
            new KafkaSinkSettings(bootstrap, topic, 500, Compression.LZ4, timeout, null, Map.of()),
            Settings.pipeline("sink"));
  }

  @Override
  protected Sink open() {
    return open(broker.bootstrapServers(), Duration.ofSeconds(15));
  }

  @Override
  protected List<EventId> arrived() {
    return Records.committed(broker.bootstrapServers(), topic).stream()
        .map(record -> record.headers().lastHeader("ce_id").value())
        .map(id -> EventId.parse(new String(id, UTF_8)))
        .toList();
  }

  @Override
  protected Optional<Sink> openUnreachable() {
    return Optional.of(open("127.0.0.1:1", Duration.ofSeconds(1)));
  }

  @Override
  protected Optional<DomainEvent> unacceptable() {
    return Optional.of(
        Samples.event("Huge", "7", -1, EventData.ofJson("\"" + "x".repeat(9 << 20) + "\"")));
  }
}
