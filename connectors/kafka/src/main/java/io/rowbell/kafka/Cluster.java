package io.rowbell.kafka;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which cluster, and how to reach it: what journal and sink have in common.
 *
 * @param bootstrap brokers to start from
 * @param security how to connect; plain text if null
 * @param timeout how long one step may take
 * @param tuning properties that the user may set
 * @param directory what relative paths are relative to
 */
record Cluster(
    String bootstrap,
    @Nullable KafkaSecurity security,
    Duration timeout,
    Map<String, String> tuning,
    Path directory) {

  static Cluster of(KafkaJournalSettings settings, Path directory) {
    return new Cluster(
        settings.bootstrap(),
        settings.security(),
        settings.timeout(),
        settings.client(),
        directory);
  }

  static Cluster of(KafkaSinkSettings settings, Path directory) {
    return new Cluster(
        settings.bootstrap(),
        settings.security(),
        settings.timeout(),
        settings.client(),
        directory);
  }
}
