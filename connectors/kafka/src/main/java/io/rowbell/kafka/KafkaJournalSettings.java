package io.rowbell.kafka;

import io.rowbell.spi.Setting;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the Kafka journal.
 *
 * @param bootstrap brokers to start from
 * @param createTopics whether missing topics are made
 * @param partitions of new event topics; 0 is the cluster's default
 * @param replicationFactor of new topics; 0 is the cluster's default
 * @param compression of record batches
 * @param timeout after which the cluster counts as unavailable
 * @param transactionTimeout after which the cluster gives up a transaction of ours
 * @param security how to connect; plain text if left out
 * @param client further properties of Kafka's clients
 */
public record KafkaJournalSettings(
    @Setting("Brokers to start from: host:port, separated by commas") String bootstrap,
    @Setting(
            value = "Whether missing topics are made; if not, a missing topic is a named error",
            byDefault = "true")
        boolean createTopics,
    @Setting(
            value = "Partitions of topics that are made for events; 0 leaves it to the cluster",
            byDefault = "0")
        int partitions,
    @Setting(
            value = "Replicas of topics that are made; 0 leaves it to the cluster",
            byDefault = "0")
        int replicationFactor,
    @Setting(value = "How record batches are compressed", byDefault = "lz4")
        Compression compression,
    @Setting(
            value = "How long one step may take before the cluster counts as unavailable",
            byDefault = "30s")
        Duration timeout,
    @Setting(
            value =
                "After how long the cluster aborts a transaction whose writer has gone silent;"
                    + " longer than timeout",
            byDefault = "60s")
        Duration transactionTimeout,
    @Setting("Encryption and login; plain text without it") @Nullable KafkaSecurity security,
    @Setting(
            value = "Further properties of Kafka's clients, by their own names: tuning only",
            byDefault = "{}")
        Map<String, String> client) {
  public KafkaJournalSettings {
    client = Map.copyOf(client);
  }
}
