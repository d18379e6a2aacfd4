package io.rowbell.kafka;

import io.rowbell.spi.Setting;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the Kafka sink.
 *
 * @param bootstrap brokers to start from
 * @param topic where every event goes; each event's own topic if left out
 * @param maxBatch how many events are taken at once
 * @param compression of record batches
 * @param timeout after which a delivery has failed
 * @param security how to connect; plain text if left out
 * @param client further properties of Kafka's clients
 */
public record KafkaSinkSettings(
    @Setting("Brokers to start from: host:port, separated by commas") String bootstrap,
    @Setting("The topic for all events; each event's own topic if left out") @Nullable String topic,
    @Setting(value = "How many events are sent at once", byDefault = "500") int maxBatch,
    @Setting(value = "How record batches are compressed", byDefault = "lz4")
        Compression compression,
    @Setting(value = "After how long a delivery has failed", byDefault = "30s") Duration timeout,
    @Setting("Encryption and login; plain text without it") @Nullable KafkaSecurity security,
    @Setting(
            value = "Further properties of Kafka's clients, by their own names: tuning only",
            byDefault = "{}")
        Map<String, String> client) {
  public KafkaSinkSettings {
    client = Map.copyOf(client);
  }
}
